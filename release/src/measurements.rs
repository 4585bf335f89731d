//! Noisy measurements by what they measured.

use std::collections::BTreeMap;

use crypto::day::Quarter;
use privacy::cell::Cell;

/// Noisy measurements: `(table, level, period, cell)` to the stored integer.
pub type Values = BTreeMap<(&'static str, &'static str, Quarter, Cell), i64>;

//! Refusals that were counted and not yet written down.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crypto::day::Day;

/// Refusals that may wait in memory; at most this many are lost when the power goes.
const MOST_WAITING: u64 = 32;

/// Counts by day and reason.
pub(crate) type Counts = HashMap<(Day, &'static str), u64>;

/// Refusals counted since they were last taken.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Counts>);

impl Refusals {
    /// Counts one; true when it is time to write them down.
    pub(crate) fn note(&self, day: Day, reason: &'static str) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting.entry((day, reason)).or_insert(0) += 1;
        waiting.values().sum::<u64>() >= MOST_WAITING
    }

    pub(crate) fn take(&self) -> Counts {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

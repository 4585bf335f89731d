//! Noisy measurements by what they measured.

use std::collections::BTreeMap;

use crypto::day::Quarter;
use privacy::catalogue::{MeasuredLevel, Plan};
use privacy::cell::Cell;

use super::error::EstimateError;

/// What one noisy integer measured: table, level, period, cell.
pub type Key = (&'static str, &'static str, Quarter, Cell);

/// The stored integers of some quarters, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measurements(BTreeMap<Key, i64>);

impl Measurements {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// What was measured of a cell of a plan's level in a quarter.
    ///
    /// # Errors
    /// [`EstimateError::Missing`] when it was not measured.
    pub fn get(
        &self,
        plan: &Plan,
        level: &str,
        quarter: Quarter,
        cell: Cell,
    ) -> Result<i64, EstimateError> {
        let found = self.0.get(&(plan.table.code, level, quarter, cell));
        found.copied().ok_or(EstimateError::Missing)
    }

    /// Takes one in; a later one of the same key stands.
    pub fn insert(&mut self, key: Key, value: i64) {
        self.0.insert(key, value);
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, i64)> {
        self.0.iter().map(|(key, value)| (key, *value))
    }
}

impl From<BTreeMap<Key, i64>> for Measurements {
    fn from(all: BTreeMap<Key, i64>) -> Self {
        Self(all)
    }
}

impl FromIterator<(Key, i64)> for Measurements {
    fn from_iter<I: IntoIterator<Item = (Key, i64)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl Extend<(Key, i64)> for Measurements {
    fn extend<I: IntoIterator<Item = (Key, i64)>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl IntoIterator for Measurements {
    type Item = (Key, i64);
    type IntoIter = std::collections::btree_map::IntoIter<Key, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The one level of a running total.
pub(crate) fn only(plan: &Plan) -> Result<&MeasuredLevel, EstimateError> {
    plan.levels.first().ok_or(EstimateError::Missing)
}

//! Exact counts, for as long as it takes to add noise to them.

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Quarter;
use privacy::catalogue::{Level, Plan};
use privacy::cell::{Cell, CityCode, Tab};
use store::{DbError, Tx, fetch_all};

const COUNT: &str = "SELECT cell, COUNT(*) FROM contribution WHERE period = $1 AND cell BETWEEN $2 AND $3 GROUP BY cell";

/// Exact counts of one quarter by cell as stored, cities placed. No `Debug`, no `Clone`: they leave by no door.
#[derive(Default)]
pub(super) struct Exact(BTreeMap<Cell, i64>);

impl Exact {
    /// Test support: such counts as a test wants them.
    #[cfg(test)]
    pub(super) const fn of(cells: BTreeMap<Cell, i64>) -> Self {
        Self(cells)
    }

    /// Counts one table's contributions; cities the quarter's tables do not show are counted as "other".
    pub(super) async fn read(
        tx: &mut Tx,
        period: Quarter,
        source: Tab,
        shown: &BTreeSet<CityCode>,
    ) -> Result<Self, DbError> {
        let (low, high) = Cell::range(source);
        let rows = fetch_all!(tx, (i64, i64), COUNT, i64::from(period.number()), low, high)?;
        let mut exact = Self::default();
        for (cell, count) in rows {
            let cell = Cell::parse(cell).map_err(|_| DbError::Corrupt)?;
            exact.add(cell, count, shown);
        }
        Ok(exact)
    }

    /// Adds people of a cell; a city that is not shown is counted as "other".
    pub(super) fn add(&mut self, cell: Cell, count: i64, shown: &BTreeSet<CityCode>) {
        let city = if shown.contains(&cell.city()) {
            cell.city()
        } else {
            CityCode::OTHER
        };
        let placed = Cell::new(cell.tab(), city, cell.service(), cell.group());
        *self.0.entry(placed.with_item(cell.item())).or_insert(0) += count;
    }

    /// The counts of one level.
    pub(super) fn level(&self, level: &Level) -> BTreeMap<Cell, i64> {
        let mut sums = BTreeMap::new();
        for (cell, count) in &self.0 {
            if let Some(counted) = level.cell_of(*cell) {
                *sums.entry(counted).or_insert(0) += count;
            }
        }
        sums
    }
}

/// One table's exact counts by quarter: the quarters that the release measures together.
pub(super) struct Counted {
    /// What is debited and measured.
    pub(super) plan: Plan,
    /// Its counts, in order.
    pub(super) quarters: Vec<(Quarter, Exact)>,
}

impl Counted {
    /// The sum of all its quarters.
    pub(super) fn level(&self, level: &Level) -> BTreeMap<Cell, i64> {
        let mut sums = BTreeMap::new();
        for (_, exact) in &self.quarters {
            for (cell, count) in exact.level(level) {
                *sums.entry(cell).or_insert(0) += count;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use privacy::catalogue::TABLES;
    use privacy::cell::GroupCode;

    #[test]
    fn levels_are_sums_of_what_is_stored() {
        let mut stored = BTreeMap::new();
        for city in 0..3 {
            for group in 1..=6 {
                let cell = Cell::new(
                    Tab::Active,
                    CityCode::new(city).unwrap(),
                    0,
                    GroupCode::new(group).ok(),
                );
                stored.insert(cell, i64::from(city) * 10 + i64::from(group));
            }
        }
        let exact = Exact(stored);
        let levels = TABLES[0].levels;
        assert_eq!(
            exact.level(&levels[0]).into_values().collect::<Vec<_>>(),
            [180 + 63]
        );
        assert_eq!(
            exact.level(&levels[1]).into_values().collect::<Vec<_>>(),
            [21, 81, 141]
        );
        assert_eq!(exact.level(&levels[2]).len(), 18);
    }

    #[test]
    fn services_are_summed_away() {
        let cell = |service| Cell::new(Tab::DropOut, CityCode::new(1).unwrap(), service, None);
        let exact = Exact([(cell(3), 4), (cell(9), 5)].into());
        let levels = TABLES[2].levels;
        assert_eq!(
            exact.level(&levels[0]).into_values().collect::<Vec<_>>(),
            [9]
        );
        assert_eq!(
            exact.level(&levels[1]).into_values().collect::<Vec<_>>(),
            [9]
        );
    }
}

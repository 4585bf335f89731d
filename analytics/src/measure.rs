//! Counting and noise: the only place where exact counts exist, for as long as it takes to add noise to them.
//!
//! One grouped count per table and quarter comes from the database; coarser levels are summed here. Exact counts live in a
//! private type without `Debug`, are never stored, logged, compared or returned, and are gone when the function returns.
//! Every cell of the catalogue is measured, also those that nobody is in.

mod revised;

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Quarter;
use privacy::catalogue::{
    BINS, Every, Level, MeasuredLevel, Mechanism, Plan, Shape, block_start, stream,
};
use privacy::cell::{Cell, CityCode, Tab};
use privacy::scope::{Scope, TableCity, year_until};
use privacy::toeplitz::{Toeplitz, ToeplitzError};
use store::{DbError, Store, Tx, fetch_all};
use thiserror::Error;

use crate::error::Error as RoleError;
use crate::noise::{self, NoiseError};
use release::measurements::{Key, Measurements};

pub use revised::again;
#[cfg(test)]
pub(crate) use revised::as_if_on_time;

const COUNT: &str = "SELECT cell, COUNT(*) FROM contribution WHERE period = $1 AND cell BETWEEN $2 AND $3 GROUP BY cell";

/// A quarter cannot be measured. The reservation stays spent; measuring again is safe, because nothing was stored.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The database's facts or histories cannot be read.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// No noise.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// A running total does not fit.
    #[error(transparent)]
    Toeplitz(#[from] ToeplitzError),
    /// The service is stopping.
    #[error("the service is stopping: close the period again")]
    Stopping,
}

/// Exact counts of one quarter by cell as stored, cities placed. No `Debug`, no `Clone`: they leave by no door.
struct Exact(BTreeMap<Cell, i64>);

impl Exact {
    /// Counts one table's contributions; cities the quarter's tables do not show are counted as "other".
    async fn read(
        tx: &mut Tx,
        period: Quarter,
        source: Tab,
        shown: &BTreeSet<CityCode>,
    ) -> Result<Self, DbError> {
        let (low, high) = Cell::range(source);
        let rows = fetch_all!(tx, (i64, i64), COUNT, i64::from(period.number()), low, high)?;
        let mut exact = Self(BTreeMap::new());
        for (cell, count) in rows {
            let cell = Cell::parse(cell).map_err(|_| DbError::Corrupt)?;
            exact.add(cell, count, shown);
        }
        Ok(exact)
    }

    fn add(&mut self, cell: Cell, count: i64, shown: &BTreeSet<CityCode>) {
        let city = if shown.contains(&cell.city()) {
            cell.city()
        } else {
            CityCode::OTHER
        };
        let placed = Cell::new(cell.tab(), city, cell.service(), cell.group());
        *self.0.entry(placed.with_item(cell.item())).or_insert(0) += count;
    }

    /// The counts of one level.
    fn level(&self, level: &Level) -> BTreeMap<Cell, i64> {
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
struct Counted {
    plan: Plan,
    quarters: Vec<(Quarter, Exact)>,
}

impl Counted {
    /// The sum of all its quarters.
    fn level(&self, level: &Level) -> BTreeMap<Cell, i64> {
        let mut sums = BTreeMap::new();
        for (_, exact) in &self.quarters {
            for (cell, count) in exact.level(level) {
                *sums.entry(cell).or_insert(0) += count;
            }
        }
        sums
    }
}

/// Counts the given tables and returns noisy measurements of the quarter, nothing else.
///
/// # Errors
/// [`MeasureError`] when the database or the source of randomness fails.
pub async fn measure(
    store: &Store,
    plans: &[Plan],
    scope: &Scope,
) -> Result<Measurements, MeasureError> {
    let shown: BTreeSet<CityCode> = scope.codes().into_iter().collect();
    let mut tx = store.read().await?;
    let mut tables = Vec::new();
    for plan in plans {
        let mut quarters = Vec::new();
        for quarter in quarters_of(plan, scope) {
            quarters.push((
                quarter,
                Exact::read(&mut tx, quarter, plan.table.source, &shown).await?,
            ));
        }
        tables.push(Counted {
            plan: plan.clone(),
            quarters,
        });
    }
    drop(tx);
    let scope = scope.clone();
    // The time of a draw depends on its size: away from the threads that answer requests.
    let drawn = tokio::task::spawn_blocking(move || draw_all(&tables, &scope)).await;
    drawn.map_err(|_| MeasureError::Stopping)?
}

fn quarters_of(plan: &Plan, scope: &Scope) -> Vec<Quarter> {
    match (plan.table.mechanism, plan.table.every) {
        (Mechanism::RunningTotal, _) => {
            let first = block_start(scope.period, scope.start);
            let quarters = std::iter::successors(Some(first), |quarter| Some(quarter.next()));
            quarters
                .take_while(|quarter| *quarter <= scope.period)
                .collect()
        }
        // What is booked in the first quarters of a year before the series began is not released: the caps are by year.
        (_, Every::Year) => year_until(scope.period)
            .into_iter()
            .filter(|quarter| *quarter >= scope.start)
            .collect(),
        (_, Every::Quarter) => vec![scope.period],
    }
}

fn draw_all(tables: &[Counted], scope: &Scope) -> Result<Measurements, MeasureError> {
    let mut values = Measurements::new();
    for counted in tables {
        for level in &counted.plan.levels {
            match (counted.plan.table.mechanism, level.level.shape) {
                (Mechanism::RunningTotal, _) => {
                    running_total(counted, level, scope, &mut values)?;
                }
                (_, Shape::Counts) => independent(counted, level, scope, &mut values)?,
                (_, Shape::Course) => courses(counted, level, scope, &mut values)?,
            }
        }
    }
    Ok(values)
}

fn independent(
    counted: &Counted,
    level: &MeasuredLevel,
    scope: &Scope,
    values: &mut Measurements,
) -> Result<(), MeasureError> {
    let table = counted.plan.table;
    let exact = counted.level(level.level);
    for cell in level.level.cells(table.source, scope) {
        let count = i128::from(exact.get(&cell).copied().unwrap_or(0));
        let key = (table.code, level.level.code, scope.period, cell);
        values.insert(key, noisy(count, level)?);
    }
    Ok(())
}

/// Courses: the bins of one way to leave are consecutive cells, and each bin is measured with all before it.
fn courses(
    counted: &Counted,
    level: &MeasuredLevel,
    scope: &Scope,
    values: &mut Measurements,
) -> Result<(), MeasureError> {
    let table = counted.plan.table;
    let toeplitz = Toeplitz::new(u32::from(BINS))?;
    let exact = counted.level(level.level);
    let cells = level.level.cells(table.source, scope);
    for course in cells.chunks(usize::from(BINS)) {
        let counts: Vec<i64> = course
            .iter()
            .map(|cell| exact.get(cell).copied().unwrap_or(0))
            .collect();
        for (cell, until) in course.iter().zip(1..) {
            let moved = toeplitz.combine(&counts[..until])?;
            let key = (table.code, level.level.code, scope.period, *cell);
            values.insert(key, noisy(moved, level)?);
        }
    }
    Ok(())
}

fn running_total(
    counted: &Counted,
    level: &MeasuredLevel,
    scope: &Scope,
    values: &mut Measurements,
) -> Result<(), MeasureError> {
    let toeplitz = Toeplitz::new(privacy::catalogue::HORIZON)?;
    let exact: BTreeMap<Quarter, BTreeMap<Cell, i64>> = counted
        .quarters
        .iter()
        .map(|(quarter, exact)| (*quarter, exact.level(level.level)))
        .collect();
    for city in &scope.cities {
        let (key, counts) = stream_of(counted, level, scope, city, &exact);
        values.insert(key, noisy(toeplitz.combine(&counts)?, level)?);
    }
    Ok(())
}

/// A city's counts in the quarters of its stream.
fn stream_of(
    counted: &Counted,
    level: &MeasuredLevel,
    scope: &Scope,
    city: &TableCity,
    exact: &BTreeMap<Quarter, BTreeMap<Cell, i64>>,
) -> (Key, Vec<i64>) {
    let table = counted.plan.table;
    let cell = Cell::new(table.source, city.code, 0, None);
    let count = |quarter: &Quarter| {
        let cells = exact.get(quarter);
        cells
            .and_then(|cells| cells.get(&cell))
            .copied()
            .unwrap_or(0)
    };
    let counts = stream(scope.period, scope.start, city)
        .iter()
        .map(count)
        .collect();
    ((table.code, level.level.code, scope.period, cell), counts)
}

/// The count with noise, stopped at the ends of 64 bits (after the noise, so nothing is revealed by it).
fn noisy(count: i128, level: &MeasuredLevel) -> Result<i64, NoiseError> {
    let sum = count.saturating_add(noise::discrete_gaussian(level.sigma)?);
    Ok(i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod noise_tests;
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

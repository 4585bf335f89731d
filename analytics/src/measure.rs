//! Counting and noise: the only place where exact counts exist, for as long as it takes to add noise to them.
//!
//! One grouped count per table and quarter comes from the database; coarser levels are summed here. Exact counts live in a
//! private type without `Debug`, are never stored, logged, compared or returned, and are gone when the function returns.
//! Every cell of the catalogue is measured, also those that nobody is in.

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Quarter;
use store::{DbError, Store, Tx, on};
use thiserror::Error;

use crate::catalogue::{HORIZON, Level, MeasuredLevel, Mechanism, Plan};
use crate::contribution::{Cell, CityCode, Tab};
use crate::estimate::{City, Values, stream};
use crate::noise::{self, NoiseError};
use crate::release::Facts;
use crate::toeplitz::{Toeplitz, ToeplitzError};

const COUNT: &str = "SELECT cell, COUNT(*) FROM contribution WHERE period = $1 AND cell BETWEEN $2 AND $3 GROUP BY cell";

/// A quarter cannot be measured. The reservation stays spent; measuring again is safe, because nothing was stored.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
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

/// Exact counts of one quarter by cell as stored, slots merged and cities placed. No `Debug`, no `Clone`: they leave by no door.
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
        let rows: Vec<(i64, i64)> = on!(tx, |t| sqlx::query_as(COUNT)
            .bind(i64::from(period.number()))
            .bind(low)
            .bind(high)
            .fetch_all(&mut **t)
            .await)?;
        let mut counts = BTreeMap::new();
        for (cell, count) in rows {
            let cell = Cell::parse(cell).map_err(|_| DbError::Corrupt)?;
            let city = if shown.contains(&cell.city()) {
                cell.city()
            } else {
                CityCode::OTHER
            };
            *counts
                .entry(Cell::new(source, city, cell.service(), cell.group()))
                .or_insert(0) += count;
        }
        Ok(Self(counts))
    }

    /// The counts of one level.
    fn level(&self, level: &Level) -> BTreeMap<Cell, i64> {
        let mut sums = BTreeMap::new();
        for (cell, count) in &self.0 {
            *sums.entry(level.cell_of(*cell)).or_insert(0) += count;
        }
        sums
    }
}

/// One table's exact counts: of the quarter, or of every quarter of the current block.
struct Counted {
    plan: Plan,
    quarters: Vec<(Quarter, Exact)>,
}

/// Counts every table of the catalogue and returns noisy measurements of the quarter, nothing else.
///
/// # Errors
/// [`MeasureError`] when the database or the source of randomness fails.
pub async fn measure(store: &Store, plans: &[Plan], facts: &Facts) -> Result<Values, MeasureError> {
    let shown: BTreeSet<CityCode> = facts.cities.iter().map(|city| city.code).collect();
    let mut tx = store.read().await?;
    let mut tables = Vec::new();
    for plan in plans {
        let mut quarters = Vec::new();
        for quarter in quarters_of(plan, facts) {
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
    let (period, start, cities) = (facts.period, facts.start, facts.cities.clone());
    // The time of a draw depends on its size: away from the threads that answer requests.
    let drawn =
        tokio::task::spawn_blocking(move || draw_all(&tables, period, start, &cities)).await;
    drawn.map_err(|_| MeasureError::Stopping)?
}

fn quarters_of(plan: &Plan, facts: &Facts) -> Vec<Quarter> {
    match plan.table.mechanism {
        Mechanism::Independent => vec![facts.period],
        Mechanism::RunningTotal => {
            let first = crate::estimate::block_start(facts.period, facts.start);
            let quarters = std::iter::successors(Some(first), |quarter| Some(quarter.next()));
            quarters
                .take_while(|quarter| *quarter <= facts.period)
                .take(HORIZON as usize)
                .collect()
        }
    }
}

fn draw_all(
    tables: &[Counted],
    period: Quarter,
    start: Quarter,
    cities: &[City],
) -> Result<Values, MeasureError> {
    let mut values = Values::new();
    for counted in tables {
        for level in &counted.plan.levels {
            match counted.plan.table.mechanism {
                Mechanism::Independent => {
                    independent(counted, level, period, cities, &mut values)?;
                }
                Mechanism::RunningTotal => {
                    running_total(counted, level, period, start, cities, &mut values)?;
                }
            }
        }
    }
    Ok(values)
}

fn independent(
    counted: &Counted,
    level: &MeasuredLevel,
    period: Quarter,
    cities: &[City],
    values: &mut Values,
) -> Result<(), MeasureError> {
    let table = counted.plan.table;
    let codes: Vec<CityCode> = cities.iter().map(|city| city.code).collect();
    let exact = counted
        .quarters
        .first()
        .map(|(_, exact)| exact.level(level.level))
        .unwrap_or_default();
    for cell in level.level.cells(table.source, &codes) {
        let count = i128::from(exact.get(&cell).copied().unwrap_or(0));
        values.insert(
            (table.code, level.level.code, period, cell),
            noisy(count, level)?,
        );
    }
    Ok(())
}

fn running_total(
    counted: &Counted,
    level: &MeasuredLevel,
    period: Quarter,
    start: Quarter,
    cities: &[City],
    values: &mut Values,
) -> Result<(), MeasureError> {
    let table = counted.plan.table;
    let toeplitz = Toeplitz::new(HORIZON)?;
    let exact: BTreeMap<Quarter, BTreeMap<Cell, i64>> = counted
        .quarters
        .iter()
        .map(|(quarter, exact)| (*quarter, exact.level(level.level)))
        .collect();
    for city in cities {
        let cell = Cell::new(table.source, city.code, 0, None);
        let count = |quarter: &Quarter| {
            exact
                .get(quarter)
                .and_then(|cells| cells.get(&cell))
                .copied()
                .unwrap_or(0)
        };
        let counts: Vec<i64> = stream(period, start, city).iter().map(count).collect();
        values.insert(
            (table.code, level.level.code, period, cell),
            noisy(toeplitz.combine(&counts)?, level)?,
        );
    }
    Ok(())
}

/// The count with noise, stopped at the ends of 64 bits (after the noise, so nothing is revealed by it).
fn noisy(count: i128, level: &MeasuredLevel) -> Result<i64, NoiseError> {
    let sum = count.saturating_add(noise::discrete_gaussian(level.sigma)?);
    Ok(i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::catalogue::TABLES;
    use crate::contribution::GroupCode;

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
        let levels = TABLES[1].levels;
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

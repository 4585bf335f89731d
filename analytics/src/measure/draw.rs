//! Noise for exact counts: each cell of each level its own, whether anybody is in it or not.

use std::collections::BTreeMap;

use crypto::day::Quarter;
use privacy::catalogue::{BINS, MeasuredLevel, Mechanism, Shape, stream};
use privacy::cell::Cell;
use privacy::scope::{Scope, TableCity};
use privacy::toeplitz::Toeplitz;
use release::measurements::{Key, Measurements};

use super::error::MeasureError;
use super::exact::Counted;
use super::noise::{self, NoiseError};

/// Noisy measurements of every cell of every level of the given tables.
///
/// # Errors
/// [`MeasureError::Noise`], [`MeasureError::Toeplitz`].
pub(super) fn draw_all(tables: &[Counted], scope: &Scope) -> Result<Measurements, MeasureError> {
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
mod tests;

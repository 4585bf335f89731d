//! Running totals over the quarters of a series, by city.

use crypto::day::Quarter;
use privacy::catalogue::{HORIZON, Plan, block_start, plan, stream};
use privacy::cell::Cell;
use privacy::scope::{Scope, TableCity};
use privacy::toeplitz::{Toeplitz, ToeplitzError};

use crate::decimal::Decimal;
use crate::error::EstimateError;
use crate::measurements::{Measurements, only};
use crate::published::{Published, Series, derived, square};

/// A numerator over 16^(T-1), and its variance in counts squared.
#[derive(Clone, Copy, Default)]
struct Number {
    numerator: i128,
    variance: f64,
}

/// A city's two numbers.
#[derive(Clone, Copy, Default)]
struct Running {
    new: Number,
    cumulative: Number,
}

/// One city's measured quarters of one block, oldest first, with the variance of each in counts squared.
struct Block {
    values: Vec<i64>,
    variances: Vec<f64>,
}

/// Every number of a running total.
pub(super) fn running_total(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Published>, EstimateError> {
    let toeplitz = Toeplitz::new(HORIZON)?;
    let level = only(plan)?.level.code;
    let mut rows = Vec::new();
    for city in &scope.cities {
        let cell = Cell::new(plan.table.source, city.code, 0, None);
        rows.push((cell, city_running(plan, &toeplitz, scope, city, values)?));
    }
    let bits = 2 * toeplitz.scale_bits();
    let mut found = Vec::new();
    for series in [Series::New, Series::Cumulative] {
        let numbers = rows.iter().map(|(cell, row)| {
            let number = if series == Series::New {
                row.new
            } else {
                row.cumulative
            };
            let estimate = Decimal::of_dyadic(number.numerator, bits);
            (*cell, estimate, number.variance)
        });
        publish(series, level, &numbers.collect::<Vec<_>>(), &mut found);
    }
    Ok(found)
}

/// The whole programme, which was not measured itself and is the sum of its cities, then the cities.
fn publish(
    series: Series,
    level: &'static str,
    numbers: &[(Cell, Decimal, f64)],
    found: &mut Vec<Published>,
) {
    let Some((first, _, _)) = numbers.first() else {
        return;
    };
    let parts: Vec<(Decimal, f64)> = numbers.iter().map(|one| (one.1, one.2)).collect();
    found.push(derived(series, *first, &parts));
    found.extend(numbers.iter().map(|(cell, estimate, variance)| Published {
        series,
        level,
        cell: *cell,
        measured: None,
        estimate: *estimate,
        sd: variance.sqrt(),
        shown: None,
    }));
}

fn city_running(
    plan: &Plan,
    toeplitz: &Toeplitz,
    scope: &Scope,
    city: &TableCity,
    values: &Measurements,
) -> Result<Running, EstimateError> {
    let mut ends = vec![scope.period];
    let mut block = block_start(scope.period, scope.start);
    while block > scope.start && block > city.from {
        ends.push(block.previous());
        block = block_start(block.previous(), scope.start);
    }
    let mut running = Running::default();
    for (index, end) in ends.into_iter().enumerate() {
        let measured = measured(plan, toeplitz, end, scope, city, values)?;
        let total = Number {
            numerator: toeplitz.running_total(&measured.values)?,
            variance: toeplitz.running_total_variance_of(&measured.variances),
        };
        let sum = &mut running.cumulative;
        sum.numerator = sum
            .numerator
            .checked_add(total.numerator)
            .ok_or(ToeplitzError)?;
        sum.variance += total.variance;
        if index == 0 {
            running.new = Number {
                numerator: toeplitz.increment(&measured.values)?,
                variance: toeplitz.increment_variance_of(&measured.variances),
            };
        }
    }
    Ok(running)
}

fn measured(
    this: &Plan,
    toeplitz: &Toeplitz,
    end: Quarter,
    scope: &Scope,
    city: &TableCity,
    values: &Measurements,
) -> Result<Block, EstimateError> {
    let level = only(this)?.level.code;
    let cell = Cell::new(this.table.source, city.code, 0, None);
    let mut block = Block {
        values: Vec::new(),
        variances: Vec::new(),
    };
    for quarter in stream(end, scope.start, city) {
        block.values.push(values.get(this, level, quarter, cell)?);
        // Another year may have had another budget, and so another scale.
        let then = plan(this.table, scope.budgets.at(quarter.year()))?;
        let unit = only(&then)?.sigma.value() / toeplitz.scale() as f64;
        block.variances.push(square(unit));
    }
    Ok(block)
}

//! Test support: the public facts of made-up programmes, and measurements without a database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::too_many_lines,
    reason = "the three ways to measure beside each other"
)]

use crypto::day::Quarter;

use crate::budget::Budget;
use crate::catalogue::{BINS, HORIZON, Mechanism, Plan, Shape};
use crate::cell::{Cell, CityCode};
use crate::estimate::{Values, stream};
use crate::indicators::Indicators;
use crate::scope::{Budgets, City, Scope, Service};
use crate::toeplitz::Toeplitz;

/// "other" and so many cities, the shipped services, a series that began in 2026Q1.
pub(crate) fn scope(period: &str, cities: u16, budget: Budget) -> Scope {
    let start: Quarter = "2026Q1".parse().unwrap();
    let city = |number: u16| City {
        code: CityCode::new(number).unwrap(),
        name: ["other", "medan", "bandung", "pontianak", "makassar"]
            .get(usize::from(number))
            .map_or_else(|| format!("city-{number}"), |name| (*name).to_owned()),
        from: start,
    };
    let shipped = Indicators::shipped().unwrap();
    let mut services: Vec<Service> = shipped
        .services()
        .iter()
        .map(|one| Service {
            code: one.number.number(),
            service: one.code.to_string(),
            name: one.name.clone(),
            cohort: one.rule.is_mature(),
        })
        .collect();
    services.sort_unstable_by_key(|one| one.code);
    Scope {
        period: period.parse().unwrap(),
        start,
        cities: (0..=cities).map(city).collect(),
        services,
        budgets: Budgets::one(start.year(), budget),
        off: Vec::new(),
    }
}

/// What measuring would store without any noise, for counts by leaf cell; `count` is asked for every quarter and stored cell.
pub(crate) fn exact(
    plan: &Plan,
    scope: &Scope,
    leaves: &[Cell],
    count: impl Fn(Quarter, Cell) -> i64,
) -> Values {
    let mut values = Values::new();
    for level in plan.levels.iter().map(|measured| measured.level) {
        let sum = |quarter: Quarter, cell: Cell| -> i64 {
            let counted = leaves
                .iter()
                .filter(|leaf| level.cell_of(**leaf) == Some(cell));
            counted.map(|leaf| count(quarter, *leaf)).sum()
        };
        let cells = level.cells(plan.table.source, scope);
        let key = |quarter, cell| (plan.table.code, level.code, quarter, cell);
        match (plan.table.mechanism, level.shape) {
            (Mechanism::RunningTotal, _) => {
                let toeplitz = Toeplitz::new(HORIZON).unwrap();
                for (city, cell) in scope.cities.iter().zip(cells) {
                    let mut quarter = scope.start.max(city.from);
                    while quarter <= scope.period {
                        let counts: Vec<i64> = stream(quarter, scope.start, city)
                            .into_iter()
                            .map(|one| sum(one, cell))
                            .collect();
                        let value = toeplitz.combine(&counts).unwrap();
                        values.insert(key(quarter, cell), i64::try_from(value).unwrap());
                        quarter = quarter.next();
                    }
                }
            }
            (_, Shape::Course) => {
                let toeplitz = Toeplitz::new(u32::from(BINS)).unwrap();
                for course in cells.chunks(usize::from(BINS)) {
                    let counts: Vec<i64> =
                        course.iter().map(|cell| sum(scope.period, *cell)).collect();
                    for (cell, until) in course.iter().zip(1..) {
                        let value = toeplitz.combine(&counts[..until]).unwrap();
                        values.insert(key(scope.period, *cell), i64::try_from(value).unwrap());
                    }
                }
            }
            (_, Shape::Counts) => {
                for cell in cells {
                    values.insert(key(scope.period, cell), sum(scope.period, cell));
                }
            }
        }
    }
    values
}

/// The cells in which a table's contributions are stored.
pub(crate) fn leaves(plan: &Plan, scope: &Scope) -> Vec<Cell> {
    let finest = plan
        .levels
        .iter()
        .rev()
        .find(|one| one.level.shape == Shape::Counts);
    let cells = finest.unwrap().level.cells(plan.table.source, scope);
    if plan.table.mechanism != Mechanism::Cohort {
        return cells;
    }
    let bins = |cell: Cell| {
        let ended = cell.item() != 0;
        let bins = if ended { 1..=BINS } else { 0..=0 };
        bins.map(move |bin| cell.with_item(cell.item() | bin))
    };
    cells.into_iter().flat_map(bins).collect()
}

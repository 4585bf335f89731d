//! Test support: the public facts of made-up programmes, and measurements without a database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::too_many_lines,
    reason = "the three ways to measure beside each other"
)]

use std::collections::BTreeMap;

use crypto::day::Quarter;

use crate::budget::Budget;
use crate::catalogue::{BINS, HORIZON, Mechanism, Plan, Shape, stream};
use crate::cell::{Cell, CityCode};
use crate::scope::{Budgets, Scope, TableCity, TableService};
use crate::toeplitz::Toeplitz;

/// Code, name, and whether a cohort of it is mature: the services that are shipped.
pub const SERVICES: [(&str, &str, bool); 20] = [
    ("nsp", "needles and syringes", true),
    ("oat-methadone", "opioid agonist therapy: methadone", true),
    (
        "oat-buprenorphine",
        "opioid agonist therapy: buprenorphine",
        true,
    ),
    ("hts", "HIV testing", false),
    ("art", "HIV treatment", true),
    ("sti", "sexually transmitted infections", true),
    ("condoms", "condoms", false),
    ("iec", "information and education", false),
    ("hbv", "hepatitis B", true),
    ("hcv", "hepatitis C", true),
    ("tb", "tuberculosis", true),
    ("naloxone", "naloxone", false),
    ("prep", "pre-exposure prophylaxis", true),
    ("mental-health", "mental health", true),
    ("behavioural", "behavioural services", true),
    ("support-group", "support group", true),
    ("legal", "legal help", true),
    ("social", "social help", true),
    ("outreach", "peer outreach", true),
    ("other", "services that the programme does not know", true),
];

/// Measurements: `(table, level, period, cell)` to the integer that would be stored.
pub type Measured = BTreeMap<(&'static str, &'static str, Quarter, Cell), i64>;

/// "other" and so many cities, the shipped services, a series that began in 2026Q1.
pub fn scope(period: &str, cities: u16, budget: Budget) -> Scope {
    let start: Quarter = "2026Q1".parse().unwrap();
    let city = |number: u16| TableCity {
        code: CityCode::new(number).unwrap(),
        name: ["other", "medan", "bandung", "pontianak", "makassar"]
            .get(usize::from(number))
            .map_or_else(|| format!("city-{number}"), |name| (*name).to_owned()),
        from: start,
    };
    let services = (1..)
        .zip(SERVICES)
        .map(|(code, (service, name, cohort))| TableService {
            code: if service == "other" { 127 } else { code },
            service: service.to_owned(),
            name: name.to_owned(),
            cohort,
        });
    Scope {
        period: period.parse().unwrap(),
        start,
        cities: (0..=cities).map(city).collect(),
        services: services.collect(),
        budgets: Budgets::one(start.year(), budget),
        off: Vec::new(),
    }
}

/// What measuring would store without any noise, for counts by leaf cell; `count` is asked for every quarter and stored cell.
pub fn exact(
    plan: &Plan,
    scope: &Scope,
    leaves: &[Cell],
    count: impl Fn(Quarter, Cell) -> i64,
) -> Measured {
    let mut values = Measured::new();
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
pub fn leaves(plan: &Plan, scope: &Scope) -> Vec<Cell> {
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

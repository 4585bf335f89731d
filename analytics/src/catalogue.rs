//! The public catalogue of released tables, as data: a table is added by adding an entry, never by adding code.
//!
//! **Neighbours.** Two states of the store are neighbours when one holds all rows of one person and the other none of them.
//! `l2_squared` bounds, for one person and the releases a table accounts for together (its *span*), the squared Euclidean
//! norm of what the person adds to all cells of a level. It follows from the caps of [`crate::project`] alone. A coarse
//! cell may hold two of a person's drop-outs, hence 2^2 = 4 and not 2 for the totals and cities of table D.
//!
//! **Spans.** Table A is accounted for by each release. Table D's cap is by year, so its four releases share one bound.
//! Table F's cap is by life, so the releases of a whole block of 20 quarters share one bound; a block's allowance is five
//! yearly shares, and each release debits a twentieth. That is a promise over the block: most of what F says about a
//! person is said in the first year after the person's enrolment (see the crate's documentation).
//!
//! **Rounding.** A release's allowance is rounded down to whole nano-rho, scales up to the grid, costs up.

use crypto::day::Quarter;
use serde::Serialize;
use thiserror::Error;

use crate::budget::{Budget, NanoRho};
use crate::contribution::{Cell, CityCode, GroupCode, Tab};
use crate::log::Subject;
use crate::sigma::{Sigma, SigmaError};
use crate::toeplitz::{Toeplitz, ToeplitzError};

/// Releases in a calendar year: periods are quarters.
pub const RELEASES_A_YEAR: u64 = 4;
/// Quarters of one block of a running total.
pub const HORIZON: u32 = 20;
/// Scales of independently measured tables lie on the grid 1/64.
const GRID: u64 = 64;

/// What tells the cells of a level apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The city of the registry, or "other".
    City,
    /// Gender and age, six groups.
    Group,
}

/// A fraction of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Above the line.
    pub of: u64,
    /// Below the line, positive.
    pub in_all: u64,
}

/// One level of a table: a set of cells measured with one scale.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// Its name in releases and in the database.
    pub code: &'static str,
    /// What tells its cells apart; each level of a table refines the one before.
    pub dimensions: &'static [Dimension],
    /// The most one person adds over the table's span, squared, in counts; for running totals multiplied by the factorisation's norm.
    pub l2_squared: u64,
    /// Its part of the table's allowance.
    pub part: Part,
}

/// How a table is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Every release draws independent noise; levels are reconciled by weighted least squares.
    Independent,
    /// Running totals by the square-root factorisation over blocks of [`HORIZON`] quarters.
    RunningTotal,
}

/// One released table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its letter in releases, in the ledger and in the database.
    pub code: &'static str,
    /// What it counts, for readers.
    pub title: &'static str,
    /// What one of its numbers is a number of.
    pub unit: &'static str,
    /// The contributions it reads.
    pub source: Tab,
    /// Its part of a year's budget.
    pub share: Part,
    /// Releases that share one bound: 1, 4 (a year) or [`HORIZON`].
    pub span: u32,
    /// How it is measured.
    pub mechanism: Mechanism,
    /// Its levels, the coarsest first.
    pub levels: &'static [Level],
}

const fn percent(of: u64) -> Part {
    Part { of, in_all: 100 }
}

/// Every table released now. Letters B, E and G are kept for tables not released yet.
pub const TABLES: &[Table] = &[
    Table {
        code: "A",
        title: "clients active on the last day of the quarter",
        unit: "clients",
        source: Tab::Active,
        share: percent(30),
        span: 1,
        mechanism: Mechanism::Independent,
        levels: &[
            Level {
                code: "total",
                dimensions: &[],
                l2_squared: 1,
                part: percent(15),
            },
            Level {
                code: "city",
                dimensions: &[Dimension::City],
                l2_squared: 1,
                part: percent(25),
            },
            Level {
                code: "city-group",
                dimensions: &[Dimension::City, Dimension::Group],
                l2_squared: 1,
                part: percent(60),
            },
        ],
    },
    Table {
        code: "D",
        title: "drop-outs from a service in the quarter",
        unit: "drop-outs (at most two of one client in a year)",
        source: Tab::DropOut,
        share: percent(10),
        span: 4,
        mechanism: Mechanism::Independent,
        // The last third is kept for city by service.
        levels: &[
            Level {
                code: "total",
                dimensions: &[],
                l2_squared: 4,
                part: Part { of: 1, in_all: 3 },
            },
            Level {
                code: "city",
                dimensions: &[Dimension::City],
                l2_squared: 4,
                part: Part { of: 1, in_all: 3 },
            },
        ],
    },
    Table {
        code: "F",
        title: "clients enrolled for the first time ever",
        unit: "clients",
        source: Tab::First,
        share: percent(10),
        span: HORIZON,
        mechanism: Mechanism::RunningTotal,
        levels: &[Level {
            code: "city",
            dimensions: &[Dimension::City],
            l2_squared: 1,
            part: percent(100),
        }],
    },
];

/// The caps that bound what one person adds, in the words of the release.
pub const CAPS: &[&str] = &[
    "active: one cell per quarter (city of the latest contact, group on record)",
    "drop-outs: at most two per calendar year, at most one per service and year",
    "first enrolment: one per life",
];

/// How to read a release, in plain words; part of every release.
pub const NOTES: &[&str] = &[
    "every number is a true count plus random noise drawn once; the true counts are not kept",
    "estimate: the best unbiased number; it may be negative; only estimates may be summed or compared over time",
    "sd: standard deviation of the noise; lo and hi: the true count lies between them in 95 of 100 cases",
    "display: the estimate as a whole number not below zero, for reading only; never sum it",
    "reliability: low when the noise range is wider than 30 % of the estimate to either side",
    "measured: the raw noisy number, where this very number was measured; all estimates are computed from these",
    "series: count is of the quarter; new is what the quarter added to a running total; cumulative is all since the first quarter of the series",
    "other: places that the registry did not show in the quarter",
    "table F is measured in units of 1/274877906944 (4 to the power of -19) of a client: its sigma, bounds and streams are in that unit",
];

/// A level with its scale and cost under one budget.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredLevel {
    /// The level.
    pub level: &'static Level,
    /// Its bound over the span, in the measurement's own units.
    pub l2_squared: u128,
    /// The scale of its noise, in the measurement's own units.
    pub sigma: Sigma,
    /// The cost of the whole span.
    pub span_cost: NanoRho,
    /// What one release debits: the span's cost over its releases, rounded up.
    pub cost: NanoRho,
}

/// A table with its scales and costs under one budget.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The table.
    pub table: &'static Table,
    /// Its levels.
    pub levels: Vec<MeasuredLevel>,
    /// What one release debits for all levels.
    pub cost: NanoRho,
    /// The most the table may debit in a calendar year.
    pub year: NanoRho,
}

/// A catalogue that cannot be measured: a programming error caught by tests and refused at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CatalogueError {
    /// No scale fits.
    #[error(transparent)]
    Sigma(#[from] SigmaError),
    /// No running total fits.
    #[error(transparent)]
    Toeplitz(#[from] ToeplitzError),
    /// Costs beyond 64 bits.
    #[error("a table's cost does not fit: check the catalogue of tables")]
    Overflow,
}

/// Every table of the catalogue under `budget`, in the catalogue's order.
///
/// # Errors
/// [`CatalogueError`] when a share is empty or a number does not fit.
pub fn plans(budget: Budget) -> Result<Vec<Plan>, CatalogueError> {
    TABLES.iter().map(|table| plan(table, budget)).collect()
}

fn plan(table: &'static Table, budget: Budget) -> Result<Plan, CatalogueError> {
    let levels = table
        .levels
        .iter()
        .map(|level| measured(table, level, budget))
        .collect::<Result<Vec<_>, _>>()?;
    let cost = levels
        .iter()
        .try_fold(NanoRho::ZERO, |sum, level| sum.checked_add(level.cost));
    let year = budget.per_year().nano() * table.share.of / table.share.in_all;
    Ok(Plan {
        table,
        levels,
        cost: cost.ok_or(CatalogueError::Overflow)?,
        year: NanoRho::new(year),
    })
}

fn measured(
    table: &Table,
    level: &'static Level,
    budget: Budget,
) -> Result<MeasuredLevel, CatalogueError> {
    let release = budget.per_year().nano() * table.share.of * level.part.of
        / (table.share.in_all * level.part.in_all * RELEASES_A_YEAR);
    let span = u64::from(table.span);
    let (l2_squared, grid) = match table.mechanism {
        Mechanism::Independent => (u128::from(level.l2_squared), GRID),
        Mechanism::RunningTotal => (
            u128::from(level.l2_squared) * Toeplitz::new(HORIZON)?.norm_squared(),
            1,
        ),
    };
    let sigma = Sigma::least(l2_squared, NanoRho::new(release * span), grid)?;
    let span_cost = sigma.cost(l2_squared)?;
    Ok(MeasuredLevel {
        level,
        l2_squared,
        sigma,
        span_cost,
        cost: NanoRho::new(span_cost.nano().div_ceil(span)),
    })
}

impl Level {
    /// The cell of this level that a contribution belongs to.
    #[must_use]
    pub fn cell_of(&self, cell: Cell) -> Cell {
        let city = if self.dimensions.contains(&Dimension::City) {
            cell.city()
        } else {
            CityCode::OTHER
        };
        let group = if self.dimensions.contains(&Dimension::Group) {
            cell.group()
        } else {
            None
        };
        Cell::new(cell.tab(), city, 0, group)
    }

    /// Every cell of this level in the published order, for these cities (in code order).
    #[must_use]
    pub fn cells(&self, source: Tab, cities: &[CityCode]) -> Vec<Cell> {
        let here = if self.dimensions.contains(&Dimension::City) {
            cities
        } else {
            &[CityCode::OTHER]
        };
        let groups: Vec<Option<GroupCode>> = if self.dimensions.contains(&Dimension::Group) {
            (1..=GroupCode::COUNT)
                .filter_map(|number| GroupCode::new(number).ok())
                .map(Some)
                .collect()
        } else {
            vec![None]
        };
        here.iter()
            .flat_map(|city| {
                groups
                    .iter()
                    .map(|group| Cell::new(source, *city, 0, *group))
            })
            .collect()
    }
}

/// The public noise parameters of one release; their hash ties a reservation to what will be drawn.
#[derive(Serialize)]
struct Public<'a> {
    period: Quarter,
    version: u32,
    budget: Budget,
    cities: Vec<u16>,
    tables: Vec<PublicTable<'a>>,
}

#[derive(Serialize)]
struct PublicTable<'a> {
    table: &'a str,
    span: u32,
    /// Level, bound, scale.
    levels: Vec<(&'a str, String, String)>,
}

/// BLAKE3 of the public noise parameters of a release: period, version, budget, cities, and each level's bound and scale.
///
/// # Errors
/// [`CatalogueError::Overflow`] when they cannot be written (does not happen for these fields).
pub fn parameters_hash(
    subject: Subject,
    budget: Budget,
    cities: &[CityCode],
    plans: &[Plan],
) -> Result<[u8; 32], CatalogueError> {
    let level = |level: &MeasuredLevel| {
        let (bound, scale) = (level.l2_squared.to_string(), level.sigma.to_string());
        (level.level.code, bound, scale)
    };
    let table = |plan: &Plan| PublicTable {
        table: plan.table.code,
        span: plan.table.span,
        levels: plan.levels.iter().map(level).collect(),
    };
    let public = Public {
        period: subject.period,
        version: subject.version,
        budget,
        cities: cities.iter().map(|city| city.number()).collect(),
        tables: plans.iter().map(table).collect(),
    };
    let bytes = serde_json::to_vec(&public).map_err(|_| CatalogueError::Overflow)?;
    Ok(crypto::digest::hash(&bytes))
}

#[cfg(test)]
mod tests;

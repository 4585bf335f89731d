//! The public catalogue of released tables, as data: a table is added by adding an entry, never by adding code.
//!
//! **Neighbours.** Two states of the store are neighbours when one holds all rows of one person and the other none of them.
//! `l2_squared` bounds, for one person and the releases a table accounts for together (its *span*), the squared Euclidean
//! norm of what the person adds to all cells of a level. It follows from the caps of [`crate::project`] alone. A coarse
//! cell may hold two of a person's drop-outs, hence 2^2 = 4 and not 2 for the totals and cities of table D.
//!
//! **Spans.** Tables A and B are accounted for by each release, annual tables by their one release. The caps of tables D and E
//! are by year, so their four releases share one bound. Table F's cap is by life: somebody first seen in a quarter moves the
//! measurements of the following quarters by `r_0, r_1, ..`, so within any one calendar year by at most the first four of them,
//! which is the bound its four releases share.
//!
//! **The year.** Shares and the reserve come to the whole budget: what all releases about a calendar year can tell about one
//! person is never more than that year's budget, whatever happened in the years before.
//!
//! **Rounding.** A release's allowance is rounded down to whole nano-rho, scales up to the grid, costs up.

mod again;
mod cells;
mod tables;

use crypto::day::Quarter;
use serde::Serialize;
use thiserror::Error;

pub use again::{plans_again, plans_shown};
pub use cells::{BIN_DAYS, BINS, DROPPED_OUT, LEFT};
pub use tables::{CAPS, NOTES, REVISION_TABLES, TABLES};

use crate::budget::Budget;
use crate::contribution::Tab;
use crate::rho::NanoRho;
use crate::scope::{Scope, Subject, ends_year};
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
    /// The service of the catalogue.
    Service,
    /// Gender and age, six groups.
    Group,
    /// A stage or delay: the item of the cell as it is.
    Item,
    /// How an episode of a cohort ended by day 180.
    End,
    /// When it ended, in bins of 15 days: dropped out, or left in another way.
    Course,
}

/// A fraction of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Above the line.
    pub of: u64,
    /// Below the line, positive.
    pub in_all: u64,
}

/// What a level's measurements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Counts, each with noise of its own.
    Counts,
    /// Counts along a course of [`BINS`] bins, measured through the square-root factorisation.
    Course,
}

/// One level of a table: a set of cells measured with one scale.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// Its name in releases and in the database.
    pub code: &'static str,
    /// What tells its cells apart; each level of a tree refines the one before.
    pub dimensions: &'static [Dimension],
    /// What its measurements are.
    pub shape: Shape,
    /// The most one person adds over the table's span, squared, in counts; for running totals and courses multiplied by the
    /// factorisation's norm.
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
    /// Size, ends and course of a cohort, reconciled by weighted least squares.
    Cohort,
}

/// How often a table is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// With every quarter, about the quarter.
    Quarter,
    /// With the fourth quarter, about the calendar year.
    Year,
}

impl Every {
    /// Its word in releases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Releases in a calendar year.
    #[must_use]
    pub const fn releases(self) -> u64 {
        match self {
            Self::Quarter => RELEASES_A_YEAR,
            Self::Year => 1,
        }
    }
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
    /// How often it is released.
    pub every: Every,
    /// Releases that share one bound: 1, or 4 (a year).
    pub span: u32,
    /// How it is measured.
    pub mechanism: Mechanism,
    /// True when a total is published that was not measured: the sum of the first level.
    pub derived_total: bool,
    /// Its levels, the coarsest first.
    pub levels: &'static [Level],
}

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

impl Plan {
    /// The level of that name.
    #[must_use]
    pub fn level(&self, code: &str) -> Option<&MeasuredLevel> {
        self.levels.iter().find(|level| level.level.code == code)
    }
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

/// What a revision measures under `budget`.
///
/// # Errors
/// As [`plans`].
pub fn revisions(budget: Budget) -> Result<Vec<Plan>, CatalogueError> {
    REVISION_TABLES
        .iter()
        .map(|table| plan(table, budget))
        .collect()
}

/// The tables that a quarter's release holds: those turned on, annual ones in a year's last quarter only.
///
/// # Errors
/// As [`plans`].
pub fn plans_of(scope: &Scope) -> Result<Vec<Plan>, CatalogueError> {
    let mut all = plans(scope.budget())?;
    all.retain(|plan| is_released(plan.table, scope.period, &scope.off));
    Ok(all)
}

fn is_released(table: &Table, period: Quarter, off: &[String]) -> bool {
    (table.every == Every::Quarter || ends_year(period)) && !off.iter().any(|one| one == table.code)
}

/// One table under `budget`.
///
/// # Errors
/// As [`plans`].
pub fn plan(table: &'static Table, budget: Budget) -> Result<Plan, CatalogueError> {
    let levels = table
        .levels
        .iter()
        .map(|level| measured(table, level, budget))
        .collect::<Result<Vec<_>, _>>()?;
    let cost = levels
        .iter()
        .try_fold(NanoRho::ZERO, |sum, level| sum.checked_add(level.cost));
    Ok(Plan {
        table,
        levels,
        cost: cost.ok_or(CatalogueError::Overflow)?,
        year: table.share.of_budget(budget),
    })
}

impl Part {
    /// This part of a budget's calendar year, rounded down.
    #[must_use]
    pub const fn of_budget(self, budget: Budget) -> NanoRho {
        NanoRho::new(budget.per_year().nano() * self.of / self.in_all)
    }
}

fn measured(
    table: &Table,
    level: &'static Level,
    budget: Budget,
) -> Result<MeasuredLevel, CatalogueError> {
    let release = budget.per_year().nano() * table.share.of * level.part.of
        / (table.share.in_all * level.part.in_all * table.every.releases());
    let span = u64::from(table.span);
    let norm = match (table.mechanism, level.shape) {
        (Mechanism::RunningTotal, _) => {
            Toeplitz::new(HORIZON)?.norm_squared_of(RELEASES_A_YEAR as usize)
        }
        (_, Shape::Course) => Toeplitz::new(u32::from(BINS))?.norm_squared(),
        (_, Shape::Counts) => 1,
    };
    let grid = if norm == 1 { GRID } else { 1 };
    let l2_squared = u128::from(level.l2_squared) * norm;
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

/// The public noise parameters of one release; their hash ties a reservation to what will be drawn.
#[derive(Serialize)]
struct Public<'a> {
    period: Quarter,
    version: u32,
    budget: Budget,
    cities: Vec<u16>,
    services: Vec<u8>,
    tables: Vec<PublicTable<'a>>,
}

#[derive(Serialize)]
struct PublicTable<'a> {
    table: &'a str,
    span: u32,
    /// Level, bound, scale.
    levels: Vec<(&'a str, String, String)>,
}

/// BLAKE3 of the public noise parameters of a release: period, version, budget, cities, services, and each level's bound and
/// scale.
///
/// # Errors
/// [`CatalogueError::Overflow`] when they cannot be written (does not happen for these fields).
pub fn parameters_hash(
    subject: Subject,
    scope: &Scope,
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
        budget: scope.budget(),
        cities: scope.cities.iter().map(|city| city.code.number()).collect(),
        services: scope.services.iter().map(|service| service.code).collect(),
        tables: plans.iter().map(table).collect(),
    };
    let bytes = serde_json::to_vec(&public).map_err(|_| CatalogueError::Overflow)?;
    Ok(crypto::digest::hash(&bytes))
}

#[cfg(test)]
mod tests;

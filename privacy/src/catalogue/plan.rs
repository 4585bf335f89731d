//! Tables under a budget: their scales, what they debit, and the hash of the noise's public parameters.

use crypto::day::Quarter;
use serde::Serialize;
use thiserror::Error;

use crate::budget::Budget;
use crate::catalogue::cells::BINS;
use crate::catalogue::table::{Every, HORIZON, Level, Mechanism, RELEASES_A_YEAR, Shape, Table};
use crate::catalogue::tables::{REVISION_TABLES, TABLES};
use crate::rho::NanoRho;
use crate::scope::{Scope, Subject, ends_year};
use crate::sigma::{Sigma, SigmaError};
use crate::toeplitz::{Toeplitz, ToeplitzError};

/// Scales of independently measured tables lie on the grid 1/64.
const GRID: u64 = 64;

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

//! The privacy ledger: who may still be told what.
//!
//! A debit is a reservation row per table and release, written and committed before noise is drawn. It is never taken back:
//! a closing that broke off stays spent, and the same reservation may be completed because nothing of it was visible. Sums
//! are integers of nano-rho; a reservation that would pass a table's share or the year's budget is refused, with everything
//! else of its transaction.

use std::collections::BTreeMap;

use crypto::day::Quarter;
use serde::Serialize;
use store::{DbError, Store, Tx, on};
use thiserror::Error;

use crate::budget::{self, Budget, DELTAS, NanoRho};
use crate::catalogue::{CatalogueError, HORIZON, Mechanism, Plan, RELEASES_A_YEAR, plans};
use crate::log::Subject;
use crate::noise::NoiseError;
use crate::toeplitz::Toeplitz;

const OF_RELEASE: &str = "SELECT tab, cost_nano, parameters, state FROM reservation WHERE period = $1 AND version = $2 ORDER BY tab";
const OF_YEAR: &str = "SELECT tab, CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) FROM reservation WHERE year = $1 GROUP BY tab";
const INSERT: &str =
    "INSERT INTO reservation (year, tab, period, version, cost_nano, parameters, state)
    VALUES ($1, $2, $3, $4, $5, $6, 'reserved')";
const RELEASE: &str = "UPDATE reservation SET state = 'released'
    WHERE period = $1 AND version = $2 AND parameters = $3 AND state = 'reserved'";
const UNTIL: &str = "SELECT CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) FROM reservation WHERE year = $1 AND period <= $2";
const ALL: &str =
    "SELECT year, tab, state, CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) FROM reservation
    GROUP BY year, tab, state ORDER BY year, tab, state";
const SUBJECTS: &str =
    "SELECT DISTINCT period, version, parameters FROM reservation ORDER BY period, version";

/// The ledger refuses.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Epsilon cannot be told.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// The budget of the year or a table's share is spent.
    #[error(
        "the privacy budget of {year} does not cover table {table}: nothing was released; it renews with the calendar year"
    )]
    Spent {
        /// The calendar year.
        year: i32,
        /// The table's letter.
        table: &'static str,
    },
    /// The release was reserved with other parameters.
    #[error(
        "this release was begun with other noise parameters: finish it with the version and registry that began it"
    )]
    OtherParameters,
    /// Reservations contradict each other.
    #[error("the ledger is damaged: restore the statistics database from its backup")]
    Damaged,
}

/// How far a release has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is reserved.
    New,
    /// Reserved, not stored: it may be completed with the same parameters.
    Reserved([u8; 32]),
    /// Stored.
    Released,
}

/// How far a release has come, by the ledger.
///
/// # Errors
/// [`LedgerError::Damaged`] when its rows disagree, [`LedgerError::Database`].
pub async fn progress(tx: &mut Tx, subject: Subject) -> Result<Progress, LedgerError> {
    let rows: Vec<(String, i64, Vec<u8>, String)> = on!(tx, |t| sqlx::query_as(OF_RELEASE)
        .bind(i64::from(subject.period.number()))
        .bind(i64::from(subject.version))
        .fetch_all(&mut **t)
        .await)
    .map_err(DbError::from)?;
    let Some((_, _, parameters, state)) = rows.first() else {
        return Ok(Progress::New);
    };
    if rows
        .iter()
        .any(|row| row.2 != *parameters || row.3 != *state)
    {
        return Err(LedgerError::Damaged);
    }
    let parameters = parameters
        .as_slice()
        .try_into()
        .map_err(|_| LedgerError::Damaged)?;
    Ok(if state == "released" {
        Progress::Released
    } else {
        Progress::Reserved(parameters)
    })
}

/// Debits every table of a release, or finds it debited with the same parameters. The caller commits.
///
/// # Errors
/// [`LedgerError::Spent`] when a share or the year's budget would be passed, [`LedgerError::OtherParameters`],
/// [`LedgerError::Damaged`], [`LedgerError::Database`].
pub async fn reserve(
    tx: &mut Tx,
    subject: Subject,
    plans: &[Plan],
    budget: Budget,
    parameters: &[u8; 32],
) -> Result<Progress, LedgerError> {
    let found = progress(tx, subject).await?;
    match found {
        Progress::New => {}
        Progress::Reserved(known) if known != *parameters => {
            return Err(LedgerError::OtherParameters);
        }
        Progress::Reserved(_) | Progress::Released => return Ok(found),
    }
    let year = subject.period.year();
    let mut spent = spent_by_table(tx, year).await?;
    for plan in plans {
        let table = spent.entry(plan.table.code.to_owned()).or_default();
        *table = table.checked_add(plan.cost).ok_or(LedgerError::Damaged)?;
        let within = *table <= plan.year;
        let all = sum(spent.values().copied())?;
        if !within || all > budget.per_year() {
            return Err(LedgerError::Spent {
                year,
                table: plan.table.code,
            });
        }
        insert(tx, subject, plan, parameters).await?;
    }
    Ok(Progress::New)
}

async fn spent_by_table(tx: &mut Tx, year: i32) -> Result<BTreeMap<String, NanoRho>, LedgerError> {
    let rows: Vec<(String, i64)> = on!(tx, |t| sqlx::query_as(OF_YEAR)
        .bind(i64::from(year))
        .fetch_all(&mut **t)
        .await)
    .map_err(DbError::from)?;
    rows.into_iter()
        .map(|(tab, cost)| Ok((tab, nano(cost)?)))
        .collect()
}

async fn insert(
    tx: &mut Tx,
    subject: Subject,
    plan: &Plan,
    parameters: &[u8; 32],
) -> Result<(), LedgerError> {
    let cost = i64::try_from(plan.cost.nano()).map_err(|_| LedgerError::Damaged)?;
    on!(tx, |t| sqlx::query(INSERT)
        .bind(i64::from(subject.period.year()))
        .bind(plan.table.code)
        .bind(i64::from(subject.period.number()))
        .bind(i64::from(subject.version))
        .bind(cost)
        .bind(&parameters[..])
        .execute(&mut **t)
        .await
        .map(|_| ()))
    .map_err(DbError::from)?;
    Ok(())
}

/// Marks a release's reservations as released; false when another process stored the release first.
///
/// # Errors
/// [`DbError`].
pub async fn release(
    tx: &mut Tx,
    subject: Subject,
    tables: usize,
    parameters: &[u8; 32],
) -> Result<bool, DbError> {
    let changed = on!(tx, |t| sqlx::query(RELEASE)
        .bind(i64::from(subject.period.number()))
        .bind(i64::from(subject.version))
        .bind(&parameters[..])
        .execute(&mut **t)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == tables as u64)
}

/// Debits of a calendar year in quarters up to `until`.
///
/// # Errors
/// [`LedgerError::Damaged`] for a negative sum, [`LedgerError::Database`].
pub async fn spent_until(tx: &mut Tx, until: Quarter) -> Result<NanoRho, LedgerError> {
    let (sum,): (i64,) = on!(tx, |t| sqlx::query_as(UNTIL)
        .bind(i64::from(until.year()))
        .bind(i64::from(until.number()))
        .fetch_one(&mut **t)
        .await)
    .map_err(DbError::from)?;
    nano(sum)
}

/// Every reserved release with the hash of its parameters.
///
/// # Errors
/// [`LedgerError::Damaged`] when tables of a release disagree or a row cannot be read, [`LedgerError::Database`].
pub async fn subjects(tx: &mut Tx) -> Result<BTreeMap<Subject, [u8; 32]>, LedgerError> {
    let rows: Vec<(i64, i64, Vec<u8>)> =
        on!(tx, |t| sqlx::query_as(SUBJECTS).fetch_all(&mut **t).await).map_err(DbError::from)?;
    let mut found = BTreeMap::new();
    for (period, version, parameters) in rows {
        let parameters = parameters
            .as_slice()
            .try_into()
            .map_err(|_| LedgerError::Damaged)?;
        if found
            .insert(subject(period, version)?, parameters)
            .is_some()
        {
            return Err(LedgerError::Damaged);
        }
    }
    Ok(found)
}

/// A release's name from its stored numbers.
///
/// # Errors
/// [`LedgerError::Damaged`] when they are out of range.
pub fn subject(period: i64, version: i64) -> Result<Subject, LedgerError> {
    let period = i32::try_from(period)
        .ok()
        .and_then(|number| Quarter::from_number(number).ok());
    let version = u32::try_from(version).ok();
    period
        .zip(version)
        .map(|(period, version)| Subject { period, version })
        .ok_or(LedgerError::Damaged)
}

fn nano(cost: i64) -> Result<NanoRho, LedgerError> {
    u64::try_from(cost)
        .map(NanoRho::new)
        .map_err(|_| LedgerError::Damaged)
}

/// One table in one year, in nano-rho.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableView {
    /// The table's letter.
    pub table: String,
    /// What it may debit in the year.
    pub share: NanoRho,
    /// What its releases debited.
    pub released: NanoRho,
    /// What closings debited that were not completed yet; spent all the same.
    pub reserved: NanoRho,
    /// What is left of the share.
    pub left: NanoRho,
}

/// One calendar year, in nano-rho.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct YearView {
    /// The calendar year.
    pub year: i32,
    /// Its tables, in the catalogue's order.
    pub tables: Vec<TableView>,
    /// All debits.
    pub spent: NanoRho,
    /// What is left of the budget.
    pub left: NanoRho,
    /// The most that the year's releases can have told about one person. Above `spent` while a bound shared by several
    /// releases is not debited in full (tables D and F); never above the budget.
    pub bound: NanoRho,
    /// `(delta, epsilon)` of `bound`.
    pub epsilon: Vec<(f64, f64)>,
}

/// The whole ledger, for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// The programme's budget.
    pub budget: Budget,
    /// Its size for one person and calendar year.
    pub per_year: NanoRho,
    /// Debits of a full year of releases of every table.
    pub planned: NanoRho,
    /// Years with debits.
    pub years: Vec<YearView>,
    /// Debits of all years.
    pub lifetime: NanoRho,
    /// The most that all releases together can have told about one person, who took part throughout.
    pub lifetime_bound: NanoRho,
    /// `(delta, epsilon)` of `lifetime_bound`.
    pub lifetime_epsilon: Vec<(f64, f64)>,
}

/// Reads the ledger.
///
/// # Errors
/// [`LedgerError`] when the database fails or a row cannot be read.
pub async fn view(store: &Store, budget: Budget) -> Result<View, LedgerError> {
    let mut tx = store.read().await?;
    let rows: Vec<(i64, String, String, i64)> =
        on!(&mut tx, |t| sqlx::query_as(ALL).fetch_all(&mut **t).await).map_err(DbError::from)?;
    let plans = plans(budget)?;
    let releases = releases_by_year(&mut tx).await?;
    let mut by_year: BTreeMap<i32, BTreeMap<(String, String), NanoRho>> = BTreeMap::new();
    for (year, tab, state, cost) in rows {
        let year = i32::try_from(year).map_err(|_| LedgerError::Damaged)?;
        by_year
            .entry(year)
            .or_default()
            .insert((tab, state), nano(cost)?);
    }
    let years = by_year
        .iter()
        .map(|(year, costs)| {
            let releases = releases.get(year).copied().unwrap_or(0);
            year_view(*year, costs, &plans, budget, bound(&plans, &[releases])?)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let lifetime = sum(years.iter().map(|year| year.spent))?;
    let all: Vec<usize> = releases.values().copied().collect();
    let lifetime_bound = bound(&plans, &all)?;
    let planned = NanoRho::new(sum(plans.iter().map(|plan| plan.cost))?.nano() * RELEASES_A_YEAR);
    Ok(View {
        budget,
        per_year: budget.per_year(),
        planned,
        years,
        lifetime,
        lifetime_bound,
        lifetime_epsilon: epsilons(lifetime_bound)?,
    })
}

/// How many quarters of each calendar year were debited.
async fn releases_by_year(tx: &mut Tx) -> Result<BTreeMap<i32, usize>, LedgerError> {
    let mut found = BTreeMap::new();
    for subject in subjects(tx).await?.into_keys() {
        *found.entry(subject.period.year()).or_default() += 1;
    }
    Ok(found)
}

/// The most that so many releases in each of some calendar years can have told about one person: a bound that releases share
/// is counted in full from the first of them on, a running total by the part of its block that has passed for somebody who
/// enrolled at its beginning.
fn bound(plans: &[Plan], years: &[usize]) -> Result<NanoRho, LedgerError> {
    let releases: usize = years.iter().sum();
    let begun = years.iter().filter(|releases| **releases > 0).count();
    let mut costs = Vec::new();
    for plan in plans {
        for level in &plan.levels {
            let of = |squares: u128| level.sigma.cost(squares).map_err(CatalogueError::from);
            let times = |cost: NanoRho, times: usize| NanoRho::new(cost.nano() * times as u64);
            costs.push(match plan.table.mechanism {
                Mechanism::RunningTotal => {
                    let toeplitz = Toeplitz::new(HORIZON).map_err(CatalogueError::from)?;
                    let largest = u128::from(level.level.l2_squared);
                    of(largest * toeplitz.norm_squared_of(releases))?
                }
                Mechanism::Independent if plan.table.span == 1 => times(level.cost, releases),
                Mechanism::Independent => times(level.span_cost, begun),
            });
        }
    }
    sum(costs)
}

fn year_view(
    year: i32,
    costs: &BTreeMap<(String, String), NanoRho>,
    plans: &[Plan],
    budget: Budget,
    bound: NanoRho,
) -> Result<YearView, LedgerError> {
    let of = |table: &str, state: &str| {
        costs
            .get(&(table.to_owned(), state.to_owned()))
            .copied()
            .unwrap_or_default()
    };
    let table = |plan: &Plan| {
        let (released, reserved) = (
            of(plan.table.code, "released"),
            of(plan.table.code, "reserved"),
        );
        let left = plan.year.left_after(released).left_after(reserved);
        TableView {
            table: plan.table.code.to_owned(),
            share: plan.year,
            released,
            reserved,
            left,
        }
    };
    let spent = sum(costs.values().copied())?;
    let left = budget.per_year().left_after(spent);
    Ok(YearView {
        year,
        tables: plans.iter().map(table).collect(),
        spent,
        left,
        bound,
        epsilon: epsilons(bound)?,
    })
}

fn sum(costs: impl IntoIterator<Item = NanoRho>) -> Result<NanoRho, LedgerError> {
    costs
        .into_iter()
        .try_fold(NanoRho::ZERO, NanoRho::checked_add)
        .ok_or(LedgerError::Damaged)
}

fn epsilons(spent: NanoRho) -> Result<Vec<(f64, f64)>, NoiseError> {
    DELTAS
        .into_iter()
        .map(|delta| Ok((delta, budget::epsilon(spent, delta)?)))
        .collect()
}

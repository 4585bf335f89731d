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

use crate::budget::Budget;
use crate::catalogue::{CatalogueError, Plan, plans, revisions};
use crate::choices;
use crate::epsilon::{DELTAS, epsilon};
use crate::rho::NanoRho;
use crate::scope::{BudgetFrom, Subject, TurnedOff};

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
const UNDER_WAY: &str = "SELECT DISTINCT period, version FROM reservation WHERE state = 'reserved' ORDER BY period, version";

/// The ledger refuses.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
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
    /// The calendar year had its revision.
    #[error(
        "the reserve of {year} is spent: a calendar year has one revision; nothing was changed"
    )]
    ReserveSpent {
        /// The calendar year.
        year: i32,
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
        if !within && plan.table.counts_again().is_some() {
            return Err(LedgerError::ReserveSpent { year });
        }
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

/// Every release that is reserved and not stored, in order.
///
/// # Errors
/// [`LedgerError::Damaged`] when a row cannot be read, [`LedgerError::Database`].
pub async fn under_way(tx: &mut Tx) -> Result<Vec<Subject>, LedgerError> {
    let rows: Vec<(i64, i64)> =
        on!(tx, |t| sqlx::query_as(UNDER_WAY).fetch_all(&mut **t).await).map_err(DbError::from)?;
    let found = rows.into_iter();
    found
        .map(|(period, version)| subject(period, version))
        .collect()
}

/// A release's name from its stored numbers.
///
/// # Errors
/// [`LedgerError::Damaged`] when they are out of range.
pub fn subject(period: i64, version: i64) -> Result<Subject, LedgerError> {
    Subject::from_numbers(period, version).ok_or(LedgerError::Damaged)
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
    /// Its budget.
    pub budget: Budget,
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
    /// The budget of the latest year with debits.
    pub budget: Budget,
    /// The budgets of the programme's years.
    pub budgets: Vec<BudgetFrom>,
    /// Tables that were turned off, and since when.
    pub off: Vec<TurnedOff>,
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

/// Reads the ledger. `founded` is the budget that the programme was founded with.
///
/// # Errors
/// [`LedgerError`] when the database fails or a row cannot be read.
pub async fn view(store: &Store, founded: Budget) -> Result<View, LedgerError> {
    let mut tx = store.read().await?;
    let rows: Vec<(i64, String, String, i64)> =
        on!(&mut tx, |t| sqlx::query_as(ALL).fetch_all(&mut **t).await).map_err(DbError::from)?;
    let mut by_year: BTreeMap<i32, Costs> = BTreeMap::new();
    for (year, tab, state, cost) in rows {
        let year = i32::try_from(year).map_err(|_| LedgerError::Damaged)?;
        let costs = by_year.entry(year).or_default();
        costs.insert((tab, state), nano(cost)?);
    }
    let first = by_year.keys().next().copied().unwrap_or_default();
    let budgets = choices::budgets_from(&mut tx, first, founded)
        .await
        .map_err(|_| LedgerError::Damaged)?;
    let off = choices::turned_off(&mut tx)
        .await
        .map_err(|_| LedgerError::Damaged)?;
    let years = by_year
        .iter()
        .map(|(year, costs)| year_view(*year, costs, budgets.at(*year)))
        .collect::<Result<Vec<_>, _>>()?;
    let last = by_year.keys().next_back().copied().unwrap_or_default();
    let budget = budgets.at(last);
    let lifetime_bound = sum(years.iter().map(|year| year.bound))?;
    Ok(View {
        budget,
        budgets: budgets.all().to_vec(),
        off,
        per_year: budget.per_year(),
        planned: planned(budget)?,
        lifetime: sum(years.iter().map(|year| year.spent))?,
        years,
        lifetime_bound,
        lifetime_epsilon: epsilons(lifetime_bound),
    })
}

/// Debits by table and state.
type Costs = BTreeMap<(String, String), NanoRho>;

/// What a calendar year of releases of every table debits.
fn planned(budget: Budget) -> Result<NanoRho, LedgerError> {
    let of_year = |plan: &Plan| NanoRho::new(plan.cost.nano() * plan.table.every.releases());
    sum(plans(budget)?.iter().map(of_year))
}

/// The most that a table's debited releases can have told about one person: a bound that the releases of a year share counts in
/// full from the first of them on.
fn bound(plan: &Plan, debited: NanoRho) -> Result<NanoRho, LedgerError> {
    if plan.table.span == 1 || debited == NanoRho::ZERO {
        return Ok(debited);
    }
    Ok(debited.max(sum(plan.levels.iter().map(|level| level.span_cost))?))
}

fn year_view(year: i32, costs: &Costs, budget: Budget) -> Result<YearView, LedgerError> {
    let of = |table: &str, state: &str| {
        let found = costs.get(&(table.to_owned(), state.to_owned()));
        found.copied().unwrap_or_default()
    };
    let (mut tables, mut bounds) = (Vec::new(), Vec::new());
    for plan in plans(budget)?.iter().chain(&revisions(budget)?) {
        let code = plan.table.code;
        let (released, reserved) = (of(code, "released"), of(code, "reserved"));
        let debited = released.checked_add(reserved).ok_or(LedgerError::Damaged)?;
        bounds.push(bound(plan, debited)?);
        tables.push(TableView {
            table: code.to_owned(),
            share: plan.year,
            released,
            reserved,
            left: plan.year.left_after(debited),
        });
    }
    let spent = sum(costs.values().copied())?;
    let bound = sum(bounds)?;
    Ok(YearView {
        year,
        budget,
        tables,
        spent,
        left: budget.per_year().left_after(spent),
        bound,
        epsilon: epsilons(bound),
    })
}

fn sum(costs: impl IntoIterator<Item = NanoRho>) -> Result<NanoRho, LedgerError> {
    costs
        .into_iter()
        .try_fold(NanoRho::ZERO, NanoRho::checked_add)
        .ok_or(LedgerError::Damaged)
}

fn epsilons(spent: NanoRho) -> Vec<(f64, f64)> {
    DELTAS.map(|delta| (delta, epsilon(spent, delta))).to_vec()
}

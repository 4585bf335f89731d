//! The rows of the privacy ledger.
//!
//! A debit is a reservation row per table and release, written and committed before noise is drawn. It is never taken back:
//! a closing that broke off stays spent, and the same reservation may be completed because nothing of it was visible. What
//! may be debited is decided by [`privacy::ledger`].

use std::collections::BTreeMap;

use crypto::day::Quarter;
use privacy::budget::Budget;
use privacy::catalogue::Plan;
use privacy::ledger::{Debits, Refusal, Spent, View};
use privacy::rho::NanoRho;
use privacy::scope::Subject;
use store::{DbError, Store, Tx, execute, fetch_all, fetch_one};
use thiserror::Error;

use crate::choices;

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
    /// The debit is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
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
pub(crate) enum Progress {
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
pub(crate) async fn progress(tx: &mut Tx, subject: Subject) -> Result<Progress, LedgerError> {
    let rows = fetch_all!(
        tx,
        (String, i64, Vec<u8>, String),
        OF_RELEASE,
        i64::from(subject.period.number()),
        i64::from(subject.version)
    )?;
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

impl Progress {
    /// True when the release is still to be debited; false when it is debited under these parameters, or stored.
    ///
    /// # Errors
    /// [`LedgerError::OtherParameters`] when it is debited under others.
    pub(crate) fn is_due(self, parameters: &[u8; 32]) -> Result<bool, LedgerError> {
        match self {
            Self::New => Ok(true),
            Self::Reserved(known) if known != *parameters => Err(LedgerError::OtherParameters),
            Self::Reserved(_) | Self::Released => Ok(false),
        }
    }
}

/// What every table debited in a calendar year.
///
/// # Errors
/// [`LedgerError::Damaged`] for a negative sum, [`LedgerError::Database`].
pub(crate) async fn spent_by_table(tx: &mut Tx, year: i32) -> Result<Spent, LedgerError> {
    let rows = fetch_all!(tx, (String, i64), OF_YEAR, i64::from(year))?;
    rows.into_iter()
        .map(|(tab, cost)| Ok((tab, nano(cost)?)))
        .collect()
}

/// Writes the debits of a release, one a table. The caller commits.
///
/// # Errors
/// [`LedgerError::Database`]; a table is debited once.
pub(crate) async fn write(
    tx: &mut Tx,
    subject: Subject,
    plans: &[Plan],
    parameters: &[u8; 32],
) -> Result<(), LedgerError> {
    for plan in plans {
        insert(tx, subject, plan, parameters).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    subject: Subject,
    plan: &Plan,
    parameters: &[u8; 32],
) -> Result<(), LedgerError> {
    let cost = i64::try_from(plan.cost.nano()).map_err(|_| LedgerError::Damaged)?;
    execute!(
        tx,
        INSERT,
        i64::from(subject.period.year()),
        plan.table.code,
        i64::from(subject.period.number()),
        i64::from(subject.version),
        cost,
        &parameters[..]
    )?;
    Ok(())
}

/// Marks a release's reservations as released; false when another process stored the release first.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn release(
    tx: &mut Tx,
    subject: Subject,
    tables: usize,
    parameters: &[u8; 32],
) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        RELEASE,
        i64::from(subject.period.number()),
        i64::from(subject.version),
        &parameters[..]
    )?;
    Ok(changed == tables as u64)
}

/// Debits of a calendar year in quarters up to `until`.
///
/// # Errors
/// [`LedgerError::Damaged`] for a negative sum, [`LedgerError::Database`].
pub(crate) async fn spent_until(tx: &mut Tx, until: Quarter) -> Result<NanoRho, LedgerError> {
    let (sum,) = fetch_one!(
        tx,
        (i64,),
        UNTIL,
        i64::from(until.year()),
        i64::from(until.number())
    )?;
    nano(sum)
}

/// Every reserved release with the hash of its parameters.
///
/// # Errors
/// [`LedgerError::Damaged`] when tables of a release disagree or a row cannot be read, [`LedgerError::Database`].
pub(crate) async fn subjects(tx: &mut Tx) -> Result<BTreeMap<Subject, [u8; 32]>, LedgerError> {
    let rows = fetch_all!(tx, (i64, i64, Vec<u8>), SUBJECTS)?;
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
pub(crate) async fn under_way(tx: &mut Tx) -> Result<Vec<Subject>, LedgerError> {
    let rows = fetch_all!(tx, (i64, i64), UNDER_WAY)?;
    let found = rows.into_iter();
    found
        .map(|(period, version)| subject(period, version))
        .collect()
}

/// A release's name from its stored numbers.
///
/// # Errors
/// [`LedgerError::Damaged`] when they are out of range.
pub(crate) fn subject(period: i64, version: i64) -> Result<Subject, LedgerError> {
    Subject::from_numbers(period, version).ok_or(LedgerError::Damaged)
}

fn nano(cost: i64) -> Result<NanoRho, LedgerError> {
    u64::try_from(cost)
        .map(NanoRho::new)
        .map_err(|_| LedgerError::Damaged)
}

/// Reads the ledger. `founded` is the budget that the programme was founded with.
///
/// # Errors
/// [`LedgerError`] when the database fails or a row cannot be read.
pub async fn view(store: &Store, founded: Budget) -> Result<View, LedgerError> {
    let mut tx = store.read().await?;
    let rows = fetch_all!(&mut tx, (i64, String, String, i64), ALL)?;
    let debits = rows
        .into_iter()
        .map(|(year, table, state, cost)| {
            Ok(Debits {
                year: i32::try_from(year).map_err(|_| LedgerError::Damaged)?,
                table,
                released: state == "released",
                cost: nano(cost)?,
            })
        })
        .collect::<Result<Vec<_>, LedgerError>>()?;
    let first = debits.first().map_or(0, |one| one.year);
    let budgets = choices::budgets_from(&mut tx, first, founded)
        .await
        .map_err(|_| LedgerError::Damaged)?;
    let off = choices::turned_off(&mut tx)
        .await
        .map_err(|_| LedgerError::Damaged)?;
    Ok(View::of(&debits, &budgets, off)?)
}

//! Stored measurements and releases: their statements, and what readers may see.
//!
//! A release is public once the release log outside the database carries its hash. A stored release that the log does not
//! know yet (a closing that broke off) is not shown, and one whose bytes differ from the log is an error, not an answer.

use std::path::Path;

use crypto::day::Quarter;
use privacy::catalogue::Plan;
use privacy::cell::Cell;
use privacy::scope::Subject;
use sqlx::QueryBuilder;
use store::{DbError, Store, Tx, execute, fetch_all, fetch_one, on};
use thiserror::Error;

use crate::blocking::{Stopping, blocking};
use crate::ledger::{self, LedgerError};
use crate::log::{self, LogError};
use release::log::chain::{Entries, Kind};
use release::log::head::Head;
use release::measurements::Measurements;
use release::seal::{Sealed, SignedRelease};

/// Measurements in one statement: six values each, of 32,766 that SQLite binds.
const ROWS: usize = 2_000;
const INSERT_MEASUREMENTS: &str =
    "INSERT INTO measurement (tab, level, period, version, cell, value) ";
const INSERT_RELEASE: &str =
    "INSERT INTO release (period, version, body, hash) VALUES ($1, $2, $3, $4)";
const MEASUREMENTS: &str = "SELECT tab, level, period, cell, value FROM measurement WHERE period <= $1 AND version = $2 AND tab = $3";
const RELEASES: &str = "SELECT period, version, hash FROM release ORDER BY period, version";
const VERSIONS: &str = "SELECT version FROM release WHERE period = $1 ORDER BY version DESC";
const BODY: &str = "SELECT body FROM release WHERE period = $1 AND version = $2";

/// Which release, and the hash that names its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseHash {
    /// Which.
    pub subject: Subject,
    /// BLAKE3 of the inner release.
    pub hash: [u8; 32],
}

/// A release cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Rows are damaged.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The stored bytes are not those that were published.
    #[error(
        "a stored release is not the one that was published: restore the statistics database from its backup"
    )]
    Changed,
    /// The log lost every trace of a release that the database holds.
    #[error(
        "the release log lacks releases that the database holds, so nothing of either is shown: put the right log back, or see `payung \
         release log --help`"
    )]
    LogBehind,
    /// The service is stopping.
    #[error(transparent)]
    Stopping(#[from] Stopping),
}

/// Stores the noisy measurements and the signed release. The caller commits.
///
/// # Errors
/// [`DbError::Conflict`] when the release exists.
pub(crate) async fn insert(
    tx: &mut Tx,
    subject: Subject,
    values: &Measurements,
    sealed: &Sealed,
) -> Result<(), DbError> {
    let (period, version) = (
        i64::from(subject.period.number()),
        i64::from(subject.version),
    );
    let rows: Vec<_> = values.iter().collect();
    for chunk in rows.chunks(ROWS) {
        on!(tx, |t| {
            let mut query = QueryBuilder::new(INSERT_MEASUREMENTS);
            query.push_values(chunk, |mut row, ((tab, level, _, cell), value)| {
                row.push_bind(*tab)
                    .push_bind(*level)
                    .push_bind(period)
                    .push_bind(version)
                    .push_bind(cell.number())
                    .push_bind(*value);
            });
            query.build().execute(&mut **t).await.map(drop)
        })?;
    }
    execute!(
        tx,
        INSERT_RELEASE,
        period,
        version,
        &sealed.body[..],
        &sealed.hash[..]
    )?;
    Ok(())
}

/// Noisy measurements of tables that build on earlier quarters, up to `subject`.
///
/// # Errors
/// [`DbError`]; [`DbError::Corrupt`] for rows that cannot be read.
pub(crate) async fn measurements(
    store: &Store,
    plans: &[Plan],
    subject: Subject,
) -> Result<Measurements, DbError> {
    let mut tx = store.read().await?;
    let mut values = Measurements::new();
    for plan in plans
        .iter()
        .filter(|plan| plan.table.mechanism == privacy::catalogue::Mechanism::RunningTotal)
    {
        let rows = fetch_all!(
            &mut tx,
            (String, String, i64, i64, i64),
            MEASUREMENTS,
            i64::from(subject.period.number()),
            i64::from(subject.version),
            plan.table.code
        )?;
        for (_, level, period, cell, value) in rows {
            let level = plan
                .levels
                .iter()
                .map(|measured| measured.level.code)
                .find(|code| *code == level);
            let period = i32::try_from(period)
                .ok()
                .and_then(|number| Quarter::from_number(number).ok());
            let key = (
                level.ok_or(DbError::Corrupt)?,
                period.ok_or(DbError::Corrupt)?,
                Cell::parse(cell).map_err(|_| DbError::Corrupt)?,
            );
            values.insert((plan.table.code, key.0, key.1, key.2), value);
        }
    }
    Ok(values)
}

/// Every stored release, in order, public or not.
///
/// # Errors
/// [`LedgerError::Damaged`] when a row cannot be read, [`LedgerError::Database`].
pub(crate) async fn releases(tx: &mut Tx) -> Result<Vec<ReleaseHash>, LedgerError> {
    let rows = fetch_all!(tx, (i64, i64, Vec<u8>), RELEASES)?;
    rows.into_iter()
        .map(|(period, version, hash)| {
            let hash = hash
                .as_slice()
                .try_into()
                .map_err(|_| LedgerError::Damaged)?;
            Ok(ReleaseHash {
                subject: ledger::subject(period, version)?,
                hash,
            })
        })
        .collect()
}

/// Every public release, in order.
///
/// # Errors
/// [`ReadError`].
pub async fn list(store: &Store, log_dir: &Path) -> Result<Vec<ReleaseHash>, ReadError> {
    let (entries, mut all) = both(store, log_dir).await?;
    all.retain(|release| entries.get(release.subject, Kind::Released) == Some(release.hash));
    Ok(all)
}

/// The newest public version of a quarter's release: its stored file and hash; `None` when there is none.
///
/// # Errors
/// [`ReadError::Changed`] when the stored bytes are not the published ones.
pub async fn newest(
    store: &Store,
    log_dir: &Path,
    period: Quarter,
) -> Result<Option<(ReleaseHash, Vec<u8>)>, ReadError> {
    public(store, log_dir, period, |_| true).await
}

/// One version of a quarter's release: its stored file and hash; `None` when it is not public.
///
/// # Errors
/// As [`newest`].
pub async fn version(
    store: &Store,
    log_dir: &Path,
    period: Quarter,
    number: u32,
) -> Result<Option<(ReleaseHash, Vec<u8>)>, ReadError> {
    public(store, log_dir, period, |version| version == number).await
}

/// The newest public version among those wanted.
async fn public(
    store: &Store,
    log_dir: &Path,
    period: Quarter,
    wanted: impl Fn(u32) -> bool + Send,
) -> Result<Option<(ReleaseHash, Vec<u8>)>, ReadError> {
    let (entries, _) = both(store, log_dir).await?;
    let number = i64::from(period.number());
    let mut tx = store.read().await?;
    let rows = fetch_all!(&mut tx, (i64,), VERSIONS, number)?;
    for (version,) in rows {
        let subject = ledger::subject(number, version)?;
        let Some(hash) = entries
            .get(subject, Kind::Released)
            .filter(|_| wanted(subject.version))
        else {
            continue;
        };
        let (body,) = fetch_one!(&mut tx, (Vec<u8>,), BODY, number, version)?;
        let signed = SignedRelease::from_bytes(&body).map_err(|_| ReadError::Changed)?;
        if crypto::digest::hash(signed.release.get().as_bytes()) != hash {
            return Err(ReadError::Changed);
        }
        return Ok(Some((ReleaseHash { subject, hash }, body)));
    }
    Ok(None)
}

/// Where the log ends.
///
/// # Errors
/// [`ReadError::LogBehind`], [`ReadError::Log`], [`ReadError::Database`].
pub async fn head(store: &Store, log_dir: &Path) -> Result<Head, ReadError> {
    let (entries, _) = both(store, log_dir).await?;
    Ok(entries.head())
}

/// What the log says and what the database holds.
async fn both(store: &Store, log_dir: &Path) -> Result<(Entries, Vec<ReleaseHash>), ReadError> {
    let stored = held(store).await?;
    let folder = log_dir.to_owned();
    let entries = blocking(move || log::read(&folder)).await??;
    heard(&entries, &stored)?;
    Ok((entries, stored))
}

/// The releases of the database. Read them before the log: a closing tells the log first.
pub(crate) async fn held(store: &Store) -> Result<Vec<ReleaseHash>, ReadError> {
    Ok(releases(&mut store.read().await?).await?)
}

/// Passes when the log heard of every release: one that lost some would be believed where it is shown.
///
/// # Errors
/// [`ReadError::LogBehind`].
pub(crate) fn heard(entries: &Entries, stored: &[ReleaseHash]) -> Result<(), ReadError> {
    let of = |release: &ReleaseHash, kind| entries.get(release.subject, kind).is_some();
    let all = stored
        .iter()
        .all(|release| of(release, Kind::Reserved) || of(release, Kind::Released));
    all.then_some(()).ok_or(ReadError::LogBehind)
}

//! Closing a quarter: count once, add noise once, publish for ever.
//!
//! The steps are types, each made from the one before, so that none can be left out or run twice:
//!
//! 1. [`prepare`]: take the log's lock; compare the log with the database; bring the log up to date; check that the quarter
//!    may close.
//! 2. [`Prepared::reserve`]: one transaction debits every table and freezes the quarter.
//! 3. [`Reserved::log`]: the log outside the database learns of it, on disk.
//! 4. [`Logged::measure`]: count, draw noise, assemble and sign, in memory.
//! 5. [`Measured::store`]: one transaction stores the noisy measurements and the signed release.
//! 6. [`Stored::publish`]: the log learns the release's hash. Only now do readers show it.
//!
//! **Crashes.** After step 2 the budget stays spent. Before step 5 nothing of the noise was visible to anybody, so running
//! again with the same parameters may draw again; after it, running again only finishes the log. Two hosts on one database
//! may both draw; the ledger lets exactly one of them store.
//!
//! **Restored databases.** When the log knows a reservation or a release that the database does not, closing is refused.

mod facts;

use std::path::PathBuf;

use crypto::day::Quarter;
use store::{DbError, Retryable, on, retrying};
use thiserror::Error;

use crate::App;
use crate::catalogue::{CatalogueError, Plan, parameters_hash, plans};
use crate::contribution::CityCode;
use crate::error::Error as RoleError;
use crate::estimate::Values;
use crate::ledger::{self, LedgerError, Progress};
use crate::log::{Kind, LogError, Subject, Writer};
use crate::measure::{self, MeasureError};
use crate::release::{self, Facts, ReleaseError, Sealed};
use crate::setup;
use crate::stored::{self, Release};

/// A quarter closes this many days after its last day: late reports come in until then.
pub const WAIT_DAYS: i32 = 30;

/// Why a quarter does not close. Nothing was published.
#[derive(Debug, Error)]
pub enum CloseError {
    /// It is closed.
    #[error("{0} is closed already: a quarter closes once, and nothing was changed")]
    AlreadyClosed(Quarter),
    /// Late reports may still come.
    #[error("{period} can close from {from} on: late reports are taken until then")]
    TooEarly {
        /// The quarter.
        period: Quarter,
        /// The first day on which it can close.
        from: crypto::day::Day,
    },
    /// The quarter lies before the programme.
    #[error("the programme starts in {0}: earlier quarters have nothing to close")]
    BeforeStart(Quarter),
    /// An earlier quarter is open.
    #[error("close {0} first: quarters close in order")]
    PreviousOpen(Quarter),
    /// Somebody registered a city, or began the series, between preparing and debiting.
    #[error(
        "the registry changed while the quarter was closing: nothing was debited; close it again"
    )]
    RegistryChanged,
    /// The log knows more than the database.
    #[error(
        "the database is older than the release log: restore the newer database; closing now would measure the same people twice"
    )]
    DatabaseBehind,
    /// The log and the database name different contents for one release.
    #[error(
        "the database and the release log disagree about a release: restore both from the same backup"
    )]
    Disagree,
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Counting or drawing failed.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// The release cannot be assembled.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The database's facts cannot be read.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The service is stopping.
    #[error("the service is stopping: close the quarter again")]
    Stopping,
}

impl Retryable for CloseError {
    fn wants_retry(&self) -> bool {
        match self {
            Self::Database(error)
            | Self::Ledger(LedgerError::Database(error))
            | Self::Role(RoleError::Database(error)) => error.wants_retry(),
            _ => false,
        }
    }
}

const IS_CLOSED: &str = "SELECT COUNT(*) FROM closed_period WHERE period = $1";
const CLOSE: &str = "INSERT INTO closed_period (period) VALUES ($1)";

/// Closes a quarter: all steps. Finishes a closing that broke off.
///
/// # Errors
/// [`CloseError`] as its texts say.
pub async fn close(app: &App, period: Quarter) -> Result<Closed, CloseError> {
    match prepare(app, period).await? {
        Ready::Finished(closed) => Ok(closed),
        Ready::Go(prepared) => {
            prepared
                .reserve()
                .await?
                .log()
                .await?
                .measure()
                .await?
                .store()
                .await?
                .publish()
                .await
        }
    }
}

/// Brings the release log up to date after a crash; call it once before serving.
///
/// # Errors
/// [`CloseError::DatabaseBehind`] and [`CloseError::Disagree`] when the database is not the one the log was written with.
pub async fn heal(app: &App) -> Result<(), CloseError> {
    let log = open_log(app.log_dir.clone()).await?;
    reconcile(app, log).await.map(drop)
}

/// A published release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub subject: Subject,
    /// BLAKE3 of the release.
    pub hash: [u8; 32],
}

/// What [`prepare`] found.
pub enum Ready<'a> {
    /// The quarter may close, or its closing broke off before anything was stored.
    Go(Box<Prepared<'a>>),
    /// An earlier closing had stored the release; its last step was done now.
    Finished(Closed),
}

struct Work<'a> {
    app: &'a App,
    log: Writer,
    subject: Subject,
    facts: Facts,
    plans: Vec<Plan>,
    parameters: [u8; 32],
}

/// The lock is held and the quarter may close.
pub struct Prepared<'a>(Work<'a>);
/// The budget is debited.
pub struct Reserved<'a>(Work<'a>);
/// The log knows of the debit.
pub struct Logged<'a>(Work<'a>);
/// The noise is drawn; only memory knows.
pub struct Measured<'a>(Work<'a>, Values, Sealed);
/// The release is in the database.
pub struct Stored<'a>(Work<'a>, Sealed);

/// Step 1: takes the lock, compares log and database, checks that the quarter may close.
///
/// # Errors
/// [`CloseError`] as its texts say; nothing was changed but the log brought up to date.
pub async fn prepare(app: &App, period: Quarter) -> Result<Ready<'_>, CloseError> {
    let subject = Subject { period, version: 1 };
    let log = open_log(app.log_dir.clone()).await?;
    let (log, healed) = reconcile(app, log).await?;
    if let Some(release) = healed
        .into_iter()
        .find(|release| release.subject == subject)
    {
        return Ok(Ready::Finished(Closed {
            subject,
            hash: release.hash,
        }));
    }
    let facts = facts::facts(&mut app.store.read().await?, app, subject).await?;
    let plans = plans(facts.budget)?;
    let codes: Vec<CityCode> = facts.cities.iter().map(|city| city.code).collect();
    let parameters = parameters_hash(subject, facts.budget, &codes, &plans)?;
    let work = Work {
        app,
        log,
        subject,
        facts,
        plans,
        parameters,
    };
    Ok(Ready::Go(Box::new(Prepared(work))))
}

impl<'a> Prepared<'a> {
    /// Step 2: debits every table and freezes the quarter, in one transaction; finds the same debit of a closing that broke off.
    ///
    /// # Errors
    /// [`CloseError::Ledger`] when the budget does not cover it; nothing was debited then.
    pub async fn reserve(self) -> Result<Reserved<'a>, CloseError> {
        let mut work = self.0;
        let mut rng = work.app.rng.clone();
        work.facts.spent_in_year = retrying(&mut rng, || debit(&work)).await?;
        Ok(Reserved(work))
    }
}

async fn debit(work: &Work<'_>) -> Result<crate::budget::NanoRho, CloseError> {
    let mut tx = work.app.store.write().await?;
    setup::shut(&mut tx).await?;
    let now = facts::facts(&mut tx, work.app, work.subject).await?;
    if (now.start, &now.cities) != (work.facts.start, &work.facts.cities) {
        return Err(CloseError::RegistryChanged);
    }
    let found = ledger::reserve(
        &mut tx,
        work.subject,
        &work.plans,
        work.facts.budget,
        &work.parameters,
    )
    .await?;
    if found == Progress::Released {
        return Err(CloseError::AlreadyClosed(work.subject.period));
    }
    let period = i64::from(work.subject.period.number());
    let (closed,): (i64,) = on!(&mut tx, |t| sqlx::query_as(IS_CLOSED)
        .bind(period)
        .fetch_one(&mut **t)
        .await)
    .map_err(DbError::from)?;
    if closed == 0 {
        on!(&mut tx, |t| sqlx::query(CLOSE)
            .bind(period)
            .execute(&mut **t)
            .await
            .map(drop))
        .map_err(DbError::from)?;
    }
    let spent = ledger::spent_until(&mut tx, work.subject.period).await?;
    tx.commit().await?;
    Ok(spent)
}

impl<'a> Reserved<'a> {
    /// Step 3: the log learns of the debit, on disk, before any noise exists.
    ///
    /// # Errors
    /// [`CloseError::Log`].
    pub async fn log(self) -> Result<Logged<'a>, CloseError> {
        let Work {
            app,
            log,
            subject,
            facts,
            plans,
            parameters,
        } = self.0;
        let log = append(log, vec![(subject, Kind::Reserved, parameters)]).await?;
        Ok(Logged(Work {
            app,
            log,
            subject,
            facts,
            plans,
            parameters,
        }))
    }
}

impl<'a> Logged<'a> {
    /// Step 4: counts, draws noise, assembles and signs.
    ///
    /// # Errors
    /// [`CloseError::Measure`], [`CloseError::Release`].
    pub async fn measure(self) -> Result<Measured<'a>, CloseError> {
        let work = self.0;
        let drawn = measure::measure(&work.app.store, &work.plans, &work.facts).await?;
        let mut all = stored::measurements(&work.app.store, &work.plans, work.subject).await?;
        all.extend(drawn.iter().map(|(key, value)| (*key, *value)));
        let assembled = release::assemble(&work.facts, &work.plans, &all)?;
        let sealed = release::seal(&assembled, &work.app.keys.release)?;
        Ok(Measured(work, drawn, sealed))
    }
}

impl<'a> Measured<'a> {
    /// Step 5: stores the measurements and the release in one transaction.
    ///
    /// # Errors
    /// [`CloseError::AlreadyClosed`] when another host stored this quarter first: what was drawn here is thrown away unseen.
    pub async fn store(self) -> Result<Stored<'a>, CloseError> {
        let Self(work, values, sealed) = self;
        let mut rng = work.app.rng.clone();
        retrying(&mut rng, || async {
            let mut tx = work.app.store.write().await?;
            if !ledger::release(&mut tx, work.subject, work.plans.len(), &work.parameters).await? {
                return Err(CloseError::AlreadyClosed(work.subject.period));
            }
            stored::insert(&mut tx, work.subject, &values, &sealed).await?;
            Ok(tx.commit().await?)
        })
        .await?;
        Ok(Stored(work, sealed))
    }
}

impl Stored<'_> {
    /// Step 6: the log learns the release's hash; from now on readers show it.
    ///
    /// # Errors
    /// [`CloseError::Log`]; the next closing or start of the service finishes this step.
    pub async fn publish(self) -> Result<Closed, CloseError> {
        let Self(work, sealed) = self;
        append(work.log, vec![(work.subject, Kind::Released, sealed.hash)]).await?;
        Ok(Closed {
            subject: work.subject,
            hash: sealed.hash,
        })
    }
}

async fn open_log(folder: PathBuf) -> Result<Writer, CloseError> {
    let opened = tokio::task::spawn_blocking(move || Writer::open(&folder)).await;
    Ok(opened.map_err(|_| CloseError::Stopping)??)
}

async fn append(
    mut log: Writer,
    lines: Vec<(Subject, Kind, [u8; 32])>,
) -> Result<Writer, CloseError> {
    let appended = tokio::task::spawn_blocking(move || {
        for (subject, kind, hash) in lines {
            log.append(subject, kind, hash)?;
        }
        Ok::<_, LogError>(log)
    });
    Ok(appended.await.map_err(|_| CloseError::Stopping)??)
}

/// Refuses a database that knows less than the log, then tells the log of releases it has not heard of.
async fn reconcile(app: &App, log: Writer) -> Result<(Writer, Vec<Release>), CloseError> {
    let mut tx = app.store.read().await?;
    let reserved = ledger::subjects(&mut tx).await?;
    let releases = stored::releases(&mut tx).await?;
    drop(tx);
    for (subject, kind, hash) in log.entries().iter() {
        let known = match kind {
            Kind::Reserved => reserved.get(&subject).copied(),
            Kind::Released => releases
                .iter()
                .find(|release| release.subject == subject)
                .map(|release| release.hash),
        };
        match known {
            None => return Err(CloseError::DatabaseBehind),
            Some(known) if known != hash => return Err(CloseError::Disagree),
            Some(_) => {}
        }
    }
    let unheard: Vec<Release> = releases
        .into_iter()
        .filter(|release| log.entries().get(release.subject, Kind::Released).is_none())
        .collect();
    let mut lines = Vec::new();
    for release in &unheard {
        let parameters = *reserved.get(&release.subject).ok_or(CloseError::Disagree)?;
        lines.push((release.subject, Kind::Reserved, parameters));
        lines.push((release.subject, Kind::Released, release.hash));
    }
    Ok((append(log, lines).await?, unheard))
}

#[cfg(test)]
impl Prepared<'_> {
    /// Test support: every published number of one more draw, of which nothing is kept.
    pub(crate) async fn rehearse(&self) -> Vec<(String, release::CellRelease)> {
        let work = &self.0;
        let Ok(drawn) = measure::measure(&work.app.store, &work.plans, &work.facts).await else {
            return Vec::new();
        };
        let assembled = release::assemble(&work.facts, &work.plans, &drawn)
            .map(|release| release.tables)
            .unwrap_or_default();
        assembled
            .into_iter()
            .flat_map(|table| {
                table
                    .cells
                    .into_iter()
                    .map(move |cell| (table.table.clone(), cell))
            })
            .collect()
    }
}

#[cfg(test)]
mod race_tests;
#[cfg(test)]
mod tests;

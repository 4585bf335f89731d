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
//! **Revisions** ([`crate::revision`]) take the same steps with another version number: what differs is what is counted and which
//! tables are debited.
//!
//! **Restored databases.** When the log knows a reservation or a release that the database does not, closing is refused.

mod debit;
mod error;
mod facts;
mod journal;

use crypto::day::Quarter;
use privacy::catalogue::{Plan, parameters_hash, plans_of, plans_shown};
use privacy::scope::Subject;
use store::retrying;

use crate::App;
use crate::ledger;
use crate::log::Writer;
use crate::measure::{self, MeasureError};
use crate::revision::Basis;
use crate::stored::{self, Release};
use release::facts::Facts;
use release::log::chain::Kind;
use release::measurements::Measurements;
use release::seal::{Sealed, seal};

use debit::debit;
use journal::{append, open_log, reconcile};

pub use error::CloseError;

/// A quarter closes this many days after its last day: late reports come in until then.
pub const WAIT_DAYS: i32 = 30;

/// Closes a quarter: all steps. Finishes a closing that broke off.
///
/// # Errors
/// [`CloseError`] as its texts say.
pub async fn close(app: &App, period: Quarter) -> Result<Closed, CloseError> {
    match prepare(app, period).await? {
        Ready::Finished(closed) => Ok(closed),
        Ready::Go(prepared) => prepared.finish().await,
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

impl From<Release> for Closed {
    fn from(release: Release) -> Self {
        Self {
            subject: release.subject,
            hash: release.hash,
        }
    }
}

/// What [`prepare`] found.
pub enum Ready<'a> {
    /// The quarter may close, or its closing broke off before anything was stored.
    Go(Box<Prepared<'a>>),
    /// An earlier closing had stored the release; its last step was done now.
    Finished(Closed),
}

/// What a release is made for.
pub(crate) enum Task {
    /// A quarter's first release.
    Closing,
    /// A later version of it.
    Revision(Box<Basis>),
}

struct Work<'a> {
    app: &'a App,
    log: Writer,
    subject: Subject,
    facts: Facts,
    /// What is debited and measured.
    plans: Vec<Plan>,
    parameters: [u8; 32],
    task: Task,
}

impl Work<'_> {
    /// Counts and draws noise.
    async fn draw(&self) -> Result<Measurements, MeasureError> {
        let scope = &self.facts.scope;
        match self.task {
            Task::Closing => measure::measure(&self.app.store, &self.plans, scope).await,
            Task::Revision(_) => measure::again(self.app, &self.plans, scope).await,
        }
    }

    /// The release: of what was drawn, and of the earlier measurements that it builds on.
    async fn compose(&self, drawn: &Measurements) -> Result<release::object::Release, CloseError> {
        let shown = plans_shown(&self.facts.scope, self.subject.version)?;
        let mut all = match &self.task {
            Task::Closing => {
                stored::measurements(&self.app.store, &self.plans, self.subject).await?
            }
            Task::Revision(basis) => basis.values.clone(),
        };
        all.extend(drawn.iter().map(|(key, value)| (*key, value)));
        Ok(release::assemble::assemble(&self.facts, &shown, &all)?)
    }

    /// Another process was first.
    const fn beaten(&self) -> CloseError {
        match self.task {
            Task::Closing => CloseError::AlreadyClosed(self.subject.period),
            Task::Revision(_) => CloseError::AlreadyRevised(self.subject.period),
        }
    }
}

/// The lock is held and the quarter may close.
pub struct Prepared<'a>(Work<'a>);
/// The budget is debited.
pub struct Reserved<'a>(Work<'a>);
/// The log knows of the debit.
pub struct Logged<'a>(Work<'a>);
/// The noise is drawn; only memory knows.
pub struct Measured<'a>(Work<'a>, Measurements, Sealed);
/// The release is in the database.
pub struct Stored<'a>(Work<'a>, Sealed);

/// Step 1: takes the lock, compares log and database, checks that the quarter may close.
///
/// # Errors
/// [`CloseError`] as its texts say; nothing was changed but the log brought up to date.
pub async fn prepare(app: &App, period: Quarter) -> Result<Ready<'_>, CloseError> {
    let subject = Subject { period, version: 1 };
    let (log, healed) = begin(app).await?;
    if let Some(release) = healed
        .into_iter()
        .find(|release| release.subject == subject)
    {
        return Ok(Ready::Finished(release.into()));
    }
    let facts = facts::facts(&mut app.store.read().await?, app, subject).await?;
    let plans = plans_of(&facts.scope)?;
    go(app, log, facts, plans, Task::Closing)
}

/// The log under its lock and brought up to date, and the releases that it had not heard of.
pub(crate) async fn begin(app: &App) -> Result<(Writer, Vec<Release>), CloseError> {
    let log = open_log(app.log_dir.clone()).await?;
    reconcile(app, log).await
}

/// Everything is known and nothing changed: the steps may be taken.
pub(crate) fn go(
    app: &App,
    log: Writer,
    facts: Facts,
    plans: Vec<Plan>,
    task: Task,
) -> Result<Ready<'_>, CloseError> {
    let subject = Subject {
        period: facts.scope.period,
        version: facts.version,
    };
    let parameters = parameters_hash(subject, &facts.scope, &plans)?;
    Ok(Ready::Go(Box::new(Prepared(Work {
        app,
        log,
        subject,
        facts,
        plans,
        parameters,
        task,
    }))))
}

impl<'a> Prepared<'a> {
    /// All steps from here on.
    ///
    /// # Errors
    /// As the steps.
    pub async fn finish(self) -> Result<Closed, CloseError> {
        let logged = self.reserve().await?.log().await?;
        logged.measure().await?.store().await?.publish().await
    }

    /// Step 2: debits every table and freezes the quarter, in one transaction; finds the same debit of a closing that broke off.
    ///
    /// # Errors
    /// [`CloseError::Ledger`] when the budget does not cover it; nothing was debited then.
    pub async fn reserve(self) -> Result<Reserved<'a>, CloseError> {
        let mut work = self.0;
        let mut rng = work.app.rng.clone();
        work.facts.spent_in_year = retrying!(work.app.store, "debit release", &mut rng, |tx| {
            debit(tx, &work).await
        })?;
        Ok(Reserved(work))
    }
}

impl<'a> Reserved<'a> {
    /// Step 3: the log learns of the debit, on disk, before any noise exists.
    ///
    /// # Errors
    /// [`CloseError::Log`].
    pub async fn log(self) -> Result<Logged<'a>, CloseError> {
        let Work { log, .. } = self.0;
        let line = (self.0.subject, Kind::Reserved, self.0.parameters);
        let log = append(log, vec![line]).await?;
        Ok(Logged(Work { log, ..self.0 }))
    }
}

impl<'a> Logged<'a> {
    /// Step 4: counts, draws noise, assembles and signs.
    ///
    /// # Errors
    /// [`CloseError::Measure`], [`CloseError::Release`].
    pub async fn measure(self) -> Result<Measured<'a>, CloseError> {
        let work = self.0;
        let drawn = work.draw().await?;
        let assembled = work.compose(&drawn).await?;
        let sealed = seal(&assembled, &work.app.keys.release)?;
        Ok(Measured(work, drawn, sealed))
    }
}

impl<'a> Measured<'a> {
    /// Step 5: stores the measurements and the release in one transaction.
    ///
    /// # Errors
    /// [`CloseError::AlreadyClosed`] or [`CloseError::AlreadyRevised`] when another host stored this release first: what was
    /// drawn here is thrown away unseen.
    pub async fn store(self) -> Result<Stored<'a>, CloseError> {
        let Self(work, values, sealed) = self;
        let mut rng = work.app.rng.clone();
        retrying!(work.app.store, "store release", &mut rng, |tx| {
            if !ledger::release(tx, work.subject, work.plans.len(), &work.parameters).await? {
                return Err(work.beaten());
            }
            stored::insert(tx, work.subject, &values, &sealed).await?;
            Ok(())
        })?;
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

#[cfg(test)]
impl Prepared<'_> {
    /// Test support: every published number of one more draw, of which nothing is kept.
    pub(crate) async fn rehearse(&self) -> Vec<(String, release::object::CellRelease)> {
        let Ok(drawn) = self.0.draw().await else {
            return Vec::new();
        };
        let Ok(assembled) = self.0.compose(&drawn).await else {
            return Vec::new();
        };
        let tables = assembled.tables.into_iter();
        tables
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

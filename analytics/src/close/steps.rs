//! The steps of a release, each made from the one before.

use privacy::catalogue::{Plan, parameters_hash};
use privacy::scope::Subject;
use release::facts::Facts;
use release::log::chain::Kind;
use release::measurements::Measurements;
#[cfg(test)]
use release::object::CellRelease;
use release::seal::{Sealed, seal};
use store::retrying;

use super::debit::debit;
use super::error::CloseError;
use super::journal::append;
use super::outlook;
use super::work::{Task, Work};
use crate::App;
use crate::ledger;
use crate::log::Writer;
use crate::stored::{self, ReleaseHash};

/// What [`prepare`](super::prepare) found.
pub enum Ready<'a> {
    /// The quarter may close, or its closing broke off before anything was stored.
    Go(Box<Prepared<'a>>),
    /// An earlier closing had stored the release; its last step was done now.
    Finished(ReleaseHash),
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

/// Everything is known and nothing changed: the steps may be taken.
pub(super) fn go(
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
    /// What is to be agreed to.
    pub(super) fn digest(&self) -> Result<[u8; 32], CloseError> {
        outlook::digest(&self.0.facts, &self.0.parameters)
    }

    /// All steps from here on.
    ///
    /// # Errors
    /// As the steps.
    pub async fn finish(self) -> Result<ReleaseHash, CloseError> {
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
    pub async fn publish(self) -> Result<ReleaseHash, CloseError> {
        let Self(work, sealed) = self;
        append(work.log, vec![(work.subject, Kind::Released, sealed.hash)]).await?;
        Ok(ReleaseHash {
            subject: work.subject,
            hash: sealed.hash,
        })
    }
}

#[cfg(test)]
impl Prepared<'_> {
    /// Test support: every published number of one more draw, of which nothing is kept.
    pub(crate) async fn rehearse(&self) -> Vec<(String, CellRelease)> {
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

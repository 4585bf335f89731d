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
//! **Revisions** ([`revise()`]) take the same steps with another version number: what differs is what is counted and which
//! tables are debited.
//!
//! **Restored databases.** When the log knows a reservation or a release that the database does not, closing is refused.

mod basis;
mod debit;
mod error;
mod facts;
mod journal;
mod outlook;
mod revise;
mod rules;
mod steps;
mod work;

use crypto::day::Quarter;
use privacy::catalogue::plans_of;
use privacy::scope::Subject;

use crate::App;
use crate::ledger::{self, Progress};
use crate::query;
use crate::stored::ReleaseHash;

use journal::begin;
use steps::go;
use work::Task;

pub use crate::calendar::WAIT_DAYS;
pub use error::CloseError;
pub use outlook::Outlook;
pub use revise::revise;
pub use steps::{Logged, Measured, Prepared, Ready, Reserved, Stored};

/// Closes a quarter: all steps. Finishes a closing that broke off.
///
/// # Errors
/// [`CloseError`] as its texts say.
pub async fn close(app: &App, period: Quarter) -> Result<ReleaseHash, CloseError> {
    match prepare(app, period).await? {
        Ready::Finished(closed) => Ok(closed),
        Ready::Go(prepared) => prepared.finish().await,
    }
}

/// Looks at what closing a quarter would do; nothing is debited, drawn, published or written, and no closing is waited for.
///
/// # Errors
/// Whatever [`close`] would refuse it for, the budget included.
pub async fn outlook(app: &App, period: Quarter) -> Result<Outlook, CloseError> {
    let subject = Subject { period, version: 1 };
    let unheard = journal::look(app).await?;
    if unheard.iter().any(|release| release.subject == subject) {
        return Err(CloseError::AlreadyClosed(period));
    }
    let facts = facts::facts(&mut app.store.read().await?, app, subject).await?;
    let plans = plans_of(&facts.scope)?;
    outlook::seen(app, subject, &facts, &plans).await
}

/// Closes a quarter, if that does what was agreed to. Finishes a closing that broke off.
///
/// # Errors
/// [`CloseError::OtherPlan`] when it would do something else; as [`close`].
pub async fn close_agreed(
    app: &App,
    period: Quarter,
    digest: &[u8; 32],
) -> Result<ReleaseHash, CloseError> {
    match prepare(app, period).await? {
        Ready::Finished(closed) => Ok(closed),
        Ready::Go(prepared) if prepared.digest()? == *digest => prepared.finish().await,
        Ready::Go(_) => Err(CloseError::OtherPlan(period)),
    }
}

/// Takes the last step of a closing that broke off after its release was stored.
///
/// # Errors
/// [`CloseError::AlreadyClosed`] when no step is left; as [`heal`].
pub async fn last_step(app: &App, period: Quarter) -> Result<ReleaseHash, CloseError> {
    let subject = Subject { period, version: 1 };
    let (_, healed) = begin(app).await?;
    let closed = healed
        .into_iter()
        .find(|release| release.subject == subject);
    closed.ok_or(CloseError::AlreadyClosed(period))
}

/// Whether a quarter was debited: its closing began.
///
/// # Errors
/// [`CloseError::Ledger`].
pub async fn has_begun(app: &App, period: Quarter) -> Result<bool, CloseError> {
    let subject = Subject { period, version: 1 };
    let progress = ledger::progress(&mut app.store.read().await?, subject).await?;
    Ok(progress != Progress::New)
}

/// Brings the release log up to date after a crash; call it once before serving.
///
/// # Errors
/// [`CloseError::DatabaseBehind`], [`CloseError::LogBehind`] and [`CloseError::Disagree`] when the database is not the one the log was written with.
pub async fn heal(app: &App) -> Result<(), CloseError> {
    begin(app).await.map(drop)
}

/// True while no report ever came: whoever closes then has most likely opened another database than they meant.
///
/// # Errors
/// [`Error::Database`](crate::error::Error::Database).
pub async fn is_empty(app: &App) -> Result<bool, crate::error::Error> {
    Ok(query::nobody(&mut app.store.read().await?).await?)
}

/// Lists again in the log what the database released, after somebody said that the log was lost; what was listed.
///
/// # Errors
/// As [`heal`], but for a log that is behind.
pub async fn adopt(app: &App) -> Result<Vec<ReleaseHash>, CloseError> {
    journal::adopt(app).await
}

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
        return Ok(Ready::Finished(release));
    }
    let facts = facts::facts(&mut app.store.read().await?, app, subject).await?;
    let plans = plans_of(&facts.scope)?;
    go(app, log, facts, plans, Task::Closing)
}

#[cfg(test)]
mod tests;

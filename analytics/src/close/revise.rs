//! A second look at a closed quarter: what late reports, corrections and merged identities have added since.
//!
//! A revision is version 2 of a quarter's release. It takes the very steps of a closing ([`crate::close`]), pays out of the part
//! of the year's budget kept for it ([`privacy::catalogue::REVISION_TABLES`]), and measures tables A and D of the quarter once
//! more, over *revised* contributions: every history as if each report had come on the day it speaks of (`measure/revised.rs`). All caps are
//! in force, so one person adds no more to a revision than to a closing. Nothing of version 1 is drawn again or changed: not its
//! measurements, not the stored contributions, not the running totals that later quarters build on.
//!
//! **One a year.** The ledger refuses a second revision of a calendar year, of whatever quarter.
//!
//! **Three numbers.** With a true count `x` at the closing and `x + c` now, version 1 estimates `x`, the new measurement
//! `x + c`. *revised* rests on the new measurement alone and is unbiased for `x + c`; *change* is revised less the estimate of
//! version 1 and is unbiased for `c`; *combined* weighs both by inverse variance, is the most precise of the three, and is off
//! by a known part of `c` ([`release::estimate`]).

use std::collections::BTreeSet;

use crypto::day::Quarter;
use privacy::catalogue::plans_again;
use release::reason::Reason;

use super::basis;
use super::error::CloseError;
use super::journal::begin;
use super::rules::may_revise;
use super::steps::{Ready, go};
use super::work::Task;
use crate::App;
use crate::stored::ReleaseHash;

/// Publishes the next version of a released quarter: all steps. Finishes a revision that broke off.
///
/// # Errors
/// [`CloseError`] as its texts say; nothing was published.
pub async fn revise(
    app: &App,
    period: Quarter,
    reasons: &BTreeSet<Reason>,
) -> Result<ReleaseHash, CloseError> {
    match prepare(app, period, reasons).await? {
        Ready::Finished(closed) => Ok(closed),
        Ready::Go(prepared) => prepared.finish().await,
    }
}

/// Step 1: takes the lock, compares log and database, checks that the quarter may be revised.
///
/// # Errors
/// [`CloseError`] as its texts say; nothing was changed but the log brought up to date.
async fn prepare<'a>(
    app: &'a App,
    period: Quarter,
    reasons: &BTreeSet<Reason>,
) -> Result<Ready<'a>, CloseError> {
    if reasons.is_empty() {
        return Err(CloseError::NoReason);
    }
    let (log, healed) = begin(app).await?;
    let revised =
        |release: &ReleaseHash| release.subject.period == period && release.subject.version > 1;
    if let Some(release) = healed.into_iter().find(revised) {
        return Ok(Ready::Finished(release));
    }
    let mut tx = app.store.read().await?;
    let subject = basis::next(&mut tx, period).await?;
    may_revise(&mut tx, app, subject).await?;
    drop(tx);
    let (facts, basis) = basis::read(app, subject, reasons).await?;
    let plans = plans_again(&facts.scope)?;
    if plans.is_empty() {
        return Err(CloseError::NothingToRevise);
    }
    go(app, log, facts, plans, Task::Revision(Box::new(basis)))
}

#[cfg(test)]
mod tests;

//! What a revision builds on: version 1 of the release as published, and the rules of when it may be revised.

use std::collections::BTreeSet;

use crypto::day::Quarter;
use privacy::scope::Subject;
use store::Tx;

use crate::App;
use crate::close::{CloseError, WAIT_DAYS};
use crate::ledger::{self, LedgerError, Progress};
use crate::stored::{self, ReadError};
use release::facts::Facts;
use release::measurements::Measurements;
use release::parts::{Parts, parts};
use release::reason::Reason;
use release::seal::SignedRelease;

/// The measurements of version 1.
#[derive(Debug)]
pub(crate) struct Basis {
    /// Its raw measurements.
    pub(crate) values: Measurements,
}

/// The public facts of the revision and what it builds on, both from the published file of version 1: cities and services are
/// those that it showed, whatever was registered since.
pub(super) async fn read(
    app: &App,
    subject: Subject,
    reasons: &BTreeSet<Reason>,
) -> Result<(Facts, Basis), CloseError> {
    let period = subject.period;
    let found = stored::version(&app.store, &app.log_dir, period, 1).await?;
    let (_, body) = found.ok_or(CloseError::NotReleased(period))?;
    let signed = SignedRelease::from_bytes(&body).map_err(|_| ReadError::Changed)?;
    let release = signed
        .open()
        .map_err(|_| CloseError::OtherCatalogue(period))?;
    let found = parts(&release).map_err(|_| ReadError::Changed)?;
    let Parts { facts, values, .. } = found.ok_or(CloseError::OtherCatalogue(period))?;
    let facts = Facts {
        version: subject.version,
        closed: app.today(),
        reasons: reasons.clone(),
        ..facts
    };
    Ok((facts, Basis { values }))
}

/// The version that the next revision of the quarter is: one that was begun and not finished, or a new one.
pub(super) async fn next(tx: &mut Tx, period: Quarter) -> Result<Subject, LedgerError> {
    let begun = ledger::under_way(tx).await?;
    let begun = begun
        .into_iter()
        .find(|one| one.period == period && one.version > 1);
    if let Some(subject) = begun {
        return Ok(subject);
    }
    let known = ledger::subjects(tx).await?;
    let versions = known.keys().filter(|one| one.period == period);
    let last = versions.map(|one| one.version).max().unwrap_or(1);
    Ok(Subject {
        period,
        version: last.saturating_add(1),
    })
}

/// Checks that the quarter is released, that its closing day has come, and that no other release was begun and not finished.
///
/// # Errors
/// Why it may not be revised, in [`CloseError`]'s words.
pub(crate) async fn may_revise(tx: &mut Tx, app: &App, subject: Subject) -> Result<(), CloseError> {
    let period = subject.period;
    let first = Subject { period, version: 1 };
    let others = ledger::under_way(tx).await?;
    if let Some(other) = others.into_iter().find(|one| *one != subject) {
        return Err(CloseError::UnderWay(other));
    }
    if ledger::progress(tx, first).await? != Progress::Released {
        return Err(CloseError::NotReleased(period));
    }
    let from = period.last_day().plus(WAIT_DAYS);
    if app.today() < from {
        return Err(CloseError::TooEarly { period, from });
    }
    Ok(())
}

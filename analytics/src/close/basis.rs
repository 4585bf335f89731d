//! What a revision builds on: version 1 of the release as published, and which version it is itself.

use std::collections::BTreeSet;

use crypto::day::Quarter;
use privacy::scope::Subject;
use store::Tx;

use super::error::CloseError;
use crate::App;
use crate::ledger::{self, LedgerError};
use crate::stored::{self, ReadError};
use release::facts::Facts;
use release::measurements::Measurements;
use release::parts::{Parts, parts};
use release::reason::Reason;
use release::seal::SignedRelease;

/// The measurements of version 1.
#[derive(Debug)]
pub(super) struct Basis {
    /// Its raw measurements.
    pub(super) values: Measurements,
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

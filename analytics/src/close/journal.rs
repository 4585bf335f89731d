//! The release log on its way through a closing: opened under its lock, compared with the database, written to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use privacy::scope::Subject;

use super::error::CloseError;
use crate::App;
use crate::blocking::blocking;
use crate::ledger;
use crate::log::{self, LogError, Writer};
use crate::stored::{self, ReleaseHash};
use release::log::chain::{Entries, Kind};

/// The hash of the parameters of every release that was debited.
type Debited = BTreeMap<Subject, [u8; 32]>;

async fn open_log(folder: PathBuf) -> Result<Writer, CloseError> {
    Ok(blocking(move || Writer::open(&folder)).await??)
}

pub(super) async fn append(
    mut log: Writer,
    lines: Vec<(Subject, Kind, [u8; 32])>,
) -> Result<Writer, CloseError> {
    if lines.is_empty() {
        return Ok(log);
    }
    let appended = blocking(move || {
        for (subject, kind, hash) in lines {
            log.append(subject, kind, hash)?;
        }
        Ok::<_, LogError>(log)
    });
    Ok(appended.await??)
}

/// The log under its lock and brought up to date, and the releases that it had not heard of.
pub(super) async fn begin(app: &App) -> Result<(Writer, Vec<ReleaseHash>), CloseError> {
    let log = open_log(app.log_dir.clone()).await?;
    reconcile(app, log, Lost::Refused).await
}

/// The releases that the log has not heard of, as far as it and the database fit. Takes no lock and writes nothing: whoever only looks
/// never waits for a closing.
pub(super) async fn look(app: &App) -> Result<Vec<ReleaseHash>, CloseError> {
    // A closing debits before it tells the log, and tells the log before it stores: so the database is read between.
    let before = read(app.log_dir.clone()).await?;
    let (debited, releases) = held(app).await?;
    fits(&before, &debited, &releases)?;
    let after = read(app.log_dir.clone()).await?;
    unheard(&after, releases, Lost::Refused)
}

async fn read(folder: PathBuf) -> Result<Entries, CloseError> {
    Ok(blocking(move || log::read(&folder)).await??)
}

async fn held(app: &App) -> Result<(Debited, Vec<ReleaseHash>), CloseError> {
    let mut tx = app.store.read().await?;
    let debited = ledger::subjects(&mut tx).await?;
    Ok((debited, stored::releases(&mut tx).await?))
}

/// Lists again what the database released and the log lacks, after somebody said that the log was lost.
pub(super) async fn adopt(app: &App) -> Result<Vec<ReleaseHash>, CloseError> {
    let log = open_log(app.log_dir.clone()).await?;
    let (_, unheard) = reconcile(app, log, Lost::Acknowledged).await?;
    Ok(unheard)
}

/// What is done about a log that lacks releases which it must have heard of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Refused,
    Acknowledged,
}

/// Refuses a database that knows less than the log, and a log that lost what it knew; then tells the log of a release whose last
/// step broke off.
async fn reconcile(
    app: &App,
    log: Writer,
    lost: Lost,
) -> Result<(Writer, Vec<ReleaseHash>), CloseError> {
    let (debited, releases) = held(app).await?;
    fits(log.entries(), &debited, &releases)?;
    let unheard = unheard(log.entries(), releases, lost)?;
    let mut lines = Vec::new();
    for release in &unheard {
        let parameters = *debited.get(&release.subject).ok_or(CloseError::Disagree)?;
        if log.entries().get(release.subject, Kind::Reserved).is_none() {
            lines.push((release.subject, Kind::Reserved, parameters));
        }
        lines.push((release.subject, Kind::Released, release.hash));
    }
    Ok((append(log, lines).await?, unheard))
}

/// Passes when the database holds all that the log tells of.
fn fits(log: &Entries, debited: &Debited, releases: &[ReleaseHash]) -> Result<(), CloseError> {
    for (subject, kind, hash) in log.iter() {
        let known = match kind {
            Kind::Reserved => debited.get(&subject).copied(),
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
    Ok(())
}

/// The releases that the log does not tell of.
fn unheard(
    log: &Entries,
    releases: Vec<ReleaseHash>,
    lost: Lost,
) -> Result<Vec<ReleaseHash>, CloseError> {
    let there = |release: &ReleaseHash, kind| log.get(release.subject, kind).is_some();
    let unheard: Vec<ReleaseHash> = releases
        .into_iter()
        .filter(|release| !there(release, Kind::Released))
        .collect();
    // A closing tells the log before anything is measured: a crash leaves that line, and never a release without it.
    let begun = |release: &ReleaseHash| there(release, Kind::Reserved);
    match lost == Lost::Refused && !unheard.iter().all(begun) {
        true => Err(CloseError::LogBehind),
        false => Ok(unheard),
    }
}

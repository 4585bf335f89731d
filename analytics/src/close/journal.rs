//! The release log on its way through a closing: opened under its lock, compared with the database, written to.

use std::path::PathBuf;

use privacy::scope::Subject;

use super::error::CloseError;
use crate::App;
use crate::blocking::blocking;
use crate::ledger;
use crate::log::{LogError, Writer};
use crate::stored::{self, ReleaseHash};
use release::log::chain::Kind;

async fn open_log(folder: PathBuf) -> Result<Writer, CloseError> {
    Ok(blocking(move || Writer::open(&folder)).await??)
}

pub(super) async fn append(
    mut log: Writer,
    lines: Vec<(Subject, Kind, [u8; 32])>,
) -> Result<Writer, CloseError> {
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
    let unheard: Vec<ReleaseHash> = releases
        .into_iter()
        .filter(|release| log.entries().get(release.subject, Kind::Released).is_none())
        .collect();
    // A closing tells the log before anything is measured: a crash leaves that line, and never a release without it.
    let begun = |release: &ReleaseHash| log.entries().get(release.subject, Kind::Reserved);
    if lost == Lost::Refused && unheard.iter().any(|release| begun(release).is_none()) {
        return Err(CloseError::LogBehind);
    }
    let mut lines = Vec::new();
    for release in &unheard {
        let parameters = *reserved.get(&release.subject).ok_or(CloseError::Disagree)?;
        if begun(release).is_none() {
            lines.push((release.subject, Kind::Reserved, parameters));
        }
        lines.push((release.subject, Kind::Released, release.hash));
    }
    Ok((append(log, lines).await?, unheard))
}

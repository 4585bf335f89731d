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
    reconcile(app, log).await
}

/// Refuses a database that knows less than the log, then tells the log of releases it has not heard of.
async fn reconcile(app: &App, log: Writer) -> Result<(Writer, Vec<ReleaseHash>), CloseError> {
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
    let mut lines = Vec::new();
    for release in &unheard {
        let parameters = *reserved.get(&release.subject).ok_or(CloseError::Disagree)?;
        lines.push((release.subject, Kind::Reserved, parameters));
        lines.push((release.subject, Kind::Released, release.hash));
    }
    Ok((append(log, lines).await?, unheard))
}

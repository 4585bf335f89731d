//! `payung release`: close, list, export, verify.

use std::path::Path;

use analytics::stored;
use crypto::day::Quarter;

use crate::cli::{Format, ReleaseCommand, StoreArgs};
use crate::datadir::DataDir;
use crate::error::Failure;
use crate::open::{self, Opening};
use crate::{hexadecimal, say};

/// Runs one of the commands.
pub async fn run(opening: &Opening, command: ReleaseCommand) -> Result<(), Failure> {
    match command {
        ReleaseCommand::Close { period, store } => close(opening, &store, period).await,
        ReleaseCommand::List { store } => list(opening, &store).await,
        ReleaseCommand::Export {
            period,
            format,
            store,
        } => export(opening, &store, period, format).await,
        ReleaseCommand::Verify { file, key } => verify(&opening.dir, &file, key.as_deref()),
    }
}

async fn close(opening: &Opening, store: &StoreArgs, period: Quarter) -> Result<(), Failure> {
    let app = open::analytics(opening, store).await?;
    let closed = analytics::close::close(&app, period)
        .await
        .map_err(|e| Failure::of("the quarter was not closed", e))?;
    say(&format!(
        "{period} is closed and published; release {}",
        hexadecimal(&closed.hash)
    ));
    Ok(())
}

async fn list(opening: &Opening, store: &StoreArgs) -> Result<(), Failure> {
    let reader = open::reader(opening, store).await?;
    let releases = stored::list(&reader.store, &reader.log_dir)
        .await
        .map_err(|e| Failure::of("the releases cannot be read", e))?;
    if releases.is_empty() {
        say("no release yet: close a quarter with `payung release close --period 2026Q1`");
    }
    for release in releases {
        let subject = release.subject;
        say(&format!(
            "{}  version {}  {}",
            subject.period,
            subject.version,
            hexadecimal(&release.hash)
        ));
    }
    Ok(())
}

async fn export(
    opening: &Opening,
    store: &StoreArgs,
    period: Quarter,
    format: Format,
) -> Result<(), Failure> {
    let reader = open::reader(opening, store).await?;
    let (_, body) = stored::newest(&reader.store, &reader.log_dir, period)
        .await
        .map_err(|e| Failure::of("the release cannot be read", e))?
        .ok_or_else(|| {
            Failure::new("this quarter has no release: `payung release list` shows those there are")
        })?;
    let bytes = match format {
        Format::Json => analytics::export::json::render(&body),
        Format::Csv => {
            analytics::export::csv::render(&body).map_err(|e| Failure::of("the export", e))?
        }
    };
    crate::output::write(&bytes)
}

fn verify(dir: &DataDir, file: &Path, key: Option<&str>) -> Result<(), Failure> {
    let text = match key {
        Some(text) => text.to_owned(),
        None => {
            dir.programme()
                .map_err(|_| {
                    Failure::new(
                        "give the published release key with --key, or the programme's --data-dir",
                    )
                })?
                .release_key
        }
    };
    let key = crate::parse_key(&text)?;
    let bytes =
        std::fs::read(file).map_err(|_| Failure::new("the file cannot be read: check its path"))?;
    let verified =
        analytics::verify::verify(&bytes, &key).map_err(|e| Failure::of("not verified", e))?;
    let how = if verified.recomputed {
        "the signature fits and every published number follows from the measurements in the file"
    } else {
        "the signature fits"
    };
    say(&format!(
        "verified: {} version {}, release {}; {how}",
        verified.period, verified.version, verified.hash
    ));
    Ok(())
}

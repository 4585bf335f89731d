//! `payung release`: close, revise and list here; all else in files of their own.

use std::collections::BTreeSet;
use std::sync::Arc;

use analytics::stored;
use crypto::day::Quarter;
use crypto::hex;
use release::reason::Reason;
use server::error::Failure;
use server::options::StoreArgs;
use server::{open, pull};

use crate::ask;
use crate::cli::{ReasonChoice, ReleaseCommand};
use crate::command::{export, log, plan, tables};
use crate::opening::Opening;
use crate::output::{complain, say};

/// Runs one of the commands.
pub(crate) async fn run(opening: &Opening, command: ReleaseCommand) -> Result<(), Failure> {
    match command {
        ReleaseCommand::Close {
            period,
            yes,
            seen,
            store,
        } => {
            if let Some(seen) = &seen {
                log::goes_on_from(opening, seen)?;
            }
            close(opening, &store, period, yes).await
        }
        ReleaseCommand::List { store } => list(opening, &store).await,
        ReleaseCommand::Export(args) => export::export(opening, &args).await,
        ReleaseCommand::Mapping { period, store } => {
            export::template(opening, &store, period).await
        }
        ReleaseCommand::Verify(args) => export::verify(&opening.dir, &args),
        ReleaseCommand::Revise {
            period,
            reason,
            store,
        } => revise(opening, &store, period, &reason).await,
        ReleaseCommand::Tables(args) => tables::run(opening, &args).await,
        ReleaseCommand::Log(args) => log::run(opening, &args).await,
        ReleaseCommand::Plan(args) => plan::run(&args),
    }
}

async fn close(
    opening: &Opening,
    store: &StoreArgs,
    period: Quarter,
    yes: bool,
) -> Result<(), Failure> {
    let app = with_all(opening, store).await?;
    let failed = |e| Failure::of("the statistics database", e);
    // Where nobody ever came there is nobody to tell anything about; one report later nothing is asked.
    if !yes && analytics::close::is_empty(&app).await.map_err(failed)? {
        complain(
            "no report ever came: a closing spends the budget and publishes noise alone, for good",
        );
        if !ask::agreed("Close the quarter all the same?") {
            return Err(Failure::new(
                "nothing was closed: import or deliver reports first, or say yes (in a script: --yes)",
            ));
        }
    }
    let closed = analytics::close::close(&app, period)
        .await
        .map_err(|e| Failure::of("the quarter was not closed", e))?;
    say(&format!(
        "{period} is closed and published; release {}",
        hex::encode(&closed.hash)
    ));
    if let Some(words) = log::beside(&app, opening) {
        complain(words);
    }
    Ok(())
}

/// The statistics role, with everything that the identity role of this folder received before today.
async fn with_all(opening: &Opening, store: &StoreArgs) -> Result<Arc<analytics::App>, Failure> {
    opening.dir.programme()?;
    let passphrase = opening.passphrase()?;
    let app = open::analytics(&opening.dir, store, &passphrase).await?;
    pull::pull(&opening.dir, store, &passphrase, &app)
        .await
        .map_err(|e| {
            let what =
                "nothing was counted, because what waits in the identity role was not fetched";
            Failure::of(what, e)
        })?;
    Ok(app)
}

async fn revise(
    opening: &Opening,
    store: &StoreArgs,
    period: Quarter,
    reasons: &[ReasonChoice],
) -> Result<(), Failure> {
    let reasons: BTreeSet<Reason> = reasons.iter().copied().map(reason).collect();
    let app = with_all(opening, store).await?;
    let revised = analytics::close::revise(&app, period, &reasons)
        .await
        .map_err(|e| Failure::of("the quarter was not revised", e))?;
    say(&format!(
        "{period} is revised and published as version {}; release {}. Version 1 stays readable",
        revised.subject.version,
        hex::encode(&revised.hash)
    ));
    Ok(())
}

const fn reason(choice: ReasonChoice) -> Reason {
    match choice {
        ReasonChoice::LateReports => Reason::LateReports,
        ReasonChoice::Corrections => Reason::Corrections,
        ReasonChoice::Merges => Reason::Merges,
    }
}

async fn list(opening: &Opening, store: &StoreArgs) -> Result<(), Failure> {
    let reader = opening.reader(store).await?;
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
            hex::encode(&release.hash)
        ));
    }
    Ok(())
}

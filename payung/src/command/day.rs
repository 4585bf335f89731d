//! `payung day`: by which day things are forgotten, and saying that the machine's clock is right.

use clap::Args;
use crypto::day::Day;
use crypto::rng::Random;
use server::datadir::KeyFile;
use server::error::Failure;
use server::open;
use server::options::StoreArgs;
use store::{DbError, Store, days, retrying};

use crate::opening::Opening;
use crate::output::say;

/// `payung day`.
#[derive(Debug, Args)]
pub struct DayArgs {
    /// Today's date, when the machine's clock is right although a service said that it is too far ahead.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub confirm: Option<Day>,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Shows the last sure day of each role whose keys are here, or makes today sure.
///
/// # Errors
/// [`Failure`] when the programme does not open, or another day is confirmed than the clock says.
pub async fn run(opening: &Opening, args: &DayArgs) -> Result<(), Failure> {
    opening.dir.programme()?;
    let today = open::clock(&opening.dir)?.today();
    if args.confirm.is_some_and(|day| day != today) {
        return Err(Failure::new(
            "the machine's clock says another day: put it right first, then confirm today's date",
        ));
    }
    let passphrase = opening.passphrase()?;
    let failed = |e: DbError| Failure::of("the day", e);
    if opening.dir.holds(KeyFile::Identity) {
        let limits = identity::Limits::default();
        let app = open::identity(&opening.dir, &args.store, &passphrase, limits).await?;
        if let Some(day) = args.confirm {
            identity::confirm_day(&app, day).await.map_err(failed)?;
        }
        show("identity", &app.store, today).await.map_err(failed)?;
    }
    if opening.dir.holds(KeyFile::Analytics) {
        let app = open::analytics(&opening.dir, &args.store, &passphrase).await?;
        if let Some(day) = args.confirm {
            let done: Result<(), DbError> =
                retrying!(app.store, "confirm the day", &mut Random::os(), |tx| {
                    days::confirm(tx, day).await
                });
            done.map_err(failed)?;
        }
        show("statistics", &app.store, today)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

async fn show(role: &str, store: &Store, clock: Day) -> Result<(), DbError> {
    let sure = days::sure(&mut store.read().await?).await?;
    let doubt = if days::ahead(sure, clock) {
        ", which is too far ahead to be believed"
    } else {
        ""
    };
    let sure = sure.map_or_else(|| "none".to_owned(), |day| day.to_string());
    say(&format!(
        "{role:<10} last sure day {sure}; the clock says {clock}{doubt}"
    ));
    Ok(())
}

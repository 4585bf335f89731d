//! `payung serve`: run until Ctrl-C or SIGTERM.

use server::error::Failure;
use server::open;
use server::options::Role;
use server::service::{Beside, Rooms, Running};
use server::settings::Settings;

use crate::cli::ServeArgs;
use crate::log;
use crate::opening::Opening;
use crate::output::say;
use crate::signals::Signals;

/// Serves.
pub(crate) async fn run(opening: &Opening, args: ServeArgs) -> Result<(), Failure> {
    opening.dir.programme()?;
    log::to_standard_error();
    let mut signals = Signals::catch()?;
    let remembered = opening.dir.settings()?.unwrap_or_default();
    let listen = args.listen.unwrap_or(remembered.listen);
    // The passphrase is gone from memory before the first caller comes.
    let opened = async {
        let beside = Beside {
            folder: Some(opening.dir.clone()),
            devices: None,
        };
        Running::start_beside(rooms(opening, args, remembered).await?, listen, beside).await
    };
    let running = tokio::select! {
        running = opened => running?,
        () = signals.next() => return Err(Failure::new("ended before anybody was served")),
    };
    say(&format!("serving on {}   (Ctrl-C ends it)", running.url()));
    signals.next().await;
    say("ending: finishing what is under way   (Ctrl-C again ends it at once)");
    tokio::select! {
        done = running.end() => done,
        () = signals.next() => Err(Failure::new(
            "ended at once: the log of writes may still stand beside the database; start and end the service once more",
        )),
    }
}

/// Opens the rooms of a role.
async fn rooms(opening: &Opening, args: ServeArgs, remembered: Settings) -> Result<Rooms, Failure> {
    let passphrase = opening.passphrase()?;
    let limits = open::limits(args.limits);
    Ok(match args.role.unwrap_or(remembered.role) {
        Role::All => Rooms::All(
            open::identity(&opening.dir, &args.store, &passphrase, limits).await?,
            open::analytics(&opening.dir, &args.store, &passphrase).await?,
        ),
        Role::Identity => {
            let url = args.analytics_url.or(remembered.analytics_url);
            let url = url.ok_or_else(|| {
                Failure::new(
                    "the identity role needs analytics-url in payung.toml or --analytics-url: where the statistics role answers",
                )
            })?;
            server::forward::private_address(&url)?;
            Rooms::Identity(
                open::identity(&opening.dir, &args.store, &passphrase, limits).await?,
                url,
            )
        }
        Role::Analytics => {
            Rooms::Analytics(open::analytics(&opening.dir, &args.store, &passphrase).await?)
        }
    })
}

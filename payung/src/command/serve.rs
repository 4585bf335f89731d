//! `payung serve`: run until Ctrl-C.

use server::error::Failure;
use server::open;
use server::options::Role;
use server::service::{Rooms, Running};

use crate::cli::ServeArgs;
use crate::opening::Opening;
use crate::output::say;

/// Serves.
pub(crate) async fn run(opening: &Opening, args: ServeArgs) -> Result<(), Failure> {
    opening.dir.programme()?;
    log_to_standard_error();
    let passphrase = opening.passphrase()?;
    let limits = open::limits(args.limits);
    let rooms = match args.role {
        Role::All => Rooms::All(
            open::identity(&opening.dir, &args.store, &passphrase, limits).await?,
            open::analytics(&opening.dir, &args.store, &passphrase).await?,
        ),
        Role::Identity => {
            let url = args.analytics_url.ok_or_else(|| {
                Failure::new(
                    "the identity role needs --analytics-url: where the statistics role answers",
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
    };
    let running = Running::start(rooms, args.listen).await?;
    say(&format!("serving on {}   (Ctrl-C ends it)", running.url()));
    wait_for_signal().await?;
    running.stop().await;
    Ok(())
}

/// Waits for Ctrl-C.
pub(crate) async fn wait_for_signal() -> Result<(), Failure> {
    tokio::signal::ctrl_c()
        .await
        .map_err(|e| Failure::of("waiting for Ctrl-C", e.kind()))
}

/// Warnings and errors of the rooms; what they may say is decided in `docs/logging.md`.
fn log_to_standard_error() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .finish();
    // Already set when a test started a service before: nothing to do then.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

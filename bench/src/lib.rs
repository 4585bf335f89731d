//! The figures of this machine: each measured beside the bare operations it is made of, in the same run.
//!
//! A ratio says what the service costs on top of what cannot be left out, and stays comparable between machines; a time
//! does not. Rounds of both sides alternate and the median counts, so that a busy moment of the machine meets both.
//! Everything happens in a temporary folder on the disk that the system names for temporary files; the write-ahead log is
//! on it as in operation (every commit reaches the disk). Limits: client and server share the machine's cores where HTTP
//! over the loopback is measured, so those figures are on the slow side.
#![forbid(unsafe_code)]

pub mod bare_presentation;
mod bare_reports;
mod crowd;
mod database;
pub mod figure;
mod pace;
pub mod place;
pub mod prepare;
mod presentations;
pub mod progress;
mod quarter;
mod reading;
mod reports;
pub mod served;
mod sizes;
pub mod watch;

use std::path::Path;

use bare_reports::Bare;
use crypto::rng::Random;
use database::Database;
use figure::Figure;
use place::Place;
use progress::Progress;
use server::error::Failure;
use store::Location;

/// Clients of the one provider.
pub const CLIENTS: usize = 3_000;

/// What to measure beside what always is.
#[derive(Clone, Default)]
pub struct Plan {
    /// Also what takes minutes: reports into a store of a million events.
    pub long: bool,
    /// `postgres://` address of a server on which presentations and reports are measured too.
    pub database: Option<String>,
}

/// Founds programmes in an empty `folder`, which the caller deletes, and measures everything.
///
/// # Errors
/// [`Failure`] of whatever could not be set up.
pub async fn run(
    plan: &Plan,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let mut figures = on_sqlite(plan, folder, progress).await?;
    if let Some(url) = &plan.database {
        figures.extend(on_postgres(url, folder, progress).await?);
    }
    Ok(figures)
}

async fn on_sqlite(
    plan: &Plan,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let mut rng = Random::os();
    let place = Place::found(folder, None, &mut rng).await?;
    // First the closing, whose peak memory must not hold what the others prepare.
    let closing = quarter::measure(&place.analytics, progress).await?;
    let clients = place.enrol(CLIENTS, progress, &mut rng).await?;
    // Before presentations put more envelopes.
    let mut sizes = vec![sizes::sync(&place, &clients).await?];
    sizes.extend(sizes::envelopes(&place, &clients, &mut rng).await?);
    let mut figures = presentations::measure(&place, &clients, "", progress).await?;
    figures.push(pace::measure(&place, &clients, progress).await?);
    let location = Location::SqliteFile(folder.join("bare.db"));
    let bare = Bare::open(&location, place.keys()).await?;
    figures.extend(reports::measure(&place, &bare, "", progress).await?);
    if plan.long {
        crowd::fill(&place.analytics, folder, progress).await?;
        let among = ", among a million events";
        figures.extend(reports::measure(&place, &bare, among, progress).await?);
    }
    bare.close().await;
    figures.extend(closing);
    figures.push(reading::measure(&place, progress).await?);
    figures.extend(sizes);
    figures.push(sizes::status_list(&mut rng)?);
    figures.push(sizes::verdict(&place, &clients)?);
    place.close().await;
    Ok(figures)
}

/// Presentations and reports on a PostgreSQL server, in databases that are dropped again.
async fn on_postgres(
    url: &str,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let (own, floor) = (Database::make(url).await?, Database::make(url).await?);
    let done = in_databases(&own, &floor, folder, progress).await;
    own.remove().await?;
    floor.remove().await?;
    done
}

async fn in_databases(
    own: &Database,
    floor: &Database,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let (mut rng, there) = (Random::os(), ", PostgreSQL");
    let folder = folder.join("postgres");
    let place = Place::found(&folder, Some(own.url.clone()), &mut rng).await?;
    let clients = place.enrol(CLIENTS, progress, &mut rng).await?;
    let mut figures = presentations::measure(&place, &clients, there, progress).await?;
    let bare = Bare::open(&Location::Postgres(floor.url.clone()), place.keys()).await?;
    figures.extend(reports::measure(&place, &bare, there, progress).await?);
    bare.close().await;
    place.close().await;
    Ok(figures)
}

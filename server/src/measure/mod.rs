//! The figures of this machine: each measured beside the bare operations it is made of, in the same run.
//!
//! A ratio says what the service costs on top of what cannot be left out, and stays comparable between machines; a time
//! does not. Rounds of both sides alternate and the median counts, so that a busy moment of the machine meets both.
//! Everything happens in a temporary folder on the disk that the system names for temporary files; the write-ahead log is
//! on it as in operation (every commit reaches the disk). Limits: client and server share the machine's cores where HTTP
//! over the loopback is measured, so those figures are on the slow side.

pub mod bare;
pub mod figure;
pub mod pace;
pub mod place;
pub mod prepare;
pub mod quarter;
pub mod reading;
pub mod reports;
pub mod served;
pub mod sizes;
pub mod watch;

use std::sync::Arc;

use crypto::rng::Random;

use crate::demo::stage::Temporary;
use crate::error::Failure;
use crate::progress;
use figure::{Figure, Side};
use place::{Clients, Place};
use prepare::Presentation;

/// Rounds of each side.
const ROUNDS: usize = 5;
/// Presentations of one round.
const PRESENTATIONS: usize = 3_000;
/// Clients of the one provider.
pub const CLIENTS: usize = 3_000;

/// Founds a programme in a temporary folder, measures everything, deletes the folder.
///
/// # Errors
/// [`Failure`] of whatever could not be set up.
pub async fn all() -> Result<Vec<Figure>, Failure> {
    let folder = Temporary::make()?;
    let done = within(&folder).await;
    folder.remove()?;
    done
}

async fn within(folder: &Temporary) -> Result<Vec<Figure>, Failure> {
    let mut rng = Random::os();
    let place = Place::found(folder.path(), &mut rng).await?;
    // First the closing, whose peak memory must not hold what the others prepare.
    let mut figures = quarter::measure(&place.analytics).await?;
    let clients = place.enrol(CLIENTS, &mut rng).await?;
    let mut first = vec![presentations(&place, &clients).await?];
    first.push(pace::measure(&place, &clients).await?);
    first.push(reports::measure(&place, folder.path()).await?);
    first.append(&mut figures);
    first.push(reading::measure(&place).await?);
    first.push(sizes::sync(&place, &clients).await?);
    first.push(sizes::status_list(&mut rng)?);
    first.push(sizes::verdict(&place, &clients)?);
    place.close().await;
    Ok(first)
}

async fn presentations(place: &Place, clients: &Clients) -> Result<Figure, Failure> {
    let router = place.router()?;
    let keys = bare::Keys::fresh(place)?;
    let all = prepare::presentations(clients, ROUNDS * PRESENTATIONS + PRESENTATIONS)?;
    let rounds: Vec<Arc<Vec<Presentation>>> = split(all);
    let bar = progress::bar("presentations", rounds.len() as u64);
    let (mut served_rates, mut bare_rates) = (Vec::new(), Vec::new());
    for (number, round) in rounds.into_iter().enumerate() {
        let bare = bare::run(&keys, &round)?;
        let served = served::run(&router, &place.identity, &round).await?;
        bar.inc(1);
        // The first round warms caches and counts for nothing.
        if number > 0 {
            bare_rates.push(watch::rate(PRESENTATIONS, bare));
            served_rates.push(watch::rate(PRESENTATIONS, served));
        }
    }
    bar.finish_and_clear();
    Ok(Figure::ratio(
        "presentation, server side, all cores busy",
        &Side::new(served_rates, "a second"),
        &Side::new(bare_rates, "a second"),
        0.7,
    ))
}

fn split(mut all: Vec<Presentation>) -> Vec<Arc<Vec<Presentation>>> {
    let mut rounds = Vec::new();
    while all.len() >= PRESENTATIONS {
        rounds.push(Arc::new(all.split_off(all.len() - PRESENTATIONS)));
    }
    rounds
}

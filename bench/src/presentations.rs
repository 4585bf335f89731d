//! Presentations through the service beside their bare operations, round by round: with envelopes that stay, and with
//! envelopes that come.
//!
//! A presentation is two evaluations and a report; it fetches no envelopes. A put is a transaction of its own beside them,
//! counted to the presentation it follows, a tenth of one each: a day on which nobody enrols would hide what that costs.
//! What it costs the terminals that fetch it is a line of its own (`sizes.rs`).

use server::error::Failure;

use crate::bare_presentation::{self, Keys};
use crate::figure::{Figure, Side};
use crate::place::{Clients, Place};
use crate::prepare;
use crate::progress::Progress;
use crate::served;

/// Rounds of each side that count, after one that warms caches.
const ROUNDS: usize = 4;
/// Presentations of one round; enough that its end, when the last reports are delivered, is a small part of it.
const EACH: usize = 10_000;
/// Share of the bare rate to be reached.
const LEAST: f64 = 0.85;

/// Measures both; `where_to` is added to the names of the figures.
///
/// # Errors
/// [`Failure`] when the service refuses a request.
pub(crate) async fn measure(
    place: &Place,
    clients: &Clients,
    where_to: &str,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let router = place.router()?;
    let keys = Keys::fresh(place)?;
    let (mut still, mut moving, mut bare) = (Side::of(EACH), Side::of(EACH), Side::of(EACH));
    progress.begin("presentations", ROUNDS as u64 + 1);
    for round in 0..=ROUNDS {
        let quiet = prepare::presentations(clients, EACH)?;
        let floor = bare_presentation::run(&keys, &quiet)?;
        let calm = served::run(&router, &place.identity, &quiet).await?;
        let mut busy = prepare::presentations(clients, EACH)?;
        prepare::put_envelopes(clients, &mut busy)?;
        let changing = served::run(&router, &place.identity, &busy).await?;
        if round > 0 {
            bare.add(floor);
            still.add(calm);
            moving.add(changing);
        }
        progress.step(1);
    }
    progress.end();
    let name = |what: &str| format!("{what}{where_to}");
    Ok(vec![
        Figure::ratio(
            &name("presentation, server side, all cores busy"),
            &still,
            &bare,
            LEAST,
        ),
        Figure::ratio(
            &name("the same, an envelope put for every tenth"),
            &moving,
            &bare,
            LEAST,
        ),
    ])
}

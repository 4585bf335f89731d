//! Replaying a table through the whole protocol, as terminals at real counters would.
//!
//! Every distinct person gets one card; every row presents that card at its site's provider and
//! records the event. Rows go in waves (everybody's first row, everybody's second, ...), so that
//! one person's rows keep their order while many people share one evaluation. A row that cannot
//! be replayed is named with its line and reason; the others stand.

mod desk;
pub mod hire;
mod keep;
mod plan;

use std::collections::BTreeMap;
use std::time::Duration;

use crypto::day::{Day, Month};
use crypto::report::Site;
use crypto::rng::Random;
use desk::Session;
use indicatif::ProgressBar;
use wire::rows::Row;
use zeroize::Zeroizing;

pub use desk::Desk;
pub use keep::Keeper;
pub use plan::{Known, Plan, Rejected};

use crate::error::Failure;

/// Months that a card made for a replay stays good.
const CARD_MONTHS: i32 = 730;
/// People who share one call.
const BATCH: usize = 64;

/// What a replay works with.
pub struct Stage {
    /// An operator's session.
    pub operator: Session,
    /// One counter per site.
    pub desks: BTreeMap<Site, Desk>,
    /// Today: card expiry and verdicts count from it.
    pub today: Day,
    /// Randomness.
    pub rng: Random,
}

/// What a replay did.
pub struct Replayed {
    /// The text of every person's card, by the person's key in the file.
    pub cards: BTreeMap<String, Zeroizing<String>>,
    /// Rows presented and recorded.
    pub rows: usize,
    /// Rows refused, in the order of the file.
    pub rejected: Vec<Rejected>,
}

impl Stage {
    /// Replays a plan; `bar` counts rows.
    pub async fn play(
        &mut self,
        plan: Plan,
        known: &Known,
        bar: &ProgressBar,
    ) -> Result<Replayed, Failure> {
        let (people, mut rejected) = plan.split(known, &self.desks.keys().cloned().collect());
        let expiry = Month::of(self.today.plus(CARD_MONTHS));
        let cards = terminal::issue::issue(&self.operator, people.len(), expiry, &mut self.rng)
            .await
            .map_err(|e| Failure::of("making the cards", e))?;
        let texts: BTreeMap<String, Zeroizing<String>> = people
            .keys()
            .cloned()
            .zip(cards.iter().map(|card| Zeroizing::new(card.to_text())))
            .collect();
        let mut rows = 0;
        for wave in plan::waves(people) {
            rows += self.play_wave(wave, &texts, bar, &mut rejected).await?;
        }
        rejected.sort_by_key(|refused| refused.line);
        Ok(Replayed {
            cards: texts,
            rows,
            rejected,
        })
    }

    async fn play_wave(
        &mut self,
        wave: plan::Wave,
        cards: &BTreeMap<String, Zeroizing<String>>,
        bar: &ProgressBar,
        rejected: &mut Vec<Rejected>,
    ) -> Result<usize, Failure> {
        let mut done = 0;
        for (site, rows) in wave.by_site {
            let today = self.today;
            let desk = self.desk(&site)?;
            for chunk in rows.chunks(BATCH) {
                let texts: Vec<&str> = chunk
                    .iter()
                    .filter_map(|row| cards.get(&row.person))
                    .map(|text| text.as_str())
                    .collect();
                let people = patiently(desk, async |desk: &mut Desk| {
                    desk.meet(&texts, wave.first, today).await
                })
                .await?;
                done += serve_rows(desk, chunk, people, rejected)?;
                patiently(desk, async |desk: &mut Desk| desk.send().await).await?;
                bar.inc(chunk.len() as u64);
            }
        }
        Ok(done)
    }

    /// The counter of a site.
    pub fn desk(&mut self, site: &Site) -> Result<&mut Desk, Failure> {
        self.desks
            .get_mut(site)
            .ok_or_else(|| Failure::new("a site has no counter"))
    }

    /// Writes what the terminals keep and signs the operator out.
    pub async fn leave(mut self) -> Result<(), Failure> {
        for desk in self.desks.values_mut() {
            desk.save().await?;
        }
        terminal::admin::revoke_staff(&self.operator, self.operator.staff())
            .await
            .map_err(|e| Failure::of("retiring the replay's operator", e))
    }

    /// Sends everything on to the statistics store; returns how many reports it took.
    pub async fn flush(&self) -> Result<u64, Failure> {
        terminal::admin::flush_outbox(&self.operator)
            .await
            .map_err(|e| Failure::of("delivering the reports", e))
    }
}

fn serve_rows(
    desk: &mut Desk,
    rows: &[Row],
    people: Vec<Result<terminal::present::Person, terminal::error::Error>>,
    rejected: &mut Vec<Rejected>,
) -> Result<usize, Failure> {
    let mut done = 0;
    for (row, person) in rows.iter().zip(people) {
        match person {
            Ok(person) => {
                desk.record(&person, row)?;
                done += 1;
            }
            Err(error) => rejected.push(Rejected {
                line: row.line,
                reason: error.to_string(),
            }),
        }
    }
    Ok(done)
}

/// Repeats a call while the server asks for patience.
async fn patiently<T>(
    desk: &mut Desk,
    call: impl AsyncFn(&mut Desk) -> Result<T, terminal::error::Error>,
) -> Result<T, Failure> {
    loop {
        match call(desk).await {
            Ok(done) => return Ok(done),
            Err(error) => match error.retry_after() {
                Some(wait) => tokio::time::sleep(wait.max(Duration::from_millis(100))).await,
                None => return Err(Failure::of("presenting cards", error)),
            },
        }
    }
}

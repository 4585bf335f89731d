//! The counters of a replay, and an operator behind them: a plan's waves through the protocol.

use std::collections::BTreeMap;
use std::time::Duration;

use crypto::card::Card;
use crypto::day::{Day, Month};
use crypto::report::Site;
use crypto::rng::Random;
use terminal::present::Person;
use wire::rows::Row;
use zeroize::Zeroizing;

use super::desk::Desk;
use super::error::ReplayError;
use super::plan::{self, Known, Plan, Reason, Rejected};
use crate::Session;

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
    /// Replays a plan; `served` hears how many rows were just served.
    ///
    /// # Errors
    /// [`ReplayError`] when a call fails for all rows; a row's own failure is in what is returned.
    pub async fn play(
        &mut self,
        plan: Plan,
        known: &Known,
        served: &mut impl FnMut(u64),
    ) -> Result<Replayed, ReplayError> {
        let (people, mut rejected) = plan.split(known, &self.desks.keys().cloned().collect());
        let expiry = Month::of(self.today.plus(CARD_MONTHS));
        let cards = self.cards(people.len(), expiry).await?;
        let texts: BTreeMap<String, Zeroizing<String>> = people
            .keys()
            .cloned()
            .zip(cards.iter().map(|card| Zeroizing::new(card.to_text())))
            .collect();
        let mut rows = 0;
        for wave in plan::waves(people) {
            rows += self.play_wave(wave, &texts, served, &mut rejected).await?;
        }
        rejected.sort_by_key(|refused| refused.line);
        Ok(Replayed {
            cards: texts,
            rows,
            rejected,
        })
    }

    /// Makes cards at the first counter: an operator has no wrap key.
    ///
    /// # Errors
    /// [`ReplayError`] when there is no counter or a call fails.
    pub async fn cards(&mut self, count: usize, expiry: Month) -> Result<Vec<Card>, ReplayError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let station = self.desks.values().next().ok_or(ReplayError::NoCounter)?;
        terminal::issue::issue(station.session(), count, expiry, &mut self.rng)
            .await
            .map_err(ReplayError::at("making the cards"))
    }

    async fn play_wave(
        &mut self,
        wave: plan::Wave,
        cards: &BTreeMap<String, Zeroizing<String>>,
        served: &mut impl FnMut(u64),
        rejected: &mut Vec<Rejected>,
    ) -> Result<usize, ReplayError> {
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
                served(chunk.len() as u64);
            }
        }
        Ok(done)
    }

    /// The counter of a site.
    ///
    /// # Errors
    /// `NoCounter`.
    pub fn desk(&mut self, site: &Site) -> Result<&mut Desk, ReplayError> {
        self.desks.get_mut(site).ok_or(ReplayError::NoCounter)
    }

    /// Writes what the terminals keep and revokes the operator, whose account was made for this.
    ///
    /// # Errors
    /// [`ReplayError`] when a file cannot be written or the call fails.
    pub async fn leave(mut self) -> Result<(), ReplayError> {
        for desk in self.desks.values_mut() {
            desk.save().await?;
        }
        terminal::admin::revoke_staff(&self.operator, self.operator.staff())
            .await
            .map_err(ReplayError::at("retiring the replay's operator"))
    }

    /// Sends everything on to the statistics store; returns how many reports it took.
    ///
    /// # Errors
    /// [`ReplayError`] when the call fails.
    pub async fn flush(&self) -> Result<u64, ReplayError> {
        terminal::admin::flush_outbox(&self.operator)
            .await
            .map_err(ReplayError::at("delivering the reports"))
    }
}

fn serve_rows(
    desk: &mut Desk,
    rows: &[Row],
    people: Vec<Result<Person, terminal::Error>>,
    rejected: &mut Vec<Rejected>,
) -> Result<usize, ReplayError> {
    let mut done = 0;
    for (row, person) in rows.iter().zip(people) {
        match person {
            Ok(person) => {
                desk.record(&person, row)?;
                done += 1;
            }
            Err(error) => rejected.push(Rejected {
                line: row.line,
                reason: Reason::Terminal(error),
            }),
        }
    }
    Ok(done)
}

/// Repeats a call while the server asks for patience.
async fn patiently<T>(
    desk: &mut Desk,
    call: impl AsyncFn(&mut Desk) -> Result<T, terminal::Error>,
) -> Result<T, ReplayError> {
    loop {
        match call(desk).await {
            Ok(done) => return Ok(done),
            Err(error) => match error.retry_after() {
                Some(wait) => tokio::time::sleep(wait.max(Duration::from_millis(100))).await,
                None => return Err(ReplayError::at("presenting cards")(error)),
            },
        }
    }
}

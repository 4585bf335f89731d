//! The counters of a replay, and an operator behind them: a plan's waves through the protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crypto::card::Card;
use crypto::day::{Day, Month};
use crypto::report::Site;
use crypto::rng::Random;
use terminal::present::Person;
use zeroize::Zeroizing;

use super::desk::Desk;
use super::error::ReplayError;
use super::issued::Tags;
use super::keep::Keeper;
use super::plan::{self, Known, Plan, Reason, Rejected, Split, Waiting};
use crate::Session;

/// Months that a card made for a replay stays good.
const CARD_MONTHS: i32 = 730;
/// People who share one call.
const BATCH: usize = 64;

/// The text of every person's card, by the person's key in the file.
pub(super) type Cards = BTreeMap<String, Zeroizing<String>>;

/// What a replay works with.
pub struct Stage {
    /// An operator's session.
    pub operator: Session,
    /// One counter per site.
    pub desks: BTreeMap<Site, Desk>,
    /// What is kept between runs.
    pub keeper: Keeper,
    /// Today: card expiry and verdicts count from it.
    pub today: Day,
    /// Randomness.
    pub rng: Random,
}

/// What a replay did.
pub struct Replayed {
    /// The text of every person's card, by the person's key in the file.
    pub cards: Cards,
    /// Whose cards among them are new.
    pub new: BTreeSet<String>,
    /// Rows presented and recorded.
    pub rows: usize,
    /// Rows of which an earlier run did so.
    pub before: usize,
    /// Rows refused, in the order of the file.
    pub rejected: Vec<Rejected>,
}

impl Stage {
    /// Replays a plan; `served` hears how many rows were just served. Rows that an earlier replay on this data folder
    /// presented are not presented again, and everybody keeps the card that was issued then.
    ///
    /// # Errors
    /// [`ReplayError`] when a call fails for all rows; a row's own failure is in what is returned.
    pub async fn play(
        &mut self,
        plan: Plan,
        known: &Known,
        served: &mut impl FnMut(u64),
    ) -> Result<Replayed, ReplayError> {
        let programme = self.operator.bundle().core.programme;
        self.keeper.load_issued(programme)?;
        let open = self.desks.keys().cloned().collect();
        let split = plan.split(known, &open, &self.keeper);
        let (cards, new) = self.cards_of(&split).await?;
        // Before anybody is presented: a card that came to life and is not kept would be a second person the next time.
        self.keeper.save_issued(&mut self.rng)?;
        let mut replayed = Replayed {
            cards,
            new,
            rows: 0,
            before: split.before,
            rejected: split.rejected,
        };
        let played = self.play_waves(split.people, &mut replayed, served).await;
        self.keeper.save_issued(&mut self.rng)?;
        played?;
        replayed.rejected.sort_by_key(|refused| refused.line);
        Ok(replayed)
    }

    /// Everybody's card: the one that was issued before, or a new one; and whose are new.
    async fn cards_of(&mut self, split: &Split) -> Result<(Cards, BTreeSet<String>), ReplayError> {
        let mut cards = Cards::new();
        let mut without = BTreeSet::new();
        for code in &split.codes {
            match self.keeper.issued.card(&Tags(&self.keeper.key), code) {
                Some((text, _)) => drop(cards.insert(code.clone(), text)),
                None => drop(without.insert(code.clone())),
            }
        }
        let expiry = Month::of(self.today.plus(CARD_MONTHS));
        let fresh = self.cards(without.len(), expiry).await?;
        for (code, card) in without.iter().zip(&fresh) {
            let text = Zeroizing::new(card.to_text());
            let tags = Tags(&self.keeper.key);
            self.keeper.issued.keep(&tags, code, &text);
            cards.insert(code.clone(), text);
        }
        Ok((cards, without))
    }

    async fn play_waves(
        &mut self,
        people: BTreeMap<String, Vec<Waiting>>,
        replayed: &mut Replayed,
        served: &mut impl FnMut(u64),
    ) -> Result<(), ReplayError> {
        let mut kept = self.keeper.issued.rows();
        for wave in plan::waves(people) {
            for (site, rows) in wave {
                for chunk in rows.chunks(BATCH) {
                    self.play_chunk(&site, chunk, replayed).await?;
                    served(chunk.len() as u64);
                }
            }
            // Now and then, so that little is presented again after a crash: the file is written whole.
            let now = self.keeper.issued.rows();
            if now - kept >= BATCH.max(now / 8) {
                self.keeper.save_issued(&mut self.rng)?;
                kept = now;
            }
        }
        Ok(())
    }

    async fn play_chunk(
        &mut self,
        site: &Site,
        chunk: &[Waiting],
        replayed: &mut Replayed,
    ) -> Result<(), ReplayError> {
        let people = self.meet(site, chunk, replayed).await?;
        let desk = self.desk(site)?;
        let served = serve_rows(desk, chunk, people, &mut replayed.rejected)?;
        patiently(desk, async |desk: &mut Desk| desk.send().await).await?;
        replayed.rows += served.len();
        let keeper = &mut self.keeper;
        let tags = Tags(&keeper.key);
        for waiting in served {
            keeper.issued.alive(&tags, &waiting.row.person);
            keeper.issued.presented(waiting.tag.clone());
        }
        Ok(())
    }

    /// Presents the cards of a chunk; new ones come to life.
    async fn meet(
        &mut self,
        site: &Site,
        chunk: &[Waiting],
        replayed: &Replayed,
    ) -> Result<Vec<Result<Person, terminal::Error>>, ReplayError> {
        let cards = chunk
            .iter()
            .filter_map(|it| replayed.cards.get(&it.row.person));
        let texts: Vec<&str> = cards.map(|text| text.as_str()).collect();
        let (tags, issued) = (Tags(&self.keeper.key), &self.keeper.issued);
        let young = |code: &str| issued.card(&tags, code).is_some_and(|(_, alive)| !alive);
        let young: Vec<bool> = chunk.iter().map(|it| young(&it.row.person)).collect();
        let new = chunk.iter().all(|it| replayed.new.contains(&it.row.person));
        let first = new && young.iter().all(|young| *young);
        let today = self.today;
        let desk = self.desk(site)?;
        let mut met = present(desk, &texts, first, today).await?;
        // A card of a run that broke off, which never came to life.
        let asleep = |at: &usize| young[*at] && matches!(met[*at], Err(terminal::Error::NotActive));
        let asleep: Vec<usize> = (0..met.len()).filter(asleep).collect();
        if !asleep.is_empty() {
            let texts: Vec<&str> = asleep.iter().map(|at| texts[*at]).collect();
            let woken = present(desk, &texts, true, today).await?;
            for (at, person) in asleep.into_iter().zip(woken) {
                met[at] = person;
            }
        }
        Ok(met)
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
        Self::retire(&self.operator).await
    }

    /// Revokes an operator whose account was made for a replay.
    ///
    /// # Errors
    /// [`ReplayError`] when the call fails.
    pub async fn retire(operator: &Session) -> Result<(), ReplayError> {
        terminal::admin::revoke_staff(operator, operator.staff())
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

async fn present(
    desk: &mut Desk,
    texts: &[&str],
    first: bool,
    today: Day,
) -> Result<Vec<Result<Person, terminal::Error>>, ReplayError> {
    patiently(desk, async |desk: &mut Desk| {
        desk.meet(texts, first, today).await
    })
    .await
}

/// Records the rows of those who were recognised; those rows are answered.
fn serve_rows<'a>(
    desk: &mut Desk,
    chunk: &'a [Waiting],
    people: Vec<Result<Person, terminal::Error>>,
    rejected: &mut Vec<Rejected>,
) -> Result<Vec<&'a Waiting>, ReplayError> {
    let mut served = Vec::with_capacity(chunk.len());
    for (waiting, person) in chunk.iter().zip(people) {
        match person {
            Ok(person) => match desk.record(&person, &waiting.row)? {
                None => served.push(waiting),
                Some(reason) => rejected.push(Rejected {
                    line: waiting.row.line,
                    lines: 1,
                    reason,
                }),
            },
            Err(error) => rejected.push(Rejected {
                line: waiting.row.line,
                lines: 1,
                reason: Reason::Terminal(error),
            }),
        }
    }
    Ok(served)
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

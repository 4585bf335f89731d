//! What terminals may do in a day, reserved ahead of use for all of them together.
//!
//! A count that is written when somebody acts lies, in the order of writes, beside what was done. So every live terminal
//! has a block of presentations, activations, reports and roster entries in memory, a quarter of its day; of activations and
//! entries, which accounts could multiply, its provider and the programme have blocks too, from which all their terminals take; blocks are filled by the hour, and
//! when one is empty, for everybody at once, in a moment of their own. What is stored runs ahead of what was done by at most
//! a block, never behind it. At a clean end the rest of every block is given back; a crash costs each terminal the
//! rest of its blocks of that day. Presentations that were made are written down with it, for the balance of reports; a
//! crash loses those of the hour. Several processes each have blocks of their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crypto::day::Day;
use crypto::id::TerminalId;
use crypto::rng::Random;
use store::clock::Clock;
use store::{DbError, Store, Tx, execute, fetch_all, parsed, retrying};

use super::balance::{self, PRESENTED};
use super::counts::{self, CountTags, Counted, PROGRAMME, Row};
use super::limits::Limits;
use crate::memory::blocks::{Blocks, Key, What, Whose};
use crate::memory::presented::{Batch, Made, Presented};
use crate::memory::together::{Asked, Together, Turn};
use crate::pen::{Pen, Phase};

/// A day's number is reserved in this many blocks, and as many more as are needed.
const BLOCKS: u32 = 4;
/// Seconds after which blocks are filled without need.
const HOUR: i64 = 3_600;

const LIVE: &str = "SELECT terminal, provider FROM terminal WHERE revoked = 0 AND provider IS NOT NULL ORDER BY terminal";
/// A batch of presentations that is on the disk.
const MARK: &str = "INSERT INTO allowance (day, whose, what, taken) VALUES ($1, $2, 'batch', 0)
    ON CONFLICT (day, whose, what) DO NOTHING";
const GIVE_BACK: &str = "UPDATE allowance SET taken = taken - $4
    WHERE day = $1 AND whose = $2 AND what = $3 AND taken >= $4";

/// What one caller needs beyond its block; answered with what was granted.
struct Demand {
    key: Key,
    amount: u32,
}

/// Counts of the last days, by whose they are.
type Known = HashMap<[u8; 16], Vec<Counted>>;
type Queue = Together<Asked<Demand, Result<u32, DbError>>>;

/// The blocks and what fills them.
pub(crate) struct Reserve {
    pub(crate) blocks: Blocks,
    pub(crate) presented: Presented,
    pub(super) tags: CountTags,
    queue: Arc<Queue>,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Random,
    limits: Limits,
    pen: Arc<Pen>,
    hour: AtomicI64,
}

impl Reserve {
    pub(crate) fn new(
        (store, clock, random): (Store, Arc<dyn Clock>, Random),
        tags: CountTags,
        limits: Limits,
        pen: Arc<Pen>,
    ) -> Self {
        Self {
            blocks: Blocks::default(),
            presented: Presented::default(),
            tags,
            queue: Arc::default(),
            store,
            clock,
            random,
            limits,
            pen,
            hour: AtomicI64::new(0),
        }
    }

    /// Fills every block, and this one with `amount` more than it has if there is so much; answers what was added to it.
    ///
    /// # Errors
    /// Database errors: nothing is known to be reserved then.
    pub(crate) async fn demand(self: &Arc<Self>, key: Key, amount: u32) -> Result<u32, DbError> {
        let begin = |turn| drop(tokio::spawn(run(turn, Arc::clone(self))));
        let granted = self.queue.ask(Demand { key, amount }, begin).await;
        granted.unwrap_or(Err(DbError::Unavailable))
    }

    async fn fill(&self, demands: &BTreeMap<Key, u32>) -> Result<BTreeMap<Key, u32>, DbError> {
        let day = self.clock.today();
        let over = self.blocks.hand_over_but(day);
        let made = self.presented.take(day, &mut self.random.clone());
        let granted = retrying!(
            self.store,
            "reserve for everybody",
            &mut self.random.clone(),
            |tx| {
                self.give_back(tx, &over).await?;
                self.write_down(tx, made.as_ref()).await?;
                self.write(tx, day, demands).await
            }
        )?;
        if let Some(made) = &made {
            self.presented.written(made);
        }
        for (key, amount) in &granted {
            self.blocks.add(*key, day, *amount);
        }
        Ok(granted)
    }

    /// Fills every block, when an hour is over.
    ///
    /// # Errors
    /// Database errors; then it is done the next time.
    pub(super) async fn by_the_hour(&self) -> Result<(), DbError> {
        let hour = self.clock.unix_seconds().div_euclid(HOUR);
        if self.hour.load(Ordering::Relaxed) == hour {
            return Ok(());
        }
        let pen = self.pen.take(Phase::Counts).await;
        let done = self.fill(&BTreeMap::new()).await;
        pen.put_down().await;
        done?;
        self.hour.store(hour, Ordering::Relaxed);
        Ok(())
    }

    /// Gives unused blocks back and writes presentations down.
    ///
    /// # Errors
    /// Database errors: the day then stays that much shorter.
    pub(super) async fn settle(&self) -> Result<(), DbError> {
        let (mut over, day) = (self.blocks.hand_over_all(), self.clock.today());
        // Once more for what was counted while an earlier batch was on its way.
        loop {
            let made = self.presented.take(day, &mut self.random.clone());
            if made.is_none() && over.is_empty() {
                return Ok(());
            }
            let done: Result<(), DbError> = retrying!(
                self.store,
                "settle counts",
                &mut self.random.clone(),
                |tx| {
                    self.give_back(tx, &over).await?;
                    self.write_down(tx, made.as_ref()).await
                }
            );
            done?;
            over.clear();
            if let Some(made) = &made {
                self.presented.written(made);
            }
        }
    }

    async fn give_back(&self, tx: &mut Tx, over: &[(Key, Day, u32)]) -> Result<(), DbError> {
        for (key, day, left) in over {
            let (day, whose) = (i64::from(day.number()), self.whose(key.0));
            let left = i64::from(*left);
            execute!(tx, GIVE_BACK, day, &whose[..], word(*key), left)?;
        }
        Ok(())
    }

    /// Counts for every live terminal, and for those who are limited together, what their blocks lack.
    async fn write(
        &self,
        tx: &mut Tx,
        day: Day,
        demands: &BTreeMap<Key, u32>,
    ) -> Result<BTreeMap<Key, u32>, DbError> {
        let known = counts::known(tx, day).await?;
        let (mut granted, mut rows) = (BTreeMap::new(), Vec::new());
        for key in keys(tx).await? {
            let lacks = self.lacks(key, day, demands);
            let more = lacks.min(self.room(key, day, &known));
            granted.insert(key, more);
            rows.push((day, self.whose(key.0), word(key), more));
        }
        counts::add(tx, &rows).await?;
        Ok(granted)
    }

    /// Writes presentations down, unless that very batch is there.
    pub(crate) async fn write_down(
        &self,
        tx: &mut Tx,
        batch: Option<&Batch>,
    ) -> Result<(), DbError> {
        let Some(batch) = batch else {
            return Ok(());
        };
        let day = i64::from(batch.day.number());
        if execute!(tx, MARK, day, &batch.id[..])? == 0 {
            return Ok(());
        }
        counts::add(tx, &self.presentations(&batch.made)).await
    }

    fn presentations(&self, made: &Made) -> Vec<Row> {
        let row = |((terminal, day), amount): (&(TerminalId, Day), &u32)| {
            (*day, self.tags.of(terminal.as_bytes()), PRESENTED, *amount)
        };
        made.iter().map(row).collect()
    }

    fn lacks(&self, key: Key, day: Day, demands: &BTreeMap<Key, u32>) -> u32 {
        let left = self.blocks.left(key, day);
        let block = (self.of_a_day(key) / BLOCKS).max(1);
        let demanded = demands.get(&key).copied().unwrap_or(0);
        block.max(demanded).saturating_sub(left)
    }

    fn of_a_day(&self, (whose, what): Key) -> u32 {
        let caps = what.shared().map(|shared| self.limits.caps(shared));
        match (whose, caps, what) {
            (Whose::Provider(_), Some(caps), _) => caps.provider,
            (Whose::Programme, Some(caps), _) => caps.programme,
            (Whose::Terminal(_), Some(caps), _) => caps.terminal,
            (_, None, What::Report) => self.limits.reports_per_day,
            (_, None, _) => self.limits.presentations_per_day,
        }
    }

    /// How many more somebody may reserve today, by what is stored of them.
    fn room(&self, key: Key, day: Day, known: &Known) -> u32 {
        let rows = known.get(&self.whose(key.0));
        let rows = rows.map_or(&[][..], Vec::as_slice);
        if key.1 == What::Report {
            return balance::left(&self.limits, day, rows);
        }
        let today = |row: &&Counted| row.day == day && row.what == word(key);
        let taken: i64 = rows.iter().filter(today).map(|row| row.taken).sum();
        let usual = i64::from(self.of_a_day(key));
        let most = match key.0 {
            Whose::Terminal(_) => usual,
            Whose::Provider(_) => {
                let raised = rows.iter().filter(today).find_map(|row| row.cap);
                raised.unwrap_or(usual)
            }
            Whose::Programme => usual.saturating_add(self.beyond(key.1, day, known)),
        };
        let left = most.saturating_sub(taken).max(0);
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// What providers were given today beyond what each may: the programme's cap grows by it.
    fn beyond(&self, what: What, day: Day, known: &Known) -> i64 {
        let Some(shared) = what.shared() else {
            return 0;
        };
        let usual = i64::from(self.limits.caps(shared).provider);
        let rows = known.values().flatten();
        let today = rows.filter(|row| row.day == day && row.what == shared.as_str());
        let caps = today.filter_map(|row| row.cap);
        caps.map(|cap| (cap - usual).max(0)).sum()
    }

    /// Under what their counts stand.
    fn whose(&self, whose: Whose) -> [u8; 16] {
        match whose {
            Whose::Terminal(id) => self.tags.of(id.as_bytes()),
            Whose::Provider(id) => self.tags.of(id.as_bytes()),
            Whose::Programme => self.tags.of(&PROGRAMME),
        }
    }
}

/// The word under which somebody's acts are counted.
fn word((whose, what): Key) -> &'static str {
    match (whose, what.shared()) {
        (Whose::Provider(_) | Whose::Programme, Some(shared)) => shared.as_str(),
        _ => what.as_str(),
    }
}

/// Everybody who has blocks: live terminals, their providers, the programme.
async fn keys(tx: &mut Tx) -> Result<BTreeSet<Key>, DbError> {
    let mut keys = BTreeSet::new();
    let shared = || What::ALL.into_iter().filter(|what| what.shared().is_some());
    keys.extend(shared().map(|what| (Whose::Programme, what)));
    for (terminal, provider) in fetch_all!(tx, (Vec<u8>, Vec<u8>), LIVE)? {
        let (terminal, provider) = (parsed(&terminal)?, parsed(&provider)?);
        keys.extend(What::ALL.map(|what| (Whose::Terminal(terminal), what)));
        keys.extend(shared().map(|what| (Whose::Provider(provider), what)));
    }
    Ok(keys)
}

/// Fills until nobody waits.
async fn run(mut turn: Turn<Asked<Demand, Result<u32, DbError>>>, reserve: Arc<Reserve>) {
    loop {
        let pen = reserve.pen.take(Phase::Counts).await;
        let waiting = turn.next(|_| true).await;
        if waiting.is_empty() {
            return;
        }
        let mut demands: BTreeMap<Key, u32> = BTreeMap::new();
        for one in &waiting {
            let sum = demands.entry(one.job.key).or_insert(0);
            *sum = sum.saturating_add(one.job.amount);
        }
        let granted = reserve.fill(&demands).await;
        pen.put_down().await;
        for one in waiting {
            let of = |granted: &BTreeMap<Key, u32>| granted.get(&one.job.key).copied().unwrap_or(0);
            let answer = granted.as_ref().map(of).map_err(Clone::clone);
            one.answer(answer);
        }
    }
}

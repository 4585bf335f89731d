//! What a terminal may do today: taken from its blocks, and of some acts from its provider's and the programme's, which are filled when they are empty (`reserve.rs`).

use crypto::day::Day;
use store::DbError;

use crate::access::session::Session;
use crate::error::DAY_WAIT;
use crate::memory::blocks::{Key, What, Whose};
use crate::{App, Refusal};

/// The blocks that an act of a terminal is taken from: its own, and where its provider and the programme are limited
/// too, theirs.
fn purse(session: &Session, what: What) -> Vec<Key> {
    let mut keys = vec![(Whose::Terminal(session.terminal), what)];
    if let (Some(_), Some(provider)) = (what.shared(), session.provider) {
        keys.extend([(Whose::Provider(provider), what), (Whose::Programme, what)]);
    }
    keys
}

/// Fills the first block that has less than `amount`; why there is no more, if there is none. Another request may have
/// used what this one reserved.
async fn fill(app: &App, purse: &[Key], amount: u32) -> Result<Option<Refusal>, DbError> {
    let (day, blocks) = (app.clock.today(), &app.reserve.blocks);
    let short = purse.iter().find(|key| blocks.left(**key, day) < amount);
    let Some(key) = short else {
        return Ok(None);
    };
    let more = app.reserve.demand(*key, amount).await?;
    Ok((more == 0).then(|| refusal(*key)))
}

/// Why a block that is used up refuses.
const fn refusal((whose, _): Key) -> Refusal {
    match whose {
        Whose::Terminal(_) => Refusal::Limit {
            retry_after: DAY_WAIT,
        },
        Whose::Provider(_) => Refusal::ProviderLimit,
        Whose::Programme => Refusal::ProgrammeLimit,
    }
}

/// Counts `amount` presentations of a terminal, or refuses them whole.
pub(crate) async fn presentations(
    app: &App,
    session: &Session,
    amount: u32,
) -> Result<(), Refusal> {
    let day = take(app, session, What::Presentation, amount).await?;
    app.reserve.presented.add(session.terminal, day, amount);
    Ok(())
}

/// Takes `amount` from the blocks of a terminal, or refuses it whole; answers of which day.
///
/// # Errors
/// [`Refusal::Limit`], [`Refusal::ProviderLimit`], [`Refusal::ProgrammeLimit`], database errors.
pub(crate) async fn take(
    app: &App,
    session: &Session,
    what: What,
    amount: u32,
) -> Result<Day, Refusal> {
    let purse = purse(session, what);
    loop {
        // A block is of the day on which it was filled, and midnight may pass while one waits for it.
        let day = app.clock.today();
        if app.reserve.blocks.take(&purse, day, amount) {
            return Ok(day);
        }
        if let Some(why) = fill(app, &purse, amount).await? {
            return Err(why);
        }
    }
}

/// Puts back what was taken on a day for something that came to nothing; after that day it is nobody's.
pub(crate) fn put_back(app: &App, session: &Session, what: What, day: Day, amount: u32) {
    for key in purse(session, what) {
        app.reserve.blocks.put_back(key, day, amount);
    }
}

/// Takes up to `amount` from the blocks of a terminal, at least one; answers how many.
///
/// # Errors
/// As [`take`], when there is none.
pub(crate) async fn some(
    app: &App,
    session: &Session,
    what: What,
    amount: usize,
) -> Result<usize, Refusal> {
    let amount = u32::try_from(amount).map_err(|_| Refusal::Malformed)?;
    let (purse, blocks) = (purse(session, what), &app.reserve.blocks);
    loop {
        // Each as far as it goes: one that is used up keeps no other from being filled.
        let mut used_up = Vec::new();
        for key in &purse {
            let short = blocks.left(*key, app.clock.today()) < amount;
            if short && app.reserve.demand(*key, amount).await? == 0 {
                used_up.push(*key);
            }
        }
        let day = app.clock.today();
        let covered = blocks.take_most(&purse, day, amount);
        if covered > 0 {
            return usize::try_from(covered).map_err(|_| Refusal::Internal);
        }
        // Otherwise somebody was quicker.
        let empty = |key: &Key| blocks.left(*key, day) == 0;
        if let Some(key) = used_up.into_iter().find(empty) {
            return Err(refusal(key));
        }
    }
}

impl App {
    /// Fills the blocks of all terminals, when an hour is over. Call it by the minute.
    ///
    /// # Errors
    /// Database errors; then it is done the next time.
    pub async fn reserve_by_the_hour(&self) -> Result<(), DbError> {
        self.reserve.by_the_hour().await
    }

    /// Gives back what was reserved and not used. Call it before the end; what is done afterwards is reserved anew.
    ///
    /// # Errors
    /// Database errors: the day then stays that much shorter.
    pub async fn settle_counts(&self) -> Result<(), DbError> {
        self.reserve.settle().await
    }
}

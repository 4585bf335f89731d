//! What a terminal may do today: taken from its blocks, which are filled when they are empty (`reserve.rs`).

use crypto::day::Day;
use crypto::id::TerminalId;
use store::DbError;

use crate::error::DAY_WAIT;
use crate::memory::blocks::What;
use crate::{App, Refusal};

/// Counts `amount` presentations of a terminal, or refuses them whole.
pub(crate) async fn presentations(
    app: &App,
    terminal: TerminalId,
    amount: u32,
) -> Result<(), Refusal> {
    let day = take(app, terminal, What::Presentation, amount).await?;
    app.reserve.presented.add(terminal, day, amount);
    Ok(())
}

/// Takes `amount` from the block of a terminal, or refuses it whole; answers of which day.
///
/// # Errors
/// [`Refusal::Limit`], database errors.
pub(crate) async fn take(
    app: &App,
    terminal: TerminalId,
    what: What,
    amount: u32,
) -> Result<Day, Refusal> {
    let key = (terminal, what);
    loop {
        // A block is of the day on which it was filled, and midnight may pass while one waits for it.
        let day = app.clock.today();
        if app.reserve.blocks.take(key, day, amount) {
            return Ok(day);
        }
        // Another request of the terminal may have used what this one reserved.
        if app.reserve.demand(key, amount).await? == 0 {
            let retry_after = DAY_WAIT;
            return Err(Refusal::Limit { retry_after });
        }
    }
}

/// Puts back what was taken on a day for something that came to nothing; after that day it is nobody's.
pub(crate) fn put_back(app: &App, terminal: TerminalId, what: What, day: Day, amount: u32) {
    app.reserve.blocks.put_back((terminal, what), day, amount);
}

/// Takes up to `amount` reports from the balance of a terminal, at least one; answers how many.
///
/// # Errors
/// [`Refusal::Limit`] when the balance is used up, database errors.
pub(crate) async fn reports(
    app: &App,
    terminal: TerminalId,
    amount: usize,
) -> Result<usize, Refusal> {
    let amount = u32::try_from(amount).map_err(|_| Refusal::Malformed)?;
    let key = (terminal, What::Report);
    let blocks = &app.reserve.blocks;
    loop {
        let mut granted = 0;
        if blocks.left(key, app.clock.today()) < amount {
            granted = app.reserve.demand(key, amount).await?;
        }
        let covered = blocks.take_most(key, app.clock.today(), amount);
        if covered > 0 {
            return usize::try_from(covered).map_err(|_| Refusal::Internal);
        }
        // Another request of the terminal may have used what this one reserved.
        if granted == 0 {
            let retry_after = DAY_WAIT;
            return Err(Refusal::Limit { retry_after });
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

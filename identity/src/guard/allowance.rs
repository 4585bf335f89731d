//! Counts of a day, in the database so that a restart does not reset them.
//!
//! Presentations are frequent, so they are taken from the database in portions and handed out from memory: the stored
//! number runs ahead of the true one by at most a portion, never behind. Rare acts are counted exactly, inside the
//! transaction that performs them. No row says when within the day, and rows older than a month are deleted.

use crypto::day::Day;
use crypto::id::TerminalId;
use store::{DbError, Tx, execute, fetch_one, retrying};

use crate::error::DAY_WAIT;
use crate::{App, Refusal};

/// Days a count is kept.
const KEPT: i32 = 31;
/// A day's allowance is taken in this many portions.
const PORTIONS: u32 = 20;
const TAKE: &str = "INSERT INTO allowance (day, whose, what, taken) VALUES ($1, $2, $3, $4)
    ON CONFLICT (day, whose, what) DO UPDATE SET taken = allowance.taken + $4 RETURNING taken";
const FORGET: &str = "DELETE FROM allowance WHERE day < $1";

/// What is counted exactly, by terminal alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Activation,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
        }
    }
}

/// Counts `amount` presentations of a terminal, or refuses them whole.
pub(crate) async fn presentations(
    app: &App,
    terminal: TerminalId,
    amount: u32,
) -> Result<(), Refusal> {
    let limit = app.limits.presentations_per_day;
    let day = app.clock.today();
    while !app.portions.take(terminal, day, amount) {
        let wish = amount.max(limit / PORTIONS);
        let portion = match reserve(app, terminal, day, wish, limit).await {
            // Not a whole portion is left: take exactly what is needed, or refuse.
            Err(Refusal::Limit { .. }) if wish > amount => {
                reserve(app, terminal, day, amount, limit)
                    .await
                    .map(|()| amount)
            }
            other => other.map(|()| wish),
        }?;
        app.portions.add(terminal, day, portion);
    }
    app.presented.add(terminal, day, amount);
    Ok(())
}

async fn reserve(
    app: &App,
    terminal: TerminalId,
    day: Day,
    amount: u32,
    limit: u32,
) -> Result<(), Refusal> {
    retrying!(app.store, "reserve presentations", &mut app.rng(), |tx| {
        forget(tx, day).await?;
        let taken = count(tx, day, terminal.as_bytes(), "presentation", amount).await?;
        within(taken, limit.into())
    })
}

/// Counts one rare act inside its own transaction; an error rolls both back.
pub(crate) async fn one(
    tx: &mut Tx,
    day: Day,
    terminal: TerminalId,
    what: What,
    limit: u32,
) -> Result<(), Refusal> {
    let taken = count(tx, day, terminal.as_bytes(), what.name(), 1).await?;
    within(taken, limit.into())
}

/// Refuses what goes beyond a terminal's limit.
pub(super) fn within(taken: i64, limit: i64) -> Result<(), Refusal> {
    let wait = Refusal::Limit {
        retry_after: DAY_WAIT,
    };
    (taken <= limit).then_some(()).ok_or(wait)
}

/// Deletes the counts of days long past.
pub(super) async fn forget(tx: &mut Tx, day: Day) -> Result<(), DbError> {
    execute!(tx, FORGET, i64::from(day.number() - KEPT)).map(drop)
}

/// Counts for somebody: a terminal, a provider, or the programme. Answers how many there are then.
pub(super) async fn count(
    tx: &mut Tx,
    day: Day,
    whose: &[u8; 16],
    what: &str,
    amount: u32,
) -> Result<i64, DbError> {
    let (day, amount) = (i64::from(day.number()), i64::from(amount));
    let (taken,): (i64,) = fetch_one!(tx, (i64,), TAKE, day, &whose[..], what, amount)?;
    Ok(taken)
}

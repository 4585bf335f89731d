//! Counts of a day per terminal, in the database so that a restart does not reset them.
//!
//! Presentations are frequent, so they are taken from the database in portions and handed out from memory: the stored
//! number runs ahead of the true one by at most a portion, never behind. Rare acts are counted exactly, inside the
//! transaction that performs them. No row says when within the day, and rows older than a month are deleted.

use crypto::day::Day;
use crypto::id::TerminalId;
use store::{Tx, execute, fetch_one, retrying};

use crate::{App, Refusal};

/// Days a count is kept.
const KEPT: i32 = 31;
/// A day's allowance is taken in this many portions.
const PORTIONS: u32 = 20;
/// Seconds a caller is told to wait when a day's allowance is used up.
const WAIT: u32 = 3_600;

const TAKE: &str = "INSERT INTO allowance (day, terminal, what, taken) VALUES ($1, $2, $3, $4)
    ON CONFLICT (day, terminal, what) DO UPDATE SET taken = allowance.taken + $4 RETURNING taken";
const FORGET: &str = "DELETE FROM allowance WHERE day < $1";

/// What is counted exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Activation,
    Revocation,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Revocation => "revocation",
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
        let old = i64::from(day.number() - KEPT);
        execute!(tx, FORGET, old)?;
        count(tx, day, terminal, "presentation", amount, limit).await?;
        Ok(())
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
    count(tx, day, terminal, what.name(), 1, limit).await
}

async fn count(
    tx: &mut Tx,
    day: Day,
    terminal: TerminalId,
    what: &str,
    amount: u32,
    limit: u32,
) -> Result<(), Refusal> {
    let (day, key) = (i64::from(day.number()), &terminal.as_bytes()[..]);
    let (taken,): (i64,) = fetch_one!(tx, (i64,), TAKE, day, key, what, i64::from(amount))?;
    if taken > i64::from(limit) {
        return Err(Refusal::Limit { retry_after: WAIT });
    }
    Ok(())
}

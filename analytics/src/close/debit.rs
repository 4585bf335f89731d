//! The one transaction that debits a release, and freezes a quarter that closes.

use crypto::day::Quarter;
use privacy::rho::NanoRho;
use store::{Tx, execute, fetch_one};

use super::error::CloseError;
use super::facts::facts;
use super::rules::may_revise;
use super::work::{Task, Work};
use crate::ledger::{self, LedgerError, Progress};
use crate::setup;

const IS_CLOSED: &str = "SELECT COUNT(*) FROM closed_period WHERE period = $1";
const CLOSE: &str = "INSERT INTO closed_period (period) VALUES ($1)";

/// Debits every table that will be measured; returns the year's debits that the release states.
pub(super) async fn debit(tx: &mut Tx, work: &Work<'_>) -> Result<NanoRho, CloseError> {
    setup::shut(tx).await?;
    check(tx, work).await?;
    let found = ledger::progress(tx, work.subject).await?;
    if found.is_due(&work.parameters)? {
        pay(tx, work).await?;
    }
    if found == Progress::Released {
        return Err(work.beaten());
    }
    let mut until = work.subject.period;
    match work.task {
        Task::Closing => freeze(tx, work).await?,
        // A revision may come after later quarters: it states all of the year.
        Task::Revision(_) => {
            until = Quarter::from_number(until.year() * 4 + 3).unwrap_or(until);
        }
    }
    let spent = ledger::spent_until(tx, until).await?;
    Ok(spent)
}

/// Debits the tables if the year still covers them.
async fn pay(tx: &mut Tx, work: &Work<'_>) -> Result<(), LedgerError> {
    let (year, budget) = (work.subject.period.year(), work.facts.scope.budget());
    let spent = ledger::spent_by_table(tx, year).await?;
    privacy::ledger::debit(spent, &work.plans, budget, year)?;
    ledger::write(tx, work.subject, &work.plans, &work.parameters).await
}

/// What was found while preparing, once more where nothing can change any more.
async fn check(tx: &mut Tx, work: &Work<'_>) -> Result<(), CloseError> {
    match work.task {
        Task::Closing => {
            let now = facts(tx, work.app, work.subject).await?;
            if now.scope == work.facts.scope {
                Ok(())
            } else {
                Err(CloseError::RegistryChanged)
            }
        }
        Task::Revision(_) => may_revise(tx, work.app, work.subject).await,
    }
}

async fn freeze(tx: &mut Tx, work: &Work<'_>) -> Result<(), CloseError> {
    let period = i64::from(work.subject.period.number());
    let (closed,) = fetch_one!(tx, (i64,), IS_CLOSED, period)?;
    if closed == 0 {
        execute!(tx, CLOSE, period)?;
    }
    Ok(())
}

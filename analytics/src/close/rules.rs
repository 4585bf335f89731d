//! When a quarter may be closed, and when it may be revised.

use crypto::day::{Day, Quarter};
use privacy::scope::Subject;
use store::Tx;

use super::error::CloseError;
use crate::App;
use crate::calendar;
use crate::days;
use crate::ledger::{self, Progress};
use crate::setup;

/// Checks that the quarter lies in the series, that all before it are released, that its closing day has come, and that
/// everything is here that counts in it. `start` is the first quarter of the series.
///
/// # Errors
/// Why it may not close, in [`CloseError`]'s words.
pub(super) async fn may_close(
    tx: &mut Tx,
    app: &App,
    start: Quarter,
    subject: Subject,
) -> Result<(), CloseError> {
    let period = subject.period;
    if period < start {
        return Err(CloseError::BeforeStart(start));
    }
    let progress = ledger::progress(tx, subject).await?;
    let open = setup::closed(tx)
        .await?
        .map_or(start, |(_, last)| last.next());
    if progress == Progress::Released || (period < open && progress == Progress::New) {
        return Err(CloseError::AlreadyClosed(period));
    }
    if period > open {
        return Err(CloseError::PreviousOpen(open));
    }
    let previous = Subject {
        period: period.previous(),
        version: subject.version,
    };
    if period > start && ledger::progress(tx, previous).await? != Progress::Released {
        return Err(CloseError::PreviousOpen(previous.period));
    }
    let from = calendar::cut_off(period);
    has_come(tx, app, period, from).await?;
    if progress != Progress::New {
        return Ok(());
    }
    let history = calendar::is_history(period, setup::founded(tx).await?);
    all_is_here(tx, if history { app.today() } else { from }).await
}

/// Passes when everything that the identity role received before a day was delivered.
async fn all_is_here(tx: &mut Tx, before: Day) -> Result<(), CloseError> {
    let delivered = setup::delivered(tx).await?;
    if delivered.is_some_and(|delivered| delivered >= before) {
        Ok(())
    } else {
        Err(CloseError::Undelivered(before))
    }
}

/// Checks that the quarter is released, that its closing day has come, that no other release was begun and not finished, and that
/// everything is here that was received before today.
///
/// # Errors
/// Why it may not be revised, in [`CloseError`]'s words.
pub(super) async fn may_revise(tx: &mut Tx, app: &App, subject: Subject) -> Result<(), CloseError> {
    let period = subject.period;
    let first = Subject { period, version: 1 };
    let others = ledger::under_way(tx).await?;
    if let Some(other) = others.into_iter().find(|one| *one != subject) {
        return Err(CloseError::UnderWay(other));
    }
    if ledger::progress(tx, first).await? != Progress::Released {
        return Err(CloseError::NotReleased(period));
    }
    let from = calendar::cut_off(period);
    has_come(tx, app, period, from).await?;
    match ledger::progress(tx, subject).await? {
        Progress::New => all_is_here(tx, app.today()).await,
        _ => Ok(()),
    }
}

/// Checks that the closing day has come, by a clock that can be believed: a quarter closes once.
async fn has_come(tx: &mut Tx, app: &App, period: Quarter, from: Day) -> Result<(), CloseError> {
    let today = app.today();
    if today < from {
        return Err(CloseError::TooEarly { period, from });
    }
    Ok(days::believed(tx, today).await?)
}

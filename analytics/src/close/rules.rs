//! When a quarter may be closed, and when it may be revised.

use crypto::day::Quarter;
use privacy::scope::Subject;
use store::Tx;

use super::error::CloseError;
use crate::App;
use crate::ledger::{self, Progress};
use crate::setup;

/// A quarter closes this many days after its last day: late reports come in until then.
pub const WAIT_DAYS: i32 = 30;

/// Checks that the quarter lies in the series, that all before it are released, and that its closing day has come. `start` is
/// the first quarter of the series.
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
    let from = period.last_day().plus(WAIT_DAYS);
    if app.today() < from {
        Err(CloseError::TooEarly { period, from })
    } else {
        Ok(())
    }
}

/// Checks that the quarter is released, that its closing day has come, and that no other release was begun and not finished.
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
    let from = period.last_day().plus(WAIT_DAYS);
    if app.today() < from {
        return Err(CloseError::TooEarly { period, from });
    }
    Ok(())
}

//! Whether what the clock says may be acted upon for good.
//!
//! A report of a day to come is refused for ever, a city is shown from the next quarter on, a quarter closes once: what is
//! done so under a wrong clock is not undone when it is put right. So such things wait while the clock lies behind the last sure
//! day, or too far ahead of it (`store::days`). Where no service ran yet, no day is sure and nothing is doubted.

use crypto::day::Day;
use store::days::{self, Days};
use store::{DbError, Tx};

use crate::App;
use crate::error::Error;

/// Passes a day that can be today.
///
/// # Errors
/// [`Error::ClockBehind`], [`Error::ClockAhead`], database errors.
pub(crate) async fn believed(tx: &mut Tx, today: Day) -> Result<(), Error> {
    let sure = days::sure(tx).await?;
    if sure.is_some_and(|sure| today < sure) {
        return Err(Error::ClockBehind);
    }
    let ahead = days::ahead(sure, today);
    (!ahead).then_some(()).ok_or(Error::ClockAhead)
}

/// Looks at the day, by the hour. Call it by the minute.
///
/// # Errors
/// Database errors; then it is done the next time.
pub async fn look(app: &App, days: &Days) -> Result<(), DbError> {
    if days.due() && !days.look(&app.store, &mut app.rng.clone()).await? {
        tracing::warn!(
            "the machine's clock is more than 31 days ahead of the last day that is sure: reports wait and no quarter \
             closes; put the clock right, or say that it is: payung day --confirm"
        );
    }
    Ok(())
}

//! How many reports a terminal may hand in: some each day, and some for each counted presentation, carried thirty days.
//!
//! A day's limit would refuse a terminal that comes back after a week without network, or be so wide that one terminal fills a
//! site with people who never were; so what was not used is carried. Days count from the oldest that is known of the
//! terminal: a new one begins with one day. Both sides of the balance lie in the database, so that a restart resets nothing:
//! reports are reserved some ahead of use, in transactions of their own; presentations are written down by the minute, for
//! all terminals together. Limits: what is reserved and not used when the process ends or the day turns is lost, and so are the
//! presentations of the last minute when it is killed; another process of the same service sees them by the minute; a report that
//! is sent again counts again.

use crypto::day::Day;
use crypto::id::TerminalId;
use store::{DbError, fetch_all, retrying};

use super::allowance;
use super::limits::Limits;
use crate::error::DAY_WAIT;
use crate::{App, Refusal};

/// Days for which a count is carried, the present one among them.
const CARRIED: i32 = 30;
/// Fewest reports that are reserved at once.
const PORTION: u32 = 10;
/// A day's reports are reserved in at most this many portions, when they are more than [`PORTION`] each.
const PORTIONS: u32 = 20;
/// The word under which reports are counted, ahead of use.
const REPORT: &str = "report";
/// The word under which presentations are counted that were made; what was reserved for them stands under another.
const PRESENTED: &str = "presented";

const KNOWN: &str = "SELECT day, what, taken FROM allowance WHERE whose = $1 AND day > $2";

/// A row of `allowance`: day, what, how many.
type Row = (i64, String, i64);

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
    let day = app.clock.today();
    loop {
        let unused = app.reports.left(terminal, day);
        let mut granted = 0;
        if unused < amount {
            let wish = (amount - unused).max(portion(&app.limits));
            granted = reserve(app, terminal, day, wish).await?;
            app.reports.add(terminal, day, granted);
        }
        let covered = app.reports.take_most(terminal, day, amount);
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

/// Fewest reports that are reserved at once: a part of a wide limit, so that it costs few writes.
fn portion(limits: &Limits) -> u32 {
    PORTION.max(limits.reports_per_day / PORTIONS)
}

/// Reserves up to `wish` reports, as many as the balance has; answers how many.
async fn reserve(app: &App, terminal: TerminalId, day: Day, wish: u32) -> Result<u32, Refusal> {
    let key = &terminal.as_bytes()[..];
    let before = i64::from(day.number() - CARRIED);
    retrying!(app.store, "reserve reports", &mut app.rng(), |tx| {
        let rows = fetch_all!(tx, Row, KNOWN, key, before)?;
        // After the rows: what was written down meanwhile is missing here then, and never counted twice.
        let made = app.presented.of(terminal);
        let granted = wish.min(balance(&app.limits, day, made, &rows));
        if granted > 0 {
            allowance::forget(tx, day).await?;
            allowance::count(tx, day, terminal.as_bytes(), REPORT, granted).await?;
        }
        Ok(granted)
    })
}

impl App {
    /// Writes down which terminals presented how often since the last time. Call it by the minute and before the end.
    ///
    /// # Errors
    /// Database errors; then it is done the next time.
    pub async fn flush_presented(&self) -> Result<(), DbError> {
        flush(self).await
    }
}

async fn flush(app: &App) -> Result<(), DbError> {
    let made = app.presented.take();
    if made.is_empty() {
        return Ok(());
    }
    let done: Result<(), DbError> = retrying!(
        app.store,
        "write presentations down",
        &mut app.rng(),
        |tx| {
            for ((terminal, day), amount) in &made {
                allowance::count(tx, *day, terminal.as_bytes(), PRESENTED, *amount).await?;
            }
            Ok(())
        }
    );
    if done.is_err() {
        for ((terminal, day), amount) in made {
            app.presented.add(terminal, day, amount);
        }
    }
    done
}

/// What the rows of the last [`CARRIED`] days leave, and `made` presentations that are not written down.
fn balance(limits: &Limits, today: Day, made: u32, rows: &[Row]) -> u32 {
    let today = i64::from(today.number());
    let first = rows.iter().map(|row| row.0).min().unwrap_or(today);
    let days = (today - first + 1).clamp(1, i64::from(CARRIED));
    let sum = |what: &str| -> i64 {
        let of = rows.iter().filter(|row| row.1 == what);
        of.map(|row| row.2).fold(0, i64::saturating_add)
    };
    let presented = sum(PRESENTED).saturating_add(made.into());
    let earned = days
        .saturating_mul(limits.reports_per_day.into())
        .saturating_add(presented.saturating_mul(limits.reports_per_presentation.into()));
    let left = earned.saturating_sub(sum(REPORT)).max(0);
    u32::try_from(left).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_and_presentations_add_up_and_reports_are_taken_off() {
        let limits = Limits::default();
        let today = Day::from_number(20_000).unwrap();
        let row = |ago: i64, what: &str, taken: i64| (20_000 - ago, what.to_owned(), taken);
        let left = |made, rows: &[Row]| balance(&limits, today, made, rows);
        assert_eq!(left(0, &[]), 20);
        assert_eq!(left(0, &[row(0, REPORT, 20)]), 0);
        assert_eq!(left(0, &[row(0, REPORT, 21)]), 0);
        // A week away.
        assert_eq!(left(0, &[row(7, REPORT, 5)]), 8 * 20 - 5);
        assert_eq!(left(0, &[row(29, "activation", 1)]), 600);
        // What was reserved ahead for presentations is none.
        assert_eq!(left(1, &[row(0, "presentation", 30)]), 24);
        assert_eq!(
            left(2, &[row(0, PRESENTED, 5), row(0, REPORT, 12)]),
            20 + 28 - 12
        );
        let most = row(0, PRESENTED, i64::MAX);
        assert_eq!(left(u32::MAX, &[most]), u32::MAX);
    }
}

//! How many reports a terminal may hand in: some each day, and some for each counted presentation, carried thirty days.
//!
//! A day's limit would refuse a terminal that comes back after a week without network, or be so wide that one terminal fills a
//! site with people who never were; so what was not used is carried. Days count from the oldest that is known of the
//! terminal: a new one begins with one day. Both sides of the balance lie in the database, so that a restart resets nothing;
//! how they come there, and what a crash costs, says `reserve.rs`. Limits: another process of the same service sees
//! presentations by the hour; a report that is sent again counts again.

use crypto::day::Day;

use super::counts::{CARRIED, Counted};
use super::limits::Limits;
use crate::memory::blocks::What;

/// The word under which presentations are counted that were made; what was reserved for them stands under another.
pub(super) const PRESENTED: &str = "presented";

/// What the rows of the last [`CARRIED`] days leave.
pub(super) fn left(limits: &Limits, today: Day, rows: &[Counted]) -> u32 {
    let today = i64::from(today.number());
    let days = rows.iter().map(|row| i64::from(row.day.number()));
    let first = days.min().unwrap_or(today);
    let days = (today - first + 1).clamp(1, i64::from(CARRIED));
    let sum = |what: &str| -> i64 {
        let of = rows.iter().filter(|row| row.what == what);
        of.map(|row| row.taken).fold(0, i64::saturating_add)
    };
    let earned = days
        .saturating_mul(limits.reports_per_day.into())
        .saturating_add(sum(PRESENTED).saturating_mul(limits.reports_per_presentation.into()));
    let left = earned.saturating_sub(sum(What::Report.as_str())).max(0);
    u32::try_from(left).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const REPORT: &str = What::Report.as_str();

    #[test]
    fn days_and_presentations_add_up_and_reports_are_taken_off() {
        let limits = Limits::default();
        let today = Day::from_number(20_000).unwrap();
        let row = |ago: i32, what: &str, taken: i64| Counted {
            day: Day::from_number(20_000 - ago).unwrap(),
            what: what.to_owned(),
            taken,
            cap: None,
        };
        let left = |rows: &[Counted]| left(&limits, today, rows);
        assert_eq!(left(&[]), 20);
        assert_eq!(left(&[row(0, REPORT, 20)]), 0);
        assert_eq!(left(&[row(0, REPORT, 21)]), 0);
        // A week away.
        assert_eq!(left(&[row(7, REPORT, 5)]), 8 * 20 - 5);
        assert_eq!(left(&[row(29, "activation", 1)]), 600);
        // What was reserved ahead for presentations is none.
        assert_eq!(
            left(&[row(0, "presentation", 30), row(0, PRESENTED, 1)]),
            24
        );
        assert_eq!(
            left(&[row(0, PRESENTED, 7), row(0, REPORT, 12)]),
            20 + 28 - 12
        );
        assert_eq!(left(&[row(0, PRESENTED, i64::MAX)]), u32::MAX);
    }
}

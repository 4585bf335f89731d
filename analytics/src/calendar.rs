//! Until when a quarter takes reports. The calendar alone decides, never how many reports there are, when somebody closes or how
//! long a delivery is under way.
//!
//! A quarter takes what the identity role *received* before the quarter's cut-off, [`WAIT_DAYS`] after its last day; what it received
//! from then on counts in the next one. A quarter whose cut-off had passed when the programme was founded could take
//! nothing in that way: it is history, and takes reports until it is closed.

use crypto::day::{Day, Quarter};

/// A quarter takes reports this many days after its last day, and closes then at the earliest.
pub const WAIT_DAYS: i32 = 30;

/// The day from which on nothing counts in a quarter that is received.
#[must_use]
pub(crate) fn cut_off(period: Quarter) -> Day {
    period.last_day().plus(WAIT_DAYS)
}

/// The first quarter that takes what is received on a day: never more than one before the day's own, for the wait is shorter than a
/// quarter.
#[must_use]
pub(crate) fn takes(received: Day) -> Quarter {
    let own = Quarter::of(received);
    if received < cut_off(own.previous()) {
        own.previous()
    } else {
        own
    }
}

/// Whether a quarter was over, with its wait, when the programme was founded.
#[must_use]
pub(crate) fn is_history(period: Quarter, founded: Day) -> bool {
    cut_off(period) <= founded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarter_takes_reports_until_the_last_day_of_its_wait() {
        let first: Quarter = "2026Q1".parse().unwrap();
        for (received, period) in [
            ("2026-03-31", first),
            ("2026-04-01", first),
            ("2026-04-29", first),
            ("2026-04-30", first.next()),
            ("2026-07-29", first.next()),
            ("2026-07-30", first.next().next()),
            ("2026-01-01", first.previous()),
        ] {
            assert_eq!(takes(day(received)), period, "{received}");
        }
        assert_eq!(cut_off(first), day("2026-04-30"));
        assert!(is_history(first, day("2026-04-30")) && !is_history(first, day("2026-04-29")));
    }
}

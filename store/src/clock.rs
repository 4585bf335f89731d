//! The clock as an argument: the only place of the service that reads the time.
//!
//! Days are *programme days*: the calendar day in the programme's time zone. Seconds exist
//! only for lifetimes in memory (sessions, attempts, limits); nothing finer than a day is ever stored.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crypto::day::Day;
use zones::Zone;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Seconds that the furthest zone is ahead of UTC: no day begins earlier anywhere.
const FURTHEST_EAST: i64 = 14 * 3_600;

/// A source of time.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970-01-01 00:00 UTC.
    fn unix_seconds(&self) -> i64;
    /// Seconds for which this process ran, from some moment on, whatever the calendar says: nobody can set it.
    fn ran_seconds(&self) -> i64;
    /// The programme's calendar day.
    fn today(&self) -> Day;
    /// The name of the programme's time zone (IANA).
    fn zone(&self) -> &str {
        "UTC"
    }
    /// The latest calendar day anywhere on Earth (UTC+14): a day after it has begun nowhere.
    fn latest(&self) -> Day {
        Day::from_unix(self.unix_seconds().saturating_add(FURTHEST_EAST))
    }
}

/// The moment from which [`SystemClock`] counts how long the process ran.
static BEGAN: LazyLock<Stopwatch> = LazyLock::new(Stopwatch::start);

/// The machine's clock, and the days of a zone.
#[derive(Debug, Clone, Default)]
pub struct SystemClock {
    zone: Zone,
}

impl SystemClock {
    /// A clock whose days are those of a zone.
    #[must_use]
    pub const fn in_zone(zone: Zone) -> Self {
        Self { zone }
    }
}

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    fn unix_seconds(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            // A machine that believes it is before 1970 has no usable clock; the first day is the least surprising answer.
            Err(_) => 0,
        }
    }

    fn ran_seconds(&self) -> i64 {
        i64::try_from(BEGAN.elapsed().as_secs()).unwrap_or(i64::MAX)
    }

    fn today(&self) -> Day {
        self.zone.day(self.unix_seconds())
    }

    fn zone(&self) -> &str {
        self.zone.name()
    }
}

/// How long something took, for counts in memory; what it measured is never stored and never logged.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Runs from now on.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock that stands still until it is told to move: for tests, the demo and the replay.
#[derive(Debug)]
pub struct FixedClock {
    seconds: AtomicI64,
    ran: AtomicI64,
}

impl FixedClock {
    /// Stands at noon of `day`.
    #[must_use]
    pub fn at(day: Day) -> Self {
        Self {
            seconds: AtomicI64::new(Self::noon(day)),
            ran: AtomicI64::new(0),
        }
    }

    /// Moves to noon of `day`, as time does.
    pub fn set(&self, day: Day) {
        let before = self.seconds.swap(Self::noon(day), Ordering::SeqCst);
        let gone = Self::noon(day).saturating_sub(before).max(0);
        self.ran.fetch_add(gone, Ordering::SeqCst);
    }

    /// Moves on by `seconds`.
    pub fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
        self.ran.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Says noon of `day`, while no time passed: a clock that goes wrong, or that is put right.
    pub fn jump(&self, day: Day) {
        self.seconds.store(Self::noon(day), Ordering::SeqCst);
    }

    fn noon(day: Day) -> i64 {
        i64::from(day.number()) * DAY + DAY / 2
    }
}

impl Clock for FixedClock {
    fn unix_seconds(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst)
    }

    fn ran_seconds(&self) -> i64 {
        self.ran.load(Ordering::SeqCst)
    }

    fn today(&self) -> Day {
        Day::from_unix(self.unix_seconds())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn days_follow_the_offset_and_the_hand() {
        let clock = FixedClock::at("2026-01-31".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2026-01-31");
        clock.advance(12 * 3_600);
        assert_eq!(clock.today().to_string(), "2026-02-01");
        assert_eq!(
            clock.latest(),
            clock.today(),
            "noon and half a day: 14 o'clock in UTC+14"
        );
        clock.advance(10 * 3_600);
        assert_eq!(clock.latest().since(clock.today()), 1);
        // Kiritimati is where days begin, and 24 hours or more after the other end of the world.
        let zone = |name: &str| SystemClock::in_zone(name.parse().unwrap());
        let (east, west) = (zone("Pacific/Kiritimati"), zone("Etc/GMT+12"));
        assert_eq!(east.today(), east.latest());
        assert!((1..=2).contains(&east.today().since(west.today())));
        assert_eq!(west.zone(), "Etc/GMT+12");
    }
}

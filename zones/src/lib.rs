//! Which day it is where: a time zone by its IANA name, and the calendar day there at a moment.
//!
//! **Model.** The rules of all zones are in the binary (the `jiff` crate's copy of the IANA database), so that two hosts, and a host
//! without a database of zones, agree about what day it is. A zone whose rules change after a version was made needs a newer one.
//!
//! **Limits.** No clock here: the moment is handed in, in seconds since 1970-01-01 00:00 UTC.
#![forbid(unsafe_code)]

use std::fmt;
use std::str::FromStr;

use crypto::day::Day;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use thiserror::Error;

/// Not the name of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "no such time zone: give a name of the IANA database, such as Asia/Makassar, Asia/Bishkek or UTC"
)]
pub struct UnknownZone;

/// A time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its name, as the IANA database writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The calendar day there at a moment, in seconds since 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn day(&self, unix_seconds: i64) -> Day {
        let east = Timestamp::from_second(unix_seconds)
            .map_or(0, |moment| self.0.to_offset(moment).seconds());
        Day::from_unix(unix_seconds.saturating_add(i64::from(east)))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZoneDatabase::bundled().get(name);
        let zone = zone.map_err(|_| UnknownZone)?;
        // Days need rules; "unknown" is a name without any.
        if zone.is_unknown() || zone.iana_name().is_none() {
            return Err(UnknownZone);
        }
        Ok(Self(zone))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    /// 2026-03-31 16:30 UTC.
    const EVENING: i64 = 1_774_974_600;

    #[test]
    fn a_day_turns_at_midnight_of_its_zone() {
        for (name, day, next) in [
            ("UTC", "2026-03-31", 7 * 3_600 + 1_800),
            ("Asia/Makassar", "2026-04-01", 23 * 3_600 + 1_800),
            ("Asia/Bishkek", "2026-03-31", 1_800 + 3_600),
            ("Pacific/Kiritimati", "2026-04-01", 17 * 3_600 + 1_800),
            ("Pacific/Pago_Pago", "2026-03-31", 18 * 3_600 + 1_800),
        ] {
            let day: Day = day.parse().unwrap();
            let zone = zone(name);
            assert_eq!(zone.day(EVENING), day, "{name}");
            assert_eq!(zone.day(EVENING + next - 1), day, "{name}");
            assert_eq!(zone.day(EVENING + next), day.plus(1), "{name}");
        }
    }

    #[test]
    fn summer_time_moves_the_midnight() {
        // Berlin, 2026-07-01 00:00 is 22:00 UTC of the day before, 2026-01-01 00:00 is 23:00 UTC.
        let berlin = zone("Europe/Berlin");
        for (seconds, day) in [
            (1_782_856_799, "2026-06-30"),
            (1_782_856_800, "2026-07-01"),
            (1_767_221_999, "2025-12-31"),
            (1_767_222_000, "2026-01-01"),
        ] {
            assert_eq!(berlin.day(seconds).to_string(), day);
        }
    }

    #[test]
    fn names_are_the_databases_and_others_are_refused() {
        assert_eq!(zone("asia/makassar").name(), "Asia/Makassar");
        assert_eq!(zone("UTC"), Zone::utc());
        for name in [
            "",
            "Makassar",
            "Asia/Nowhere",
            "UTC+8",
            "+08:00",
            "Etc/Unknown",
            "../etc/passwd",
        ] {
            assert_eq!(name.parse::<Zone>(), Err(UnknownZone), "{name}");
        }
    }

    #[test]
    fn a_moment_beyond_the_calendar_has_a_day_all_the_same() {
        for seconds in [i64::MIN, i64::MAX] {
            let _ = zone("Asia/Makassar").day(seconds);
        }
    }
}

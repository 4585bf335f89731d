//! Calendar time at the only grain this system knows: the local programme day.
//!
//! A [`Day`] is a count of days since 1970-01-01 (proleptic Gregorian), from 1900-01-01 to 2199-12-31. Arithmetic
//! stops at the ends of that range instead of failing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, Month as CalendarMonth};

use crate::error::FormatError;

/// `time`'s Julian day of 1970-01-01.
const EPOCH_JULIAN: i32 = 2_440_588;
const FIRST: i32 = -25_567;
const LAST: i32 = 84_005;
const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2199;
const DAY_ERROR: FormatError =
    FormatError::new("a day", "YYYY-MM-DD between 1900-01-01 and 2199-12-31");
const QUARTER_ERROR: FormatError =
    FormatError::new("a quarter", "written like 2026Q1, between 1900 and 2199");
const MONTH_ERROR: FormatError = FormatError::new("a month", "YYYY-MM between 2024-01 and 2199-12");

/// A local programme day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// From a count of days since 1970-01-01.
    ///
    /// # Errors
    /// Outside of 1900-01-01 to 2199-12-31.
    pub const fn from_number(number: i32) -> Result<Self, FormatError> {
        if number < FIRST || number > LAST {
            return Err(DAY_ERROR);
        }
        Ok(Self(number))
    }

    /// The day of a Unix time in seconds, UTC; stops at the ends of the range. Shift the seconds for another zone.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        let days = seconds
            .div_euclid(86_400)
            .clamp(i64::from(FIRST), i64::from(LAST));
        Self(i32::try_from(days).unwrap_or(FIRST))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// This many days later (earlier if negative); stops at the ends of the range.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(FIRST, LAST))
    }

    /// Days from `earlier` to this day; negative if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.calendar().0
    }

    /// Year, month 1 to 12, day 1 to 31.
    fn calendar(self) -> (i32, u8, u8) {
        let date = Date::from_julian_day(self.0 + EPOCH_JULIAN).unwrap_or(Date::MIN);
        (date.year(), u8::from(date.month()), date.day())
    }

    fn from_calendar(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = CalendarMonth::try_from(month).ok()?;
        let date = Date::from_calendar_date(year, month, day).ok()?;
        Self::from_number(date.to_julian_day() - EPOCH_JULIAN).ok()
    }

    /// The first of a month that is known to lie in the range, or the nearest end of the range.
    fn first_of(year: i32, month: u8) -> Self {
        Self::from_calendar(year, month, 1).unwrap_or(Self(if year < FIRST_YEAR {
            FIRST
        } else {
            LAST
        }))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.calendar();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DAY_ERROR);
        }
        let year = digits(&bytes[..4]).ok_or(DAY_ERROR)?;
        let month = digits(&bytes[5..7]).ok_or(DAY_ERROR)?;
        let day = digits(&bytes[8..]).ok_or(DAY_ERROR)?;
        let narrow = |n: i32| u8::try_from(n).map_err(|_| DAY_ERROR);
        Self::from_calendar(year, narrow(month)?, narrow(day)?).ok_or(DAY_ERROR)
    }
}

/// Reads decimal digits only, no sign; at most four of them here.
fn digits(bytes: &[u8]) -> Option<i32> {
    bytes.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i32::from(byte - b'0'))
    })
}

/// A calendar quarter, the period of a release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i32);

impl Quarter {
    /// The first quarter in which a day can lie: 1900Q1.
    pub const FIRST: Self = Self(FIRST_YEAR * 4);

    /// The quarter a day lies in.
    #[must_use]
    pub fn of(day: Day) -> Self {
        let (year, month, _) = day.calendar();
        Self(year * 4 + (i32::from(month) - 1) / 3)
    }

    /// From `year * 4 + quarter - 1`.
    ///
    /// # Errors
    /// Outside of 1900 to 2199.
    pub const fn from_number(number: i32) -> Result<Self, FormatError> {
        if number < FIRST_YEAR * 4 || number > LAST_YEAR * 4 + 3 {
            return Err(QUARTER_ERROR);
        }
        Ok(Self(number))
    }

    /// `year * 4 + quarter - 1`.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The calendar year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(4)
    }

    /// 1 to 4.
    #[must_use]
    pub const fn of_year(self) -> i32 {
        self.0.rem_euclid(4) + 1
    }

    /// The quarter's first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        let month = u8::try_from(self.0.rem_euclid(4) * 3 + 1).unwrap_or(1);
        Day::first_of(self.year(), month)
    }

    /// The quarter's last day.
    #[must_use]
    pub fn last_day(self) -> Day {
        if self.0 == LAST_YEAR * 4 + 3 {
            return Day(LAST);
        }
        self.next().first_day().plus(-1)
    }

    /// The quarter after; the last quarter of the range is its own successor.
    #[must_use]
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(LAST_YEAR * 4 + 3))
    }

    /// The quarter before; the first quarter of the range is its own predecessor.
    #[must_use]
    pub fn previous(self) -> Self {
        Self((self.0 - 1).max(FIRST_YEAR * 4))
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}Q{}", self.year(), self.of_year())
    }
}

impl FromStr for Quarter {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let bytes = text.as_bytes();
        if bytes.len() != 6 || bytes[4] != b'Q' || !(b'1'..=b'4').contains(&bytes[5]) {
            return Err(QUARTER_ERROR);
        }
        let year = digits(&bytes[..4]).ok_or(QUARTER_ERROR)?;
        Self::from_number(year * 4 + i32::from(bytes[5] - b'1'))
    }
}

/// A calendar month as months since 2024-01: the grain of a card's expiry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u16);

impl Month {
    const LAST: u16 = 175 * 12 + 11;

    /// The month a day lies in; days before 2024 count as 2024-01.
    #[must_use]
    pub fn of(day: Day) -> Self {
        let (year, month, _) = day.calendar();
        let months = (year - 2024) * 12 + i32::from(month) - 1;
        Self(u16::try_from(months.max(0)).unwrap_or(Self::LAST))
    }

    /// From months since 2024-01.
    ///
    /// # Errors
    /// After 2199-12.
    pub const fn from_number(number: u16) -> Result<Self, FormatError> {
        if number > Self::LAST {
            return Err(MONTH_ERROR);
        }
        Ok(Self(number))
    }

    /// Months since 2024-01.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// This many months later; stops at 2199-12.
    #[must_use]
    pub fn plus(self, months: u16) -> Self {
        Self(self.0.saturating_add(months).min(Self::LAST))
    }

    /// The month's first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        let (year, month) = self.calendar();
        Day::first_of(year, month)
    }

    /// The month's last day: a card is good up to and including it.
    #[must_use]
    pub fn last_day(self) -> Day {
        if self.0 == Self::LAST {
            return Day(LAST);
        }
        self.plus(1).first_day().plus(-1)
    }

    fn calendar(self) -> (i32, u8) {
        let month = u8::try_from(self.0 % 12 + 1).unwrap_or(1);
        (2024 + i32::from(self.0 / 12), month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = self.calendar();
        write!(f, "{year:04}-{month:02}")
    }
}

impl FromStr for Month {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let bytes = text.as_bytes();
        if bytes.len() != 7 || bytes[4] != b'-' {
            return Err(MONTH_ERROR);
        }
        let year = digits(&bytes[..4]).ok_or(MONTH_ERROR)?;
        let month = digits(&bytes[5..]).ok_or(MONTH_ERROR)?;
        if year < 2024 || !(1..=12).contains(&month) {
            return Err(MONTH_ERROR);
        }
        u16::try_from((year - 2024) * 12 + month - 1)
            .map_err(|_| MONTH_ERROR)
            .and_then(Self::from_number)
    }
}

macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

as_text!(Day, Quarter, Month);

#[cfg(test)]
mod tests;

//! What the items of the yearly tables mean, and their plain words for a release.
//!
//! ```text
//! Cohort, ServiceCohort: end (4) << 4 | bin (4)     Cascade: stage, 1..=3     Linkage: delay, 1..=4
//! ```
//!
//! A cohort looks at the first [`LAST_DAY`] days of an episode, in twelve bins of [`BIN_DAYS`] days. Whoever was seen after
//! day 180, or has not ended, is "still there" and has no bin.

use crate::cell::CellError;

/// Days in a bin.
pub const BIN_DAYS: u16 = 15;
/// The last day a cohort looks at, counted from the day of enrolment, which is day 0.
pub const LAST_DAY: i32 = 180;

/// How a cohort's episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Ending {
    /// Seen after day 180, or not ended.
    StillThere = 0,
    /// Nobody came within the grace, or the provider gave the person up.
    DroppedOut = 1,
    /// Recorded exit: treatment or case completed.
    Completed = 2,
    /// Recorded exit: handed over.
    Transferred = 3,
    /// Recorded exit: died.
    Died = 4,
    /// Recorded exit: imprisoned.
    Imprisoned = 5,
    /// Recorded exit: moved away.
    Moved = 6,
    /// Recorded exit: withdrew consent.
    Withdrew = 7,
    /// Activity ended where that is no loss; only services have it.
    Lapsed = 8,
}

impl Ending {
    /// Every ending, in stored order.
    pub const ALL: [Self; 9] = [
        Self::StillThere,
        Self::DroppedOut,
        Self::Completed,
        Self::Transferred,
        Self::Died,
        Self::Imprisoned,
        Self::Moved,
        Self::Withdrew,
        Self::Lapsed,
    ];

    /// Plain words for a release.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::StillThere => "still there",
            Self::DroppedOut => "dropped out",
            Self::Completed => "completed",
            Self::Transferred => "transferred",
            Self::Died => "died",
            Self::Imprisoned => "imprisoned",
            Self::Moved => "moved",
            Self::Withdrew => "withdrew",
            Self::Lapsed => "lapsed",
        }
    }
}

/// Fifteen days of an episode, 1..=12: bin `b` holds the days 15(b-1)+1..=15b, and bin 1 also day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bin(u8);

impl Bin {
    /// How many bins there are.
    pub const COUNT: u8 = 12;

    /// Checks the range.
    ///
    /// # Errors
    /// [`CellError`] outside 1..=12.
    pub const fn new(number: u8) -> Result<Self, CellError> {
        if number == 0 || number > Self::COUNT {
            Err(CellError)
        } else {
            Ok(Self(number))
        }
    }

    /// Every bin in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=Self::COUNT).map(Self)
    }

    /// The bin of a day since enrolment; `None` after day 180. Days before enrolment count as day 0.
    #[must_use]
    pub const fn of(days: i32) -> Option<Self> {
        let bin = BIN_DAYS as i32;
        if days > LAST_DAY {
            None
        } else if days <= bin {
            Some(Self(1))
        } else {
            Some(Self(((days - 1) / bin + 1) as u8))
        }
    }

    /// The number, 1..=12.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The last day of the bin, days since enrolment: 15, 30, .. 180.
    #[must_use]
    pub const fn last_day(self) -> u16 {
        self.0 as u16 * BIN_DAYS
    }
}

/// How and when an episode of a cohort ended, as one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Seen after day 180, or not ended.
    StillThere,
    /// Ended this way, last sign in this bin. The ending is never [`Ending::StillThere`].
    Ended(Ending, Bin),
}

impl Outcome {
    /// The outcome of an episode whose last sign came `days` after enrolment.
    #[must_use]
    pub fn of(ending: Ending, days: i32) -> Self {
        match Bin::of(days) {
            Some(bin) if ending != Ending::StillThere => Self::Ended(ending, bin),
            _ => Self::StillThere,
        }
    }

    /// Every outcome of a programme cohort, in item order: nothing of the programme lapses.
    pub fn programme() -> impl Iterator<Item = Self> {
        Self::service().filter(|outcome| outcome.ending() != Ending::Lapsed)
    }

    /// Every outcome of a service cohort, in item order.
    pub fn service() -> impl Iterator<Item = Self> {
        let ended = Ending::ALL
            .into_iter()
            .filter(|ending| *ending != Ending::StillThere)
            .flat_map(|ending| Bin::all().map(move |bin| Self::Ended(ending, bin)));
        std::iter::once(Self::StillThere).chain(ended)
    }

    /// How it ended.
    #[must_use]
    pub const fn ending(self) -> Ending {
        match self {
            Self::StillThere => Ending::StillThere,
            Self::Ended(ending, _) => ending,
        }
    }

    /// When it ended; `None` for whoever is still there.
    #[must_use]
    pub const fn bin(self) -> Option<Bin> {
        match self {
            Self::StillThere => None,
            Self::Ended(_, bin) => Some(bin),
        }
    }

    /// The item: end in the upper four bits, bin in the lower.
    #[must_use]
    pub const fn item(self) -> u8 {
        match self {
            Self::StillThere => 0,
            Self::Ended(ending, bin) => (ending as u8) << 4 | bin.0,
        }
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`CellError`] when it is none.
    pub fn parse(item: u8) -> Result<Self, CellError> {
        Self::service()
            .find(|outcome| outcome.item() == item)
            .ok_or(CellError)
    }
}

/// Stage of HIV treatment of a person with HIV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// A positive test or treatment at some time is on record; not on treatment.
    KnowsStatus = 1,
    /// Active in treatment; the latest viral load of the year, if any, does not say suppressed.
    OnTreatment = 2,
    /// Active in treatment and suppressed by the latest viral load of the year.
    Suppressed = 3,
}

impl Stage {
    /// Every stage, in stored order.
    pub const ALL: [Self; 3] = [Self::KnowsStatus, Self::OnTreatment, Self::Suppressed];

    /// The item.
    #[must_use]
    pub const fn item(self) -> u8 {
        self as u8
    }

    /// Plain words for a release.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::KnowsStatus => "knows status, not on treatment",
            Self::OnTreatment => "on treatment, not known to be suppressed",
            Self::Suppressed => "on treatment and suppressed",
        }
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`CellError`] when it is none.
    pub fn parse(item: u8) -> Result<Self, CellError> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.item() == item)
            .ok_or(CellError)
    }
}

/// How soon treatment followed the first positive test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Delay {
    /// Within 7 days, or treatment was on record before the test.
    Week = 1,
    /// Within 8 to 28 days.
    FourWeeks = 2,
    /// Within 29 to 90 days.
    NinetyDays = 3,
    /// Later than 90 days, or never.
    Later = 4,
}

impl Delay {
    /// Every delay, in stored order.
    pub const ALL: [Self; 4] = [Self::Week, Self::FourWeeks, Self::NinetyDays, Self::Later];

    /// The delay of a number of days; `None` is never.
    #[must_use]
    pub const fn of(days: Option<i32>) -> Self {
        match days {
            Some(..=7) => Self::Week,
            Some(8..=28) => Self::FourWeeks,
            Some(29..=90) => Self::NinetyDays,
            _ => Self::Later,
        }
    }

    /// The item.
    #[must_use]
    pub const fn item(self) -> u8 {
        self as u8
    }

    /// Plain words for a release.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Week => "within 7 days",
            Self::FourWeeks => "within 8 to 28 days",
            Self::NinetyDays => "within 29 to 90 days",
            Self::Later => "not within 90 days",
        }
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`CellError`] when it is none.
    pub fn parse(item: u8) -> Result<Self, CellError> {
        Self::ALL
            .into_iter()
            .find(|delay| delay.item() == item)
            .ok_or(CellError)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::cell::item::*;

    #[test]
    fn bins_hold_fifteen_days_and_the_first_also_day_0() {
        for (days, bin) in [
            (0, Some(1)),
            (1, Some(1)),
            (15, Some(1)),
            (16, Some(2)),
            (30, Some(2)),
            (31, Some(3)),
            (165, Some(11)),
            (166, Some(12)),
            (180, Some(12)),
            (181, None),
        ] {
            assert_eq!(Bin::of(days).map(Bin::number), bin, "day {days}");
        }
        assert_eq!(Bin::new(12).unwrap().last_day(), 180);
        assert!(Bin::new(0).is_err() && Bin::new(13).is_err());
    }

    #[test]
    fn every_item_reads_back_as_itself() {
        for (place, outcome) in Outcome::service().enumerate() {
            assert_eq!(Outcome::parse(outcome.item()).unwrap(), outcome);
            assert!(place < 97);
        }
        assert_eq!(Outcome::service().count(), 97);
        assert_eq!(Outcome::programme().count(), 85);
        let read = (0..=u8::MAX).filter(|item| Outcome::parse(*item).is_ok());
        assert_eq!(read.count(), 97);
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.item()).unwrap(), stage);
        }
        for delay in Delay::ALL {
            assert_eq!(Delay::parse(delay.item()).unwrap(), delay);
        }
        assert!(Stage::parse(0).is_err() && Delay::parse(5).is_err());
    }

    #[test]
    fn after_day_180_nobody_has_left_yet() {
        assert_eq!(
            Outcome::of(Ending::Died, 180).item(),
            (Ending::Died as u8) << 4 | 12
        );
        assert_eq!(Outcome::of(Ending::Died, 181), Outcome::StillThere);
        assert_eq!(Outcome::of(Ending::StillThere, 3).item(), 0);
    }

    #[test]
    fn delays_change_after_days_7_28_and_90() {
        let delay = |days| Delay::of(Some(days)).item();
        let days = [-5, 0, 7, 8, 28, 29, 90, 91];
        assert_eq!(days.map(delay), [1, 1, 1, 2, 2, 3, 3, 4]);
        assert_eq!(Delay::of(None), Delay::Later);
    }
}

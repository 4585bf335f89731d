//! The cells of the released tables, packed into integers.
//!
//! A contribution is the only thing a measurement ever reads: `(period, cell, person)`. A cell is packed into 40 bits of an
//! `i64`, so that closing a quarter is one grouped count over integers:
//!
//! ```text
//! table (8) << 32 | city (12) << 20 | service (8) << 12 | group (4) << 8 | item (8)
//! ```
//!
//! `item` is what the table counts beside place, service and group: the end and time of a cohort, the stage of the cascade,
//! the delay of a linkage; [`item`] names them. Fields a table does not use are zero. Limits: 4,095 cities, 255 services, 15
//! groups, 255 items. The caps give one person at most one contribution to a cell in a quarter.

use std::fmt;

use crypto::report::{AgeBand, Gender, Group};
use thiserror::Error;

pub mod item;

/// The table a contribution belongs to. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tab {
    /// Person active on the last day of the quarter: `(city, group)`, one cell a quarter.
    Active = 1,
    /// Person active in a service on the last day of the quarter: `(city, service)`, at most three a quarter.
    Service = 2,
    /// Drop-out from a service: `(city, service)`, at most two a year, one a year for each service.
    DropOut = 3,
    /// Return after a drop-out, still active at the quarter's end: `(city, service)`, caps as for drop-outs.
    ReEngaged = 4,
    /// First enrolment ever: `(city)`, one in a life.
    First = 5,
    /// Moved to another site without a recorded transfer: `(city, service)`, one a year.
    SilentTransfer = 6,
    /// How and when the first programme episode of a cohort year ended: `(item)`, one a year.
    Cohort = 7,
    /// How and when the first episode of a service in a cohort year ended: `(service, item)`, at most two services a year.
    ServiceCohort = 8,
    /// Stage of HIV treatment on the last day of the year: `(city, item)`, one a year.
    Cascade = 9,
    /// Days from the first positive test to treatment: `(city, item)`, one in a life.
    Linkage = 10,
}

impl Tab {
    /// Every table, in stored order.
    pub const ALL: [Self; 10] = [
        Self::Active,
        Self::Service,
        Self::DropOut,
        Self::ReEngaged,
        Self::First,
        Self::SilentTransfer,
        Self::Cohort,
        Self::ServiceCohort,
        Self::Cascade,
        Self::Linkage,
    ];

    /// Reads a stored number.
    ///
    /// # Errors
    /// [`CellError`] when no table has that number.
    pub fn from_number(number: u8) -> Result<Self, CellError> {
        Self::ALL
            .into_iter()
            .find(|tab| *tab as u8 == number)
            .ok_or(CellError)
    }

    /// The stored number, 1..=10.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// A city's small number, 0..=4095; the registry gives it. `0` is "other": cities not registered or not yet effective.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CityCode(u16);

impl CityCode {
    /// The city of reports whose city the registry does not (yet) know.
    pub const OTHER: Self = Self(0);
    /// The largest number that fits a cell.
    pub const MAX: u16 = 4095;

    /// Checks the range.
    ///
    /// # Errors
    /// [`CellError`] above 4095.
    pub const fn new(number: u16) -> Result<Self, CellError> {
        if number > Self::MAX {
            Err(CellError)
        } else {
            Ok(Self(number))
        }
    }

    /// The number, 0..=4095.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// Gender and age together, 1..=6: woman, man, other or undisclosed; each under 25, then 25 and over (absent counts here).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupCode(u8);

impl GroupCode {
    /// The group of a person about whom nothing was recorded: other or undisclosed, 25 and over.
    pub const UNKNOWN: Self = Self(6);
    /// How many groups there are.
    pub const COUNT: u8 = 6;

    /// Checks the range.
    ///
    /// # Errors
    /// [`CellError`] outside 1..=6.
    pub const fn new(number: u8) -> Result<Self, CellError> {
        if number == 0 || number > Self::COUNT {
            Err(CellError)
        } else {
            Ok(Self(number))
        }
    }

    /// The group of a reported pair; absent parts fall into the last choice.
    #[must_use]
    pub const fn of(group: Group) -> Self {
        let gender = match group.gender {
            Some(Gender::Woman) => 0,
            Some(Gender::Man) => 1,
            Some(Gender::Other) | None => 2,
        };
        let age = match group.age {
            Some(AgeBand::Under25) => 1,
            Some(AgeBand::From25) | None => 2,
        };
        Self(gender * 2 + age)
    }

    /// The number, 1..=6.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Plain words for a release: `woman, under 25`.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self.0 {
            1 => "woman, under 25",
            2 => "woman, 25 and over",
            3 => "man, under 25",
            4 => "man, 25 and over",
            5 => "other or undisclosed, under 25",
            _ => "other or undisclosed, 25 and over",
        }
    }
}

/// One public cell of one table, packed as the module's header shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(i64);

/// A number that is no cell: a table, group or city out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the number is no statistics cell: rebuild the database from its backup")]
pub struct CellError;

impl Cell {
    /// A cell from its parts; `service` 0 and `group` `None` for tables that have none, item 0.
    #[must_use]
    pub const fn new(tab: Tab, city: CityCode, service: u8, group: Option<GroupCode>) -> Self {
        let group = match group {
            Some(group) => group.0,
            None => 0,
        };
        Self(
            (tab as i64) << 32
                | (city.0 as i64) << 20
                | (service as i64) << 12
                | (group as i64) << 8,
        )
    }

    /// Reads a stored cell.
    ///
    /// # Errors
    /// [`CellError`] when the table does not exist, the group is above 6 or bits beyond the 40 are set.
    pub fn parse(number: i64) -> Result<Self, CellError> {
        let tab = u8::try_from(number >> 32).map_err(|_| CellError)?;
        Tab::from_number(tab)?;
        let cell = Self(number);
        if cell.bits(8, 4) > i64::from(GroupCode::COUNT) {
            Err(CellError)
        } else {
            Ok(cell)
        }
    }

    const fn bits(self, shift: u32, width: u32) -> i64 {
        (self.0 >> shift) & ((1 << width) - 1)
    }

    /// The same cell with this item.
    #[must_use]
    pub const fn with_item(self, item: u8) -> Self {
        Self(self.0 & !0xff | item as i64)
    }

    /// The stored number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The table.
    #[must_use]
    pub const fn tab(self) -> Tab {
        match self.0 >> 32 {
            1 => Tab::Active,
            2 => Tab::Service,
            3 => Tab::DropOut,
            4 => Tab::ReEngaged,
            5 => Tab::First,
            6 => Tab::SilentTransfer,
            7 => Tab::Cohort,
            8 => Tab::ServiceCohort,
            9 => Tab::Cascade,
            _ => Tab::Linkage,
        }
    }

    /// The city.
    #[must_use]
    pub const fn city(self) -> CityCode {
        CityCode(self.bits(20, 12) as u16)
    }

    /// The service's number in the indicator file, 0 when the table has no service.
    #[must_use]
    pub const fn service(self) -> u8 {
        self.bits(12, 8) as u8
    }

    /// The group, `None` when the table has none.
    #[must_use]
    pub const fn group(self) -> Option<GroupCode> {
        match self.bits(8, 4) {
            0 => None,
            number => Some(GroupCode(number as u8)),
        }
    }

    /// What is counted beside place, service and group; 0 when the table has no items.
    #[must_use]
    pub const fn item(self) -> u8 {
        self.bits(0, 8) as u8
    }

    /// The smallest and largest stored number of a table, for range reads.
    #[must_use]
    pub const fn range(tab: Tab) -> (i64, i64) {
        let low = (tab as i64) << 32;
        (low, low | 0xffff_ffff)
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = self.group().map_or(0, GroupCode::number);
        write!(
            f,
            "Cell({:?} city {} service {} group {group} item {})",
            self.tab(),
            self.city().0,
            self.service(),
            self.item()
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::cell::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cell_keeps_its_parts(tab in 1u8..=10, city in 0u16..=4095, service: u8, group in 0u8..=6, item: u8) {
            let tab = Tab::from_number(tab).unwrap();
            let group = GroupCode::new(group).ok();
            let cell = Cell::new(tab, CityCode::new(city).unwrap(), service, group).with_item(item);
            let read = Cell::parse(cell.number()).unwrap();
            prop_assert_eq!(read, cell);
            prop_assert_eq!((read.tab(), read.city().number(), read.service(), read.group(), read.item()), (tab, city, service, group, item));
            let (low, high) = Cell::range(tab);
            prop_assert!(low <= cell.number() && cell.number() <= high);
        }
    }

    #[test]
    fn numbers_that_are_no_cell_are_refused() {
        for number in [0, -1, 11 << 32, (1 << 32) | (7 << 8), i64::MAX, i64::MIN] {
            assert!(Cell::parse(number).is_err(), "{number}");
        }
        assert!(CityCode::new(4096).is_err());
        assert!(GroupCode::new(0).is_err() && GroupCode::new(7).is_err());
    }

    #[test]
    fn absent_parts_of_a_group_fall_into_the_last_choice() {
        assert_eq!(
            GroupCode::of(Group {
                gender: None,
                age: None
            }),
            GroupCode::UNKNOWN
        );
        assert_eq!(
            GroupCode::of(Group {
                gender: Some(Gender::Woman),
                age: Some(AgeBand::Under25)
            })
            .number(),
            1
        );
        assert_eq!(
            GroupCode::of(Group {
                gender: Some(Gender::Man),
                age: None
            })
            .number(),
            4
        );
    }
}

//! What a quarter's tables are about, apart from people: the quarter, the series it belongs to, the places and services that
//! have cells, the budget of each calendar year, the name of a release. Public facts, all of them.

use crypto::day::Quarter;
use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::cell::CityCode;

/// A city of the registry as tables see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableCity {
    /// Its small number; 0 is "other".
    pub code: CityCode,
    /// Its name.
    pub name: String,
    /// The first quarter whose tables show it.
    pub from: Quarter,
}

/// A service of the catalogue as tables see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableService {
    /// Its number inside cells, 1..=255.
    pub code: u8,
    /// Its code in reports.
    pub service: String,
    /// Its plain name.
    pub name: String,
    /// True when its cohorts are mature on 31 December, so that table GS shows it.
    pub cohort: bool,
}

/// The budget in force from a calendar year on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetFrom {
    /// The first calendar year.
    pub year: i32,
    /// The budget.
    pub budget: Budget,
}

/// The budgets of a programme's years, the first first. The first holds for all earlier years too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Budgets(Vec<BudgetFrom>);

impl Budgets {
    /// One budget for all years from `year` on.
    #[must_use]
    pub fn one(year: i32, budget: Budget) -> Self {
        Self(vec![BudgetFrom { year, budget }])
    }

    /// Another budget from a later year on; the same year again replaces what was said of it.
    pub fn change(&mut self, year: i32, budget: Budget) {
        self.0.retain(|one| one.year < year);
        if self.0.last().map(|one| one.budget) != Some(budget) {
            self.0.push(BudgetFrom { year, budget });
        }
    }

    /// The budget of a calendar year.
    #[must_use]
    pub fn at(&self, year: i32) -> Budget {
        let earlier = self.0.iter().take_while(|one| one.year <= year).last();
        earlier
            .or(self.0.first())
            .map_or(Budget::Default, |one| one.budget)
    }

    /// Every change, the first first.
    #[must_use]
    pub fn all(&self) -> &[BudgetFrom] {
        &self.0
    }
}

/// The public facts that shape a quarter's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The quarter.
    pub period: Quarter,
    /// The first quarter of the series: of the programme's first day, or the first that was closed.
    pub start: Quarter,
    /// The registry as the period's tables see it, "other" first, then in the order of names.
    pub cities: Vec<TableCity>,
    /// The catalogue of services in its order, then those of the programme's own in the order of their codes.
    pub services: Vec<TableService>,
    /// The budget of each calendar year.
    pub budgets: Budgets,
    /// Tables that the programme turned off.
    pub off: Vec<String>,
}

impl Scope {
    /// The budget that pays for the quarter.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.budgets.at(self.period.year())
    }

    /// Numbers of the cities, in order.
    #[must_use]
    pub fn codes(&self) -> Vec<CityCode> {
        self.cities.iter().map(|city| city.code).collect()
    }
}

/// Which release: the quarter that it is about, and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The quarter released.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
}

impl Subject {
    /// A release's name from its stored numbers; `None` when one is out of range.
    #[must_use]
    pub fn from_numbers(period: i64, version: i64) -> Option<Self> {
        let period = Quarter::from_number(i32::try_from(period).ok()?).ok()?;
        let version = u32::try_from(version).ok()?;
        Some(Self { period, version })
    }
}

/// A table that was turned off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnedOff {
    /// Its code.
    pub table: &'static str,
    /// The first quarter without it.
    pub from: Quarter,
}

/// True for the last quarter of a calendar year.
#[must_use]
pub(crate) fn ends_year(period: Quarter) -> bool {
    period.next().year() != period.year()
}

/// The quarters of the calendar year of `period`, up to and including it.
#[must_use]
pub fn year_until(period: Quarter) -> Vec<Quarter> {
    let mut quarters: Vec<Quarter> =
        std::iter::successors(Some(period), |one| Some(one.previous()))
            .take_while(|one| one.year() == period.year())
            .take(4)
            .collect();
    quarters.reverse();
    quarters
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::scope::*;

    #[test]
    fn a_budget_holds_until_the_next_change() {
        let mut budgets = Budgets::one(2026, Budget::Default);
        budgets.change(2028, Budget::Strict);
        for (year, expected) in [
            (2020, Budget::Default),
            (2026, Budget::Default),
            (2027, Budget::Default),
            (2028, Budget::Strict),
            (2040, Budget::Strict),
        ] {
            assert_eq!(budgets.at(year), expected, "{year}");
        }
        budgets.change(2028, Budget::Default);
        assert_eq!(budgets.all().len(), 1, "back to what it was");
    }

    #[test]
    fn a_release_is_read_from_the_numbers_it_is_stored_under() {
        let subject = Subject {
            period: "2026Q3".parse().unwrap(),
            version: 2,
        };
        let number = i64::from(subject.period.number());
        assert_eq!(Subject::from_numbers(number, 2), Some(subject));
        for (period, version) in [(number, -1), (number, 1 << 32), (i64::MAX, 1), (-1, 1)] {
            assert_eq!(Subject::from_numbers(period, version), None);
        }
    }

    #[test]
    fn a_year_has_four_quarters_and_ends_with_the_last() {
        let quarter = |text: &str| text.parse::<Quarter>().unwrap();
        assert_eq!(
            year_until(quarter("2026Q3")),
            ["2026Q1", "2026Q2", "2026Q3"].map(quarter)
        );
        assert!(ends_year(quarter("2026Q4")) && !ends_year(quarter("2026Q1")));
    }
}

//! What a table is: the words in which the catalogue is written.

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::cell::Tab;
use crate::rho::NanoRho;

/// Releases in a calendar year: periods are quarters.
pub const RELEASES_A_YEAR: u64 = 4;
/// Quarters of one block of a running total.
pub const HORIZON: u32 = 20;

/// What tells the cells of a level apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The city of the registry, or "other".
    City,
    /// The service of the catalogue.
    Service,
    /// Gender and age, six groups.
    Group,
    /// A stage or delay: the item of the cell as it is.
    Item,
    /// How an episode of a cohort ended by day 180.
    End,
    /// When it ended, in bins of 15 days: dropped out, or left in another way.
    Course,
}

/// A fraction of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Above the line.
    pub of: u64,
    /// Below the line, positive.
    pub in_all: u64,
}

/// What a level's measurements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Counts, each with noise of its own.
    Counts,
    /// Counts along a course of [`BINS`](super::BINS) bins, measured through the square-root factorisation.
    Course,
}

/// One level of a table: a set of cells measured with one scale.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// Its name in releases and in the database.
    pub code: &'static str,
    /// What tells its cells apart; each level of a tree refines the one before.
    pub dimensions: &'static [Dimension],
    /// What its measurements are.
    pub shape: Shape,
    /// The most one person adds over the table's span, squared, in counts; for running totals and courses multiplied by the
    /// factorisation's norm.
    pub l2_squared: u64,
    /// Its part of the table's allowance.
    pub part: Part,
}

/// How a table is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Every release draws independent noise; levels are reconciled by weighted least squares.
    Independent,
    /// Running totals by the square-root factorisation over blocks of [`HORIZON`] quarters.
    RunningTotal,
    /// Size, ends and course of a cohort, reconciled by weighted least squares.
    Cohort,
}

/// How often a table is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// With every quarter, about the quarter.
    Quarter,
    /// With the fourth quarter, about the calendar year.
    Year,
}

impl Every {
    /// Its word in releases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Releases in a calendar year.
    #[must_use]
    pub const fn releases(self) -> u64 {
        match self {
            Self::Quarter => RELEASES_A_YEAR,
            Self::Year => 1,
        }
    }
}

/// One released table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its letter in releases, in the ledger and in the database.
    pub code: &'static str,
    /// What it counts, for readers.
    pub title: &'static str,
    /// What one of its numbers is a number of.
    pub unit: &'static str,
    /// The contributions it reads.
    pub source: Tab,
    /// Its part of a year's budget.
    pub share: Part,
    /// How often it is released.
    pub every: Every,
    /// Releases that share one bound: 1, or 4 (a year).
    pub span: u32,
    /// How it is measured.
    pub mechanism: Mechanism,
    /// True when a total is published that was not measured: the sum of the first level.
    pub derived_total: bool,
    /// Its levels, the coarsest first.
    pub levels: &'static [Level],
}

impl Part {
    /// This part of a budget's calendar year, rounded down.
    #[must_use]
    pub const fn of_budget(self, budget: Budget) -> NanoRho {
        NanoRho::new(budget.per_year().nano() * self.of / self.in_all)
    }
}

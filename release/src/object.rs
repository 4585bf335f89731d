//! The release object: what is published about one quarter, as data. How its bytes are made and signed is said in [`super::seal`].

use crypto::day::{Day, Quarter};
use privacy::budget::Budget;
use privacy::catalogue::{Every, MeasuredLevel};
use privacy::rho::NanoRho;
use privacy::scope::{Budgets, TableService};
use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::published::{Reliability, Series};

/// The format's name, in every release.
pub const FORMAT: &str = "payung-release/1";

/// A city in a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityRelease {
    /// Small number, 0 for "other".
    pub code: u16,
    /// Name.
    pub city: String,
    /// First quarter whose tables show it.
    pub from: Quarter,
}

/// Epsilon at one delta.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    /// delta.
    pub delta: f64,
    /// epsilon of one calendar year's whole budget, rounded up to a thousandth.
    pub epsilon_year: f64,
    /// epsilon of ten such years, rounded up to a thousandth.
    pub epsilon_ten_years: f64,
}

/// The promise a release makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Whom it protects.
    pub unit: String,
    /// The noise.
    pub mechanism: String,
    /// The budget's name.
    pub budget: Budget,
    /// The budgets of the programme's years.
    pub budgets: Budgets,
    /// Nano-rho of one person and calendar year.
    pub year_nano_rho: NanoRho,
    /// Nano-rho debited in the calendar year so far, this release included.
    pub spent_in_year_nano_rho: NanoRho,
    /// What the year's budget means.
    pub guarantees: Vec<Guarantee>,
    /// How one person's contribution is bounded.
    pub caps: Vec<String>,
}

/// The public noise parameters of a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRelease {
    /// Its name.
    pub level: String,
    /// The squared norm of what one person can add over the table's span, in the measurement's own units.
    pub l2_squared: String,
    /// The noise scale `n/d`, in the measurement's own units.
    pub sigma: String,
    /// Nano-rho debited for this level by the version that measured it.
    pub nano_rho: NanoRho,
}

impl LevelRelease {
    /// The public parameters of a level of the catalogue.
    #[must_use]
    pub fn of(measured: &MeasuredLevel) -> Self {
        Self {
            level: measured.level.code.to_owned(),
            l2_squared: measured.l2_squared.to_string(),
            sigma: measured.sigma.to_string(),
            nano_rho: measured.cost,
        }
    }
}

/// One published number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellRelease {
    /// `count`, `new` or `cumulative`; in revisions also `combined`, `revised` or `change`.
    pub series: Series,
    /// Its level.
    pub level: String,
    /// Its city; absent for the whole programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The code of its service; absent where services are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Its group, `gender, age`; absent where groups are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its stage, delay or end, in words; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Days since enrolment; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u16>,
    /// The raw noisy integer, when this number was measured itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<i64>,
    /// Unbiased and consistent; may be negative.
    pub estimate: Decimal,
    /// Standard deviation of the noise in it.
    pub sd: Decimal,
    /// Lower end of the 95 % noise range.
    pub lo: Decimal,
    /// Upper end of the 95 % noise range.
    pub hi: Decimal,
    /// Whole number for reading; never sum these.
    pub display: u64,
    /// `ok`, or `low` when the range is wider than 30 % of the estimate either way.
    pub reliability: Reliability,
}

/// The raw measurements of a running total or a course: they follow from the factorisation, not from one count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamRelease {
    /// The city of a running total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The service of a course; absent for the programme's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What a course counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// The quarter of the first value of a running total, one value a quarter; of a course the quarter of the release, one value
    /// for every 15 days.
    pub from: Quarter,
    /// The values, scaled by 4^19 (running totals) or 4^11 (courses), as decimal text (beyond 2^53).
    pub measured: Vec<String>,
}

/// One table of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableRelease {
    /// Its letter.
    pub table: String,
    /// What it counts.
    pub title: String,
    /// What one of its numbers is a number of.
    pub unit: String,
    /// `quarter` or `year`: how often it is released and what it is about.
    pub every: Every,
    /// Nano-rho debited for it by the version that measured it.
    pub nano_rho: NanoRho,
    /// How many releases share the bound `l2_squared`.
    pub releases_in_bound: u32,
    /// Its levels.
    pub levels: Vec<LevelRelease>,
    /// Every cell of the registry, zero or not.
    pub cells: Vec<CellRelease>,
    /// Raw measurements of running totals and courses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamRelease>,
}

/// One published rate, in per cent; `estimate`, `lo` and `hi` are absent when it is not estimable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRelease {
    /// Its name for machines.
    pub rate: String,
    /// What it says.
    pub title: String,
    /// Of whom.
    pub denominator: String,
    /// Its city; absent for the whole programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The code of its service; absent for the programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Days since enrolment or test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u16>,
    /// Per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Decimal>,
    /// Lower end of the 95 % noise range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lo: Option<Decimal>,
    /// Upper end of the 95 % noise range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hi: Option<Decimal>,
    /// `ok`, `low` when the range is wider than 30 % of the estimate either way, or `not estimable`.
    pub reliability: Reliability,
}

/// Everything published about one quarter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// [`FORMAT`].
    pub format: String,
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// The day it was closed.
    pub closed: Day,
    /// The first quarter of the series: of the programme's first day, or the first that was closed.
    pub start: Quarter,
    /// Version of the indicator definitions.
    pub indicators: String,
    /// What a revision changed, then why; absent in version 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// How to read the numbers, in plain words.
    pub notes: Vec<String>,
    /// The promise.
    pub privacy: Privacy,
    /// The registry.
    pub cities: Vec<CityRelease>,
    /// The catalogue of services.
    pub services: Vec<TableService>,
    /// Tables that the programme turned off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<String>,
    /// The tables.
    pub tables: Vec<TableRelease>,
    /// Rates computed from the tables.
    pub rates: Vec<RateRelease>,
}

//! The planner: how large the noise will be, from the catalogue alone, before anything is measured.
//!
//! Standard deviations of published numbers depend on public parameters only. The planner estimates a programme whose every
//! measurement is zero with the very code that publishes releases and reads the standard deviations off. It sees no data and
//! costs nothing. Relative errors take the sizes as given and spread them evenly over cities and groups.

use crypto::day::Quarter;
use thiserror::Error;

use crate::budget::Budget;
use crate::catalogue::{CatalogueError, Mechanism, Plan, plans};
use crate::contribution::{Cell, CityCode, GroupCode, Tab};
use crate::decimal::Decimal;
use crate::estimate::{self, City, EstimateError, Published, Series, Values};

/// The mean of the size of normal noise in standard deviations: `sqrt(2/pi)`.
const MEAN_SIZE: f64 = 0.797_884_560_802_865_4;
/// The 97.5 % point of the normal law.
const Z: f64 = 1.959_963_984_540_054;
/// Longest programme that can be planned, in quarters.
pub const LONGEST: u16 = 80;

/// The sizes of a programme that somebody expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Clients active on the last day of a quarter.
    pub active: u32,
    /// Drop-outs in a quarter.
    pub drop_outs: u32,
    /// First enrolments in a quarter.
    pub first: u32,
    /// Cities of the registry, 1 to 4,095.
    pub cities: u16,
    /// The quarter of the programme that is looked at, 1 to [`LONGEST`]; running totals grow with it.
    pub quarter: u16,
}

/// What a level of a table will be like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The table's letter.
    pub table: &'static str,
    /// `count`, `new` or `cumulative`.
    pub series: Series,
    /// The level.
    pub level: &'static str,
    /// The mean size of its numbers.
    pub mean: f64,
    /// Standard deviation of the noise.
    pub sd: f64,
    /// True when a release would mark a number of the mean size as of low reliability.
    pub low: bool,
}

impl Expected {
    /// Half of the 95 % noise range.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        Z * self.sd
    }

    /// Mean error as a part of the mean size; infinite when that is zero.
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        MEAN_SIZE * self.sd / self.mean
    }
}

/// Sizes that cannot be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// No such number of cities.
    #[error("a programme has 1 to 4095 cities")]
    Cities,
    /// Too long.
    #[error("the planner looks at most 80 quarters ahead")]
    Quarters,
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Estimation failed.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
}

/// Every series and level of the catalogue under one budget.
///
/// # Errors
/// [`PlanError`] for sizes out of range.
pub fn expected(budget: Budget, sizes: &Sizes) -> Result<Vec<Expected>, PlanError> {
    if !(1..=LONGEST).contains(&sizes.quarter) {
        return Err(PlanError::Quarters);
    }
    // Any first quarter will do: nothing depends on the calendar.
    let start = Quarter::from_number(2000 * 4).map_err(|_| PlanError::Quarters)?;
    let quarters: Vec<Quarter> = std::iter::successors(Some(start), |quarter| Some(quarter.next()))
        .take(usize::from(sizes.quarter))
        .collect();
    let cities = cities(sizes.cities, start)?;
    let mut found = Vec::new();
    for plan in plans(budget)? {
        let values = zeros(&plan, &quarters, &cities);
        let last = quarters.last().copied().unwrap_or(start);
        let published = estimate::table(&plan, last, start, &cities, &values)?;
        found.extend(
            levels(&published)
                .into_iter()
                .map(|number| line(&plan, sizes, number)),
        );
    }
    Ok(found)
}

fn cities(count: u16, from: Quarter) -> Result<Vec<City>, PlanError> {
    if count == 0 {
        return Err(PlanError::Cities);
    }
    (0..=count)
        .map(|number| {
            let code = CityCode::new(number).map_err(|_| PlanError::Cities)?;
            let name = String::new();
            Ok(City { code, name, from })
        })
        .collect()
}

fn zeros(plan: &Plan, quarters: &[Quarter], cities: &[City]) -> Values {
    let codes: Vec<CityCode> = cities.iter().map(|city| city.code).collect();
    let needed = match plan.table.mechanism {
        Mechanism::RunningTotal => quarters,
        Mechanism::Independent => &quarters[quarters.len().saturating_sub(1)..],
    };
    let mut values = Values::new();
    for level in plan.levels.iter().map(|measured| measured.level) {
        for cell in level.cells(plan.table.source, &codes) {
            let key = |quarter: &Quarter| (plan.table.code, level.code, *quarter, cell);
            values.extend(needed.iter().map(|quarter| (key(quarter), 0)));
        }
    }
    values
}

/// The last number of each series and level: all of a level are alike, and the last city is not "other".
fn levels(published: &[Published]) -> Vec<&Published> {
    let mut found: Vec<&Published> = Vec::new();
    for number in published {
        let same = |one: &&mut &Published| one.series == number.series && one.level == number.level;
        match found.iter_mut().find(same) {
            Some(one) => *one = number,
            None => found.push(number),
        }
    }
    found
}

fn line(plan: &Plan, sizes: &Sizes, number: &Published) -> Expected {
    let people = match (plan.table.source, number.series) {
        (Tab::Active, _) => f64::from(sizes.active),
        (Tab::First, Series::Cumulative) => f64::from(sizes.first) * f64::from(sizes.quarter),
        (Tab::First, _) => f64::from(sizes.first),
        _ => f64::from(sizes.drop_outs),
    };
    let mean = people / cells(number.cell, sizes);
    let typical = Published {
        estimate: Decimal::nearest(mean),
        ..*number
    };
    Expected {
        table: plan.table.code,
        series: number.series,
        level: number.level,
        mean,
        sd: number.sd,
        low: typical.low_reliability(),
    }
}

/// Into how many cells of its level a number's people are spread.
fn cells(cell: Cell, sizes: &Sizes) -> f64 {
    let cities = if cell.city() == CityCode::OTHER {
        1.0
    } else {
        f64::from(sizes.cities)
    };
    let groups = cell.group().map_or(1.0, |_| f64::from(GroupCode::COUNT));
    cities * groups
}

#[cfg(test)]
mod tests;

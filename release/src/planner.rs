//! The planner: how large the noise will be, from the catalogue alone, before anything is measured.
//!
//! Standard deviations of published numbers depend on public parameters only. The planner estimates a programme whose every
//! measurement is zero with the very code that publishes releases and reads the standard deviations off. It sees no data and
//! costs nothing. Relative errors take the sizes as given and spread them evenly over cities and groups.

use crypto::day::Quarter;
use privacy::budget::Budget;
use privacy::catalogue::{CatalogueError, Every, Mechanism, Plan, plans};
use privacy::cell::{CityCode, GroupCode, Tab};
use privacy::scope::{Budgets, Scope, TableCity, TableService};
use thiserror::Error;

use crate::decimal::Decimal;
use crate::error::EstimateError;
use crate::estimate;
use crate::measurements::Measurements;
use crate::published::{Published, Series, Z};

/// The mean of the size of normal noise in standard deviations: `sqrt(2/pi)`.
const MEAN_SIZE: f64 = 0.797_884_560_802_865_4;
/// Longest programme that can be planned, in quarters.
pub const LONGEST: u16 = 80;

/// The sizes of a programme that somebody expects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Clients active on the last day of a quarter.
    pub active: u32,
    /// Drop-outs in a quarter.
    pub drop_outs: u32,
    /// First enrolments in a quarter.
    pub first: u32,
    /// Cities of the registry, 1 to 4,095.
    pub cities: u16,
    /// Services in use, 1 to 255.
    pub services: u8,
    /// Services of one active client, on average.
    pub services_each: f64,
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
    /// The mean size of its numbers; `None` where the sizes do not say.
    pub mean: Option<f64>,
    /// Standard deviation of the noise.
    pub sd: f64,
    /// True when a release would mark a number of the mean size as of low reliability.
    pub low: Option<bool>,
}

impl Expected {
    /// Half of the 95 % noise range.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        Z * self.sd
    }

    /// Mean error as a part of the mean size; infinite when that is zero.
    #[must_use]
    pub fn relative_error(&self) -> Option<f64> {
        self.mean.map(|mean| MEAN_SIZE * self.sd / mean)
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
    let scope = scope(budget, sizes)?;
    let mut found = Vec::new();
    for plan in plans(budget)? {
        let values = zeros(&plan, &scope);
        let published = estimate::table(&plan, &scope, &values)?;
        found.extend(
            levels(&published)
                .into_iter()
                .map(|number| line(&plan, sizes, number)),
        );
    }
    Ok(found)
}

/// A programme of these sizes. Any first quarter will do: nothing depends on the calendar.
fn scope(budget: Budget, sizes: &Sizes) -> Result<Scope, PlanError> {
    let start = Quarter::from_number(2000 * 4).map_err(|_| PlanError::Quarters)?;
    let period = Quarter::from_number(start.number() + i32::from(sizes.quarter) - 1);
    let service = |code: u8| TableService {
        code,
        service: String::new(),
        name: String::new(),
        cohort: true,
    };
    Ok(Scope {
        period: period.map_err(|_| PlanError::Quarters)?,
        start,
        cities: cities(sizes.cities, start)?,
        services: (1..=sizes.services).map(service).collect(),
        budgets: Budgets::one(start.year(), budget),
        off: Vec::new(),
    })
}

fn cities(count: u16, from: Quarter) -> Result<Vec<TableCity>, PlanError> {
    if count == 0 {
        return Err(PlanError::Cities);
    }
    (0..=count)
        .map(|number| {
            let code = CityCode::new(number).map_err(|_| PlanError::Cities)?;
            let name = String::new();
            Ok(TableCity { code, name, from })
        })
        .collect()
}

fn zeros(plan: &Plan, scope: &Scope) -> Measurements {
    let quarters: Vec<Quarter> = match plan.table.mechanism {
        Mechanism::RunningTotal => {
            std::iter::successors(Some(scope.start), |quarter| Some(quarter.next()))
                .take_while(|quarter| *quarter <= scope.period)
                .collect()
        }
        _ => vec![scope.period],
    };
    let mut values = Measurements::new();
    for level in plan.levels.iter().map(|measured| measured.level) {
        for cell in level.cells(plan.table.source, scope) {
            let key = |quarter: &Quarter| (plan.table.code, level.code, *quarter, cell);
            values.extend(quarters.iter().map(|quarter| (key(quarter), 0)));
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
    // How a cohort's people spread over ends and days is what the table is to find out.
    let spread = number.level == "ends" || number.level == "curve";
    let people = people(plan, sizes, number.series).filter(|_| !spread);
    let mean = people.map(|people| people / cells(number, sizes));
    let typical = |mean: f64| Published {
        estimate: Decimal::nearest(mean),
        ..*number
    };
    Expected {
        table: plan.table.code,
        series: number.series,
        level: number.level,
        mean,
        sd: number.sd,
        low: mean.map(|mean| typical(mean).low_reliability()),
    }
}

/// How many a table counts in all; `None` where nobody was asked.
fn people(plan: &Plan, sizes: &Sizes, series: Series) -> Option<f64> {
    let quarters = f64::from(sizes.quarter);
    Some(match (plan.table.source, plan.table.every, series) {
        (Tab::Active, ..) => f64::from(sizes.active),
        (Tab::Service, ..) => f64::from(sizes.active) * sizes.services_each,
        (Tab::DropOut, Every::Quarter, _) => f64::from(sizes.drop_outs),
        (Tab::DropOut, Every::Year, _) => f64::from(sizes.drop_outs) * 4.0,
        (Tab::First, _, Series::Cumulative) => f64::from(sizes.first) * quarters,
        (Tab::First, ..) => f64::from(sizes.first),
        (Tab::Cohort, ..) => f64::from(sizes.first) * 4.0,
        _ => return None,
    })
}

/// Into how many cells of its level a number's people are spread.
fn cells(number: &Published, sizes: &Sizes) -> f64 {
    let cell = number.cell;
    let cities = if cell.city() == CityCode::OTHER {
        1.0
    } else {
        f64::from(sizes.cities)
    };
    let groups = cell.group().map_or(1.0, |_| f64::from(GroupCode::COUNT));
    let services = if cell.service() == 0 {
        1.0
    } else {
        f64::from(sizes.services)
    };
    cities * groups * services
}

#[cfg(test)]
mod tests;

//! From noisy measurements to published cells: pure post-processing, which costs no privacy.
//!
//! Independent tables go through weighted least squares; running totals through the factorisation's own inverse. Both are
//! linear and unbiased, so standard deviations are exact and public. Nothing is clipped before it is summed: a published
//! parent is the exact sum of its published children, negative ones included. `display` is for reading only.

use std::collections::BTreeMap;

use crypto::day::Quarter;
use thiserror::Error;

use crate::catalogue::{HORIZON, Level, Mechanism, Plan};
use crate::contribution::{Cell, CityCode};
use crate::decimal::Decimal;
use crate::toeplitz::{Toeplitz, ToeplitzError};
use crate::wls::{self, Node, WlsError};

/// Noisy measurements: `(table, level, period, cell)` to the stored integer.
pub type Values = BTreeMap<(&'static str, &'static str, Quarter, Cell), i64>;

/// The 97.5 % point of the normal law.
const Z: f64 = 1.959_963_984_540_054;
/// Half-widths beyond this part of the estimate are called low reliability.
const LOW: f64 = 0.30;

/// A city of the registry as tables see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// Its small number; 0 is "other".
    pub code: CityCode,
    /// Its name.
    pub name: String,
    /// The first quarter whose tables show it.
    pub from: Quarter,
}

/// What a number of a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// The count of the quarter.
    Count,
    /// Of a running total: what the quarter added.
    New,
    /// Of a running total: everything since the programme's first quarter.
    Cumulative,
}

impl Series {
    /// Its word in releases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::New => "new",
            Self::Cumulative => "cumulative",
        }
    }
}

/// One published number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// What it is about.
    pub series: Series,
    /// Its level's name.
    pub level: &'static str,
    /// Its cell.
    pub cell: Cell,
    /// The raw noisy count, when this very number was measured.
    pub measured: Option<i64>,
    /// The unbiased estimate; may be negative.
    pub estimate: Decimal,
    /// Its exact standard deviation under the noise.
    pub sd: f64,
}

impl Published {
    /// The 95 % noise range, rounded outwards.
    #[must_use]
    pub fn range(&self) -> (Decimal, Decimal) {
        let (middle, half) = (self.estimate.value(), Z * self.sd);
        (
            Decimal::at_most(middle - half),
            Decimal::at_least(middle + half),
        )
    }

    /// True when the half-width is more than 30 % of the noisy estimate, or the estimate is not positive. Decided from public
    /// numbers alone.
    #[must_use]
    pub fn low_reliability(&self) -> bool {
        Z * self.sd > LOW * self.estimate.value()
    }
}

/// A stored measurement is missing or numbers do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EstimateError {
    /// A cell of the catalogue has no measurement.
    #[error("a measurement is missing: restore the statistics database from its backup")]
    Missing,
    /// Least squares refused.
    #[error(transparent)]
    Wls(#[from] WlsError),
    /// The running total refused.
    #[error(transparent)]
    Toeplitz(#[from] ToeplitzError),
}

/// The published numbers of one table in one quarter, level by level, cells in code order.
///
/// # Errors
/// [`EstimateError`] when a measurement is missing or does not fit.
pub fn table(
    plan: &Plan,
    period: Quarter,
    start: Quarter,
    cities: &[City],
    values: &Values,
) -> Result<Vec<Published>, EstimateError> {
    match plan.table.mechanism {
        Mechanism::Independent => independent(plan, period, cities, values),
        Mechanism::RunningTotal => running_total(plan, period, start, cities, values),
    }
}

fn independent(
    plan: &Plan,
    period: Quarter,
    cities: &[City],
    values: &Values,
) -> Result<Vec<Published>, EstimateError> {
    let codes: Vec<CityCode> = cities.iter().map(|city| city.code).collect();
    let forest = Forest::new(plan, period, &codes, values);
    let (mut found, mut order) = (BTreeMap::new(), Vec::new());
    for root in forest.cells.first().into_iter().flatten() {
        order.clear();
        let node = forest.grow(0, *root, &mut order)?;
        found.extend(order.iter().copied().zip(wls::estimate(&node)?));
    }
    Ok(forest.publish(&found))
}

/// The cells of a table's levels and who is whose child.
struct Forest<'a> {
    plan: &'a Plan,
    period: Quarter,
    values: &'a Values,
    /// The cells of each level, in order.
    cells: Vec<Vec<Cell>>,
    /// For each level, the cells of the next one by their parent.
    children: Vec<BTreeMap<Cell, Vec<Cell>>>,
}

impl<'a> Forest<'a> {
    fn new(plan: &'a Plan, period: Quarter, codes: &[CityCode], values: &'a Values) -> Self {
        let levels: Vec<&Level> = plan.levels.iter().map(|measured| measured.level).collect();
        let cells: Vec<Vec<Cell>> = levels
            .iter()
            .map(|level| level.cells(plan.table.source, codes))
            .collect();
        let mut children = Vec::new();
        for (parent, below) in levels.iter().zip(cells.iter().skip(1)) {
            let mut map: BTreeMap<Cell, Vec<Cell>> = BTreeMap::new();
            for cell in below {
                map.entry(parent.cell_of(*cell)).or_default().push(*cell);
            }
            children.push(map);
        }
        Self {
            plan,
            period,
            values,
            cells,
            children,
        }
    }

    fn measured(&self, depth: usize, cell: Cell) -> Option<i64> {
        let level = self.plan.levels.get(depth)?.level.code;
        self.values
            .get(&(self.plan.table.code, level, self.period, cell))
            .copied()
    }

    /// The tree below `cell`; `order` gets its cells in pre-order, the order of [`wls::estimate`].
    fn grow(
        &self,
        depth: usize,
        cell: Cell,
        order: &mut Vec<(usize, Cell)>,
    ) -> Result<Node, EstimateError> {
        order.push((depth, cell));
        let measured = self.measured(depth, cell).ok_or(EstimateError::Missing)?;
        let variance = self
            .plan
            .levels
            .get(depth)
            .ok_or(EstimateError::Missing)?
            .sigma
            .value()
            .powi(2);
        let below = self.children.get(depth).and_then(|map| map.get(&cell));
        let children = below
            .into_iter()
            .flatten()
            .map(|child| self.grow(depth + 1, *child, order))
            .collect::<Result<_, _>>()?;
        Ok(Node {
            measured: Some((measured as f64, variance)),
            children,
        })
    }

    fn publish(&self, found: &BTreeMap<(usize, Cell), wls::Estimate>) -> Vec<Published> {
        let last = self.cells.len().saturating_sub(1);
        let mut sums: BTreeMap<(usize, Cell), Decimal> = BTreeMap::new();
        for leaf in self.cells.last().into_iter().flatten() {
            let value = Decimal::nearest(
                found
                    .get(&(last, *leaf))
                    .map_or(0.0, |estimate| estimate.value),
            );
            for (depth, measured) in self.plan.levels.iter().enumerate() {
                let sum = sums
                    .entry((depth, measured.level.cell_of(*leaf)))
                    .or_default();
                *sum = sum.plus(value);
            }
        }
        let cells = self.cells.iter().zip(&self.plan.levels).enumerate();
        cells
            .flat_map(|(depth, (cells, measured))| {
                cells
                    .iter()
                    .map(move |cell| (depth, measured.level.code, *cell))
            })
            .map(|(depth, level, cell)| Published {
                series: Series::Count,
                level,
                cell,
                measured: self.measured(depth, cell),
                estimate: sums.get(&(depth, cell)).copied().unwrap_or_default(),
                sd: found
                    .get(&(depth, cell))
                    .map_or(0.0, |estimate| estimate.variance.sqrt()),
            })
            .collect()
    }
}

/// The first quarter of the block that `period` lies in.
#[must_use]
pub fn block_start(period: Quarter, start: Quarter) -> Quarter {
    let horizon = HORIZON as i32;
    let blocks = (period.number() - start.number()).div_euclid(horizon);
    Quarter::from_number(start.number() + blocks * horizon).unwrap_or(start)
}

/// The quarters of a city's stream in the block of `period`, up to and including it: a city that enters later starts later.
#[must_use]
pub fn stream(period: Quarter, start: Quarter, city: &City) -> Vec<Quarter> {
    let first = block_start(period, start).max(city.from);
    std::iter::successors(Some(first), |quarter| Some(quarter.next()))
        .take_while(|quarter| *quarter <= period)
        .take(HORIZON as usize)
        .collect()
}

/// A city's numerators over 16^(T-1), and their variances.
struct Running {
    new: (i128, f64),
    cumulative: (i128, f64),
}

impl Running {
    const fn of(&self, series: Series) -> (i128, f64) {
        match series {
            Series::New => self.new,
            Series::Count | Series::Cumulative => self.cumulative,
        }
    }
}

fn running_total(
    plan: &Plan,
    period: Quarter,
    start: Quarter,
    cities: &[City],
    values: &Values,
) -> Result<Vec<Published>, EstimateError> {
    let toeplitz = Toeplitz::new(HORIZON)?;
    let level = plan.levels.first().ok_or(EstimateError::Missing)?;
    let unit = (level.sigma.value() / toeplitz.scale() as f64).powi(2);
    let mut rows: Vec<(CityCode, Running)> = Vec::new();
    for city in cities {
        rows.push((
            city.code,
            city_running(plan, &toeplitz, period, start, city, values)?,
        ));
    }
    let bits = 2 * toeplitz.scale_bits();
    let mut found = Vec::new();
    for series in [Series::New, Series::Cumulative] {
        let parts = rows.iter().map(|(city, row)| {
            let (numerator, variance) = row.of(series);
            let cell = Cell::new(plan.table.source, *city, 0, None);
            (cell, Decimal::of_dyadic(numerator, bits), variance * unit)
        });
        publish_parts(
            series,
            level.level.code,
            &parts.collect::<Vec<_>>(),
            &mut found,
        );
    }
    Ok(found)
}

/// The whole programme, which was not measured itself and is the sum of its cities, then the cities.
fn publish_parts(
    series: Series,
    level: &'static str,
    parts: &[(Cell, Decimal, f64)],
    found: &mut Vec<Published>,
) {
    let Some((first, _, _)) = parts.first() else {
        return;
    };
    let publish = |level, cell, estimate, variance: f64| Published {
        series,
        level,
        cell,
        measured: None,
        estimate,
        sd: variance.sqrt(),
    };
    let whole = Cell::new(first.tab(), CityCode::OTHER, 0, None);
    let total = parts
        .iter()
        .fold(Decimal::default(), |sum, part| sum.plus(part.1));
    let spread = parts.iter().map(|part| part.2).sum();
    found.push(publish("total", whole, total, spread));
    found.extend(
        parts
            .iter()
            .map(|part| publish(level, part.0, part.1, part.2)),
    );
}

fn city_running(
    plan: &Plan,
    toeplitz: &Toeplitz,
    period: Quarter,
    start: Quarter,
    city: &City,
    values: &Values,
) -> Result<Running, EstimateError> {
    let mut ends = vec![period];
    let mut block = block_start(period, start);
    while block > start && block > city.from {
        ends.push(block.previous());
        block = block_start(block.previous(), start);
    }
    let (mut sum, mut spread) = (0i128, 0.0);
    let mut new = (0, 0.0);
    for (index, end) in ends.into_iter().enumerate() {
        let measured = measured_stream(plan, end, start, city, values)?;
        sum = sum
            .checked_add(toeplitz.running_total(&measured)?)
            .ok_or(ToeplitzError)?;
        spread += toeplitz.running_total_variance(measured.len());
        if index == 0 {
            new = (
                toeplitz.increment(&measured)?,
                toeplitz.increment_variance(measured.len()),
            );
        }
    }
    Ok(Running {
        new,
        cumulative: (sum, spread),
    })
}

fn measured_stream(
    plan: &Plan,
    end: Quarter,
    start: Quarter,
    city: &City,
    values: &Values,
) -> Result<Vec<i64>, EstimateError> {
    let level = plan
        .levels
        .first()
        .ok_or(EstimateError::Missing)?
        .level
        .code;
    let cell = Cell::new(plan.table.source, city.code, 0, None);
    let quarters = stream(end, start, city);
    quarters
        .into_iter()
        .map(|quarter| {
            values
                .get(&(plan.table.code, level, quarter, cell))
                .copied()
                .ok_or(EstimateError::Missing)
        })
        .collect()
}

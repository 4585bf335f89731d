//! Statistics over independent runs: everything is averaged within a run first, because numbers of one release share noise.

use std::collections::BTreeMap;

use release::object::{CellRelease, Release};
use release::published::Series;

use crate::world::World;

/// One figure from each independent run.
#[derive(Clone, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn runs(&self) -> f64 {
        self.0.len() as f64
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.runs()
    }

    /// Standard error of the mean.
    pub(crate) fn error(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.0.iter().map(|one| (one - mean).powi(2)).sum();
        (squares / (self.runs() - 1.0) / self.runs()).sqrt()
    }

    /// The mean in standard errors.
    pub(crate) fn z(&self) -> f64 {
        self.mean() / self.error()
    }
}

/// Mean of a run's figures.
#[derive(Default)]
struct Mean(f64, f64);

impl Mean {
    fn add(&mut self, value: f64) {
        *self = Self(self.0 + value, self.1 + 1.0);
    }

    fn value(&self) -> f64 {
        self.0 / self.1.max(1.0)
    }
}

/// One run's figures of one level.
#[derive(Default)]
struct Run {
    absolute: Mean,
    size: Mean,
    error: Mean,
    square: Mean,
    scaled: Mean,
    covered: Mean,
}

/// What many runs say about one level.
#[derive(Clone, Default)]
pub(crate) struct Level {
    /// Mean absolute error of the cells in use.
    pub(crate) absolute: Sample,
    /// Mean true number of the cells in use.
    pub(crate) size: Sample,
    /// Mean error of all cells.
    pub(crate) bias: Sample,
    /// Mean squared error of all cells.
    pub(crate) square: Sample,
    /// Mean squared error in declared standard deviations.
    pub(crate) scaled: Sample,
    /// Part of the printed ranges that hold the truth.
    pub(crate) covered: Sample,
    /// How many ranges one run has.
    pub(crate) ranges: f64,
}

impl Level {
    fn add(&mut self, run: &Run) {
        self.absolute.push(run.absolute.value());
        self.size.push(run.size.value());
        self.bias.push(run.error.value());
        self.square.push(run.square.value());
        self.scaled.push(run.scaled.value());
        self.covered.push(run.covered.value());
        self.ranges = run.covered.1;
    }
}

/// `(table, level)`, the series after the level where there are several; rates have the table "rates".
pub(crate) type Key = (String, String);

/// What many runs say about every level.
pub(crate) struct Tally {
    pub(crate) levels: BTreeMap<Key, Level>,
    /// Published numbers of a year, rates not counted.
    pub(crate) numbers: usize,
}

/// Draws so many years of releases and compares every published number with the truth.
pub(crate) async fn tally(world: &World, runs: usize) -> Tally {
    let mut truths: Vec<f64> = Vec::new();
    let mut levels: BTreeMap<Key, Level> = BTreeMap::new();
    for _ in 0..runs {
        let releases = world.draw().await;
        if truths.is_empty() {
            truths = cells(&releases)
                .map(|(release, table, cell)| world.truth(release.period, table, cell))
                .collect();
        }
        let mut run: BTreeMap<Key, Run> = BTreeMap::new();
        for ((_, table, cell), truth) in cells(&releases).zip(&truths) {
            let level = match (cell.series, cell.day) {
                // Early and late points of a course are estimated in different ways.
                (Series::Count, Some(day)) if day <= 90 => format!("{} until 90", cell.level),
                (Series::Count, Some(_)) => format!("{} until 180", cell.level),
                (Series::Count, None) => cell.level.clone(),
                (series, _) => format!("{} {series}", cell.level),
            };
            one(
                run.entry((table.to_owned(), level)).or_default(),
                cell,
                *truth,
            );
        }
        for release in &releases {
            rates(world, release, &mut run);
        }
        for (key, found) in &run {
            levels.entry(key.clone()).or_default().add(found);
        }
    }
    Tally {
        levels,
        numbers: truths.len(),
    }
}

/// Every published number of a year, always in the same order.
fn cells(releases: &[Release]) -> impl Iterator<Item = (&Release, &str, &CellRelease)> {
    let tables = releases
        .iter()
        .flat_map(|release| release.tables.iter().map(move |table| (release, table)));
    tables.flat_map(|(release, table)| {
        let cells = table.cells.iter();
        cells.map(move |cell| (release, table.table.as_str(), cell))
    })
}

fn one(run: &mut Run, cell: &CellRelease, truth: f64) {
    let error = cell.estimate.value() - truth;
    // Places and services that nobody uses do not count for the size of the mean cell.
    if truth > 0.0 && cell.city.as_deref() != Some("other") {
        run.absolute.add(error.abs());
        run.size.add(truth);
    }
    run.error.add(error);
    run.square.add(error * error);
    run.scaled.add((error / cell.sd.value()).powi(2));
    let held = cell.lo.value() <= truth && truth <= cell.hi.value();
    run.covered.add(f64::from(u8::from(held)));
}

/// Rates of the programme's cohort, in percentage points.
fn rates(world: &World, release: &Release, run: &mut BTreeMap<Key, Run>) {
    let Some(table) = release.tables.iter().find(|table| table.table == "G") else {
        return;
    };
    let number = |level: &str, what: Option<&str>, day: Option<u16>| {
        let cell = table
            .cells
            .iter()
            .find(|cell| cell.level == level && cell.what.as_deref() == what && cell.day == day);
        world.truth(release.period, "G", cell.expect("a number of table G"))
    };
    let size = number("cohort", None, None);
    for rate in release.rates.iter().filter(|rate| rate.service.is_none()) {
        let Some(day) = rate.day else { continue };
        let lost = || number("curve", Some("dropped out"), Some(day));
        let left = || number("curve", Some("left in another way"), Some(day));
        let truth = match rate.rate.as_str() {
            "dropped-out" => lost() / size,
            "retained" => (size - lost() - left()) / size,
            "retained-others" => (size - lost() - left()) / (size - left()),
            _ => continue,
        };
        let key = ("rates".to_owned(), format!("{} {day}", rate.rate));
        let (Some(estimate), Some(lo), Some(hi)) = (rate.estimate, rate.lo, rate.hi) else {
            continue;
        };
        let run = run.entry(key).or_default();
        let error = estimate.value() - 100.0 * truth;
        run.absolute.add(error.abs());
        run.size.add(100.0 * truth);
        run.error.add(error);
        run.square.add(error * error);
        // A ratio has no standard deviation; its range is what counts.
        run.scaled.add(1.0);
        let held = lo.value() <= 100.0 * truth && 100.0 * truth <= hi.value();
        run.covered.add(f64::from(u8::from(held)));
    }
}

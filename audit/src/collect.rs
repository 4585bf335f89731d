//! What the trials gave: one layout of cells, and for each trial the noise in them.
//!
//! Noise is the measured number minus the true count, both in the measurement's own unit. All trials must publish the same
//! cells in the same order with the same parameters; anything else is noted as a fault.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::dataset::{self, Arm, DataSet, QUARTERS};
use crate::reading::{self, Measured, Place, Reading};
use crate::truth::truth;

/// The releases of one fresh instance, in the order of the quarters.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    /// On which data.
    pub arm: Arm,
    /// Exported files, parsed.
    pub releases: Vec<Value>,
}

/// A cell whose true count is known.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// Where it stands.
    pub place: Place,
    /// Number of the quarter.
    pub quarter: usize,
    /// Number of the city, when it is one of the data set's.
    pub city: Option<usize>,
    /// Declared scale.
    pub sigma: f64,
    /// Releases that share the bound.
    pub span: u32,
    /// Nano-rho debited for the level by one release.
    pub nano_rho: u64,
    /// Whether its table is of the whole year.
    pub yearly: bool,
    /// What the canaries add to it.
    pub canary: f64,
    /// True counts without and with canaries.
    truth: [i64; 2],
    /// Its place among all measurements of a trial.
    at: usize,
}

/// The noise of one trial.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// On which data.
    pub arm: Arm,
    /// For each cell of the layout.
    pub noise: Vec<i64>,
}

/// All trials.
#[derive(Debug, Clone)]
pub(crate) struct Collected {
    /// Cities of the data sets.
    pub cities: usize,
    /// Cells whose truth is known.
    pub cells: Vec<Cell>,
    /// One for each trial.
    pub samples: Vec<Sample>,
    /// Tables (with levels) whose truth is not known.
    pub unknown: BTreeSet<String>,
    /// Faults that are no matter of chance, with how often they were met.
    pub faults: BTreeMap<String, usize>,
    places: Vec<Place>,
    base: DataSet,
    with: DataSet,
}

impl Collected {
    /// Nothing yet; the data sets have so many cities, and the second one a canary in each.
    #[must_use]
    pub(crate) fn new(cities: usize) -> Self {
        Self {
            cities,
            cells: Vec::new(),
            samples: Vec::new(),
            unknown: BTreeSet::new(),
            faults: BTreeMap::new(),
            places: Vec::new(),
            base: dataset::build(cities, 0),
            with: dataset::build(cities, cities),
        }
    }

    /// The rows of a data set.
    #[must_use]
    pub(crate) fn rows(&self, arm: Arm) -> &str {
        match arm {
            Arm::Without => &self.base.rows,
            Arm::With => &self.with.rows,
        }
    }

    /// Adds the noise of a trial; the first one gives the layout.
    pub(crate) fn add(&mut self, trial: &Trial) {
        let readings: Vec<Reading> = trial.releases.iter().map(reading::read).collect();
        self.add_read(trial.arm, &readings);
    }

    /// The same of a trial that was read already.
    pub(crate) fn add_read(&mut self, arm: Arm, readings: &[Reading]) {
        self.check_earlier(readings);
        for fault in readings.iter().flat_map(|reading| &reading.unreadable) {
            *self.faults.entry(fault.clone()).or_default() += 1;
        }
        let measured: Vec<&Measured> = readings.iter().flat_map(|r| &r.measured).collect();
        if self.places.is_empty() {
            self.lay_out(&measured);
        }
        let same = measured.len() == self.places.len()
            && measured
                .iter()
                .zip(&self.places)
                .all(|(one, place)| one.place == *place);
        if !same {
            self.fault("another trial published other cells or another order");
            return;
        }
        let side = usize::from(arm == Arm::With);
        let (mut noise, mut faults) = (Vec::with_capacity(self.cells.len()), Vec::new());
        for cell in &self.cells {
            let one = measured[cell.at];
            if (one.sigma - cell.sigma).abs() > 0.0 || one.nano_rho != cell.nano_rho {
                faults.push("another trial declared other parameters");
            }
            let value = one.value.unwrap_or_else(|| {
                faults.push("a measurement is no whole number");
                0
            });
            noise.push(value.saturating_sub(cell.truth[side]));
        }
        faults.dedup();
        faults.into_iter().for_each(|fault| self.fault(fault));
        self.samples.push(Sample { arm, noise });
    }

    fn fault(&mut self, text: &str) {
        *self.faults.entry(text.to_owned()).or_default() += 1;
    }

    /// A running total's earlier values are those of the earlier release.
    fn check_earlier(&mut self, readings: &[Reading]) {
        for pair in readings.windows(2) {
            let before = pair[0]
                .measured
                .iter()
                .filter(|one| one.place.stream && !one.yearly);
            for one in before {
                let is_same = |(place, _): &&(Place, Vec<String>)| {
                    (&place.table, &place.city) == (&one.place.table, &one.place.city)
                };
                let told = pair[1]
                    .earlier
                    .iter()
                    .find(is_same)
                    .and_then(|found| found.1.last());
                let value = one.value.map(|value| value.to_string());
                if told != value.as_ref() {
                    self.fault("a later release tells another value of an earlier measurement");
                }
            }
        }
    }

    fn lay_out(&mut self, measured: &[&Measured]) {
        for (at, one) in measured.iter().enumerate() {
            self.places.push(one.place.clone());
            let base = truth(one, &self.base.base);
            let more = truth(one, &self.with.canaries);
            let quarter = QUARTERS.iter().position(|name| *name == one.place.quarter);
            let (Some(base), Some(more), Some(quarter)) = (base, more, quarter) else {
                let name = format!("{} {}", one.place.table, one.place.level);
                self.unknown.insert(name);
                continue;
            };
            let city = one.place.city.as_ref();
            self.cells.push(Cell {
                place: one.place.clone(),
                quarter,
                city: city.and_then(|city| dataset::number(city)),
                sigma: one.sigma,
                span: one.span,
                nano_rho: one.nano_rho,
                yearly: one.yearly,
                canary: more as f64,
                truth: [base, base.saturating_add(more)],
                at,
            });
        }
    }

    /// The cells of each table and level, by their places in [`Self::cells`].
    #[must_use]
    pub(crate) fn levels(&self) -> BTreeMap<(String, String), Vec<usize>> {
        let mut levels: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (number, cell) in self.cells.iter().enumerate() {
            let name = (cell.place.table.clone(), cell.place.level.clone());
            levels.entry(name).or_default().push(number);
        }
        levels
    }
}

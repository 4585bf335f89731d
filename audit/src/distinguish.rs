//! Test 2: can somebody who knows everything else tell whether one person is in the data?
//!
//! Each city of each trial is one independent experiment: its cells, in all four quarters, without and with one worst-case
//! person (totals are left out, because they are shared). The best statistic is `sum delta (y - truth) / sigma^2`. Its
//! threshold is chosen on the first half of the trials and tried on the second. Clopper and Pearson's ends of the two error
//! rates give lower bounds `mu = Phi^-1(TPR) - Phi^-1(FPR)` (Dong, Roth, Su, arXiv 1905.02383) and `eps = ln((TPR - delta) /
//! FPR)`; `rho` declared for these levels allows `mu = sqrt(2 rho)`. The verdict rests on mu, which needs far fewer trials.

use crate::account::epsilon;
use crate::collect::{Collected, Sample};
use crate::dataset::{Arm, QUARTERS};
use crate::special::{phi_inverse, rate_at_least, rate_at_most};
use crate::verdict::{LEAST_P, Test, Verdict};

const TEST: Test = Test::Distinguish;
const DELTA: f64 = 1e-6;
/// Thresholds tried on the first half.
const THRESHOLDS: usize = 40;

/// What was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Lower bound of mu at an error of [`LEAST_P`].
    pub mu: f64,
    /// Lower bound of epsilon at delta 1e-6.
    pub epsilon: f64,
    /// The point estimate of mu.
    pub seen: f64,
    /// Experiments of the second half on each side.
    pub experiments: usize,
}

/// The verdict.
#[must_use]
pub(crate) fn judge(all: &Collected) -> Vec<Verdict> {
    let what = "one person more in a city, all quarters";
    let rho = declared(all);
    let expected = expected(all);
    let Some(found) = find(all) else {
        return vec![Verdict::not_checked(
            TEST,
            what,
            "too few trials: at least two of each kind",
        )];
    };
    let bound = (2.0 * rho).sqrt();
    let text = format!(
        "{} experiments a side: mu at least {:.3} (seen {:.3}, declared sigmas give {:.3}), rho {:.4} allows {:.3}; \
         epsilon at least {:.2}, allowed {:.2}",
        found.experiments,
        found.mu,
        found.seen,
        expected,
        rho,
        bound,
        found.epsilon.max(0.0),
        epsilon(rho, DELTA)
    );
    let good = found.mu <= bound && expected <= bound * (1.0 + 1e-9);
    let mut verdict = Verdict::certain(TEST, what, good, text);
    verdict.statistical_checks = 1;
    vec![verdict]
}

/// Whether a cell takes part: the city's own, and its person moves it (moves, table S, are counted in another city).
fn counts(all: &Collected, cell: usize) -> bool {
    let cell = &all.cells[cell];
    cell.city.is_some() && cell.canary > 0.0 && cell.place.table != "S"
}

/// rho that the releases declare for the levels in use: each level's debit over its span, or over the year's releases.
fn declared(all: &Collected) -> f64 {
    let mut nano = 0;
    for cells in all.levels().values() {
        if let Some(cell) = cells.iter().find(|cell| counts(all, **cell)) {
            let cell = &all.cells[*cell];
            let releases = if cell.yearly {
                1
            } else {
                QUARTERS.len() as u64
            };
            nano += cell.nano_rho * u64::from(cell.span).max(releases);
        }
    }
    nano as f64 / 1e9
}

/// mu of one city under the declared scales.
fn expected(all: &Collected) -> f64 {
    let squares = (0..all.cells.len())
        .filter(|cell| counts(all, *cell) && all.cells[*cell].city == Some(0))
        .map(|cell| (all.cells[cell].canary / all.cells[cell].sigma).powi(2));
    squares.sum::<f64>().sqrt()
}

/// The statistic of each city of a trial.
fn statistics(all: &Collected, sample: &Sample, cells: &[usize]) -> Vec<f64> {
    let mut sums = vec![0.0; all.cities];
    for number in cells {
        let cell = &all.cells[*number];
        let there = if sample.arm == Arm::With {
            cell.canary
        } else {
            0.0
        };
        let y = sample.noise[*number] as f64 + there;
        if let Some(sum) = cell.city.and_then(|city| sums.get_mut(city)) {
            *sum += cell.canary * y / cell.sigma.powi(2);
        }
    }
    sums
}

fn find(all: &Collected) -> Option<Found> {
    let cells: Vec<usize> = (0..all.cells.len())
        .filter(|cell| counts(all, *cell))
        .collect();
    let (mut chosen, mut tried) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for (arm, side) in [Arm::Without, Arm::With].into_iter().zip(0..2) {
        let samples: Vec<&Sample> = all.samples.iter().filter(|one| one.arm == arm).collect();
        let half = samples.len() / 2;
        for (number, sample) in samples.into_iter().enumerate() {
            let to = if number < half {
                &mut chosen
            } else {
                &mut tried
            };
            to[side].extend(statistics(all, sample, &cells));
        }
    }
    if chosen.iter().chain(&tried).any(Vec::is_empty) || cells.is_empty() {
        return None;
    }
    let threshold = threshold(&chosen);
    let [fp, tp] = [&tried[0], &tried[1]].map(|side| (above(side, threshold), side.len()));
    let (tpr, fpr) = bounds(tp, fp);
    Some(Found {
        mu: phi_inverse(tpr) - phi_inverse(fpr),
        epsilon: ((tpr - DELTA).max(f64::MIN_POSITIVE) / fpr).ln(),
        seen: gap(tp, fp),
        experiments: fp.1.min(tp.1),
    })
}

/// The threshold that shows most on these values.
fn threshold(values: &[Vec<f64>; 2]) -> f64 {
    let mut pooled: Vec<f64> = values.iter().flatten().copied().collect();
    pooled.sort_by(f64::total_cmp);
    let (mut best, mut most) = (0.0, f64::NEG_INFINITY);
    for step in 1..THRESHOLDS {
        let at = pooled[pooled.len() * step / THRESHOLDS];
        let [fp, tp] = [&values[0], &values[1]].map(|side| above(side, at));
        let (tpr, fpr) = bounds((tp, values[1].len()), (fp, values[0].len()));
        let shown = phi_inverse(tpr) - phi_inverse(fpr);
        if shown > most {
            (best, most) = (at, shown);
        }
    }
    best
}

fn above(side: &[f64], threshold: f64) -> usize {
    side.iter().filter(|value| **value > threshold).count()
}

/// The true positive rate at least, the false positive rate at most: each `(events, of)`.
fn bounds(tp: (usize, usize), fp: (usize, usize)) -> (f64, f64) {
    let error = LEAST_P / 2.0;
    (
        rate_at_least(tp.0, tp.1, error),
        rate_at_most(fp.0, fp.1, error),
    )
}

/// Point estimate of mu; half an event is added to each side so that none is infinite.
fn gap(tp: (usize, usize), fp: (usize, usize)) -> f64 {
    let rate = |(k, n): (usize, usize)| (k as f64 + 0.5) / (n as f64 + 1.0);
    phi_inverse(rate(tp)) - phi_inverse(rate(fp))
}

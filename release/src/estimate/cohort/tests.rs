#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use privacy::budget::Budget;
use privacy::catalogue::plans;
use privacy::cell::Tab;
use privacy::testing::{exact, leaves, scope};
use proptest::prelude::*;

use super::*;
use crate::wls::dense::solve;

fn programme() -> (Plan, Scope) {
    let scope = scope("2027Q4", 1, Budget::Default);
    let plan = plans(Budget::Default)
        .unwrap()
        .into_iter()
        .find(|plan| plan.table.code == "G")
        .unwrap();
    (plan, scope)
}

/// A made-up cohort: 300 still there, 10 + b dropped out in bin b, b left for other reasons.
fn count(cell: Cell) -> i64 {
    let (end, bin) = (cell.item() >> 4, i64::from(cell.item() & 0x0f));
    match end {
        0 => 300,
        1 => 10 + bin,
        end => bin * i64::from(end) % 5,
    }
}

#[test]
fn without_noise_every_number_is_exact() {
    let (plan, scope) = programme();
    let leaves = leaves(&plan, &scope);
    let values = exact(&plan, &scope, &leaves, |_, cell| count(cell)).into();
    let cohort = cohorts(&plan, &scope, &values).unwrap().remove(0);
    let sum = |wanted: &dyn Fn(u8, u8) -> bool| -> i64 {
        let chosen = leaves
            .iter()
            .filter(|cell| wanted(cell.item() >> 4, cell.item() & 0x0f));
        chosen.map(|cell| count(*cell)).sum()
    };
    let close = |found: f64, expected: i64| {
        assert!((found - expected as f64).abs() < 1e-6, "{found} {expected}");
    };
    close(cohort.size.value, sum(&|_, _| true));
    close(cohort.still.value, 300);
    for (end, estimate) in &cohort.ends {
        close(estimate.value, sum(&|one, _| one == *end));
    }
    for (bin, (dropped, left)) in (1..).zip(cohort.dropped.iter().zip(&cohort.left)) {
        close(dropped.value, sum(&|end, at| end == 1 && at <= bin));
        close(left.value, sum(&|end, at| end > 1 && at <= bin));
    }
}

/// Everything that was measured as one dense least-squares problem: unknown are 12 bins dropped out, who is still there, 12
/// bins left otherwise, and all other ends but the last, which follows.
struct Dense {
    /// For each measurement: coefficients, value, variance.
    rows: Vec<(Vec<f64>, f64, f64)>,
}

const UNKNOWN: usize = 12 + 1 + 12 + 5;
const STILL: usize = 12;
const LEFT_BINS: usize = 13;
const OTHERS: usize = 25;

fn row(places: impl IntoIterator<Item = usize>) -> Vec<f64> {
    let mut row = vec![0.0; UNKNOWN];
    places.into_iter().for_each(|place| row[place] += 1.0);
    row
}

impl Dense {
    fn of(plan: &Plan, scope: &Scope, values: &Measurements) -> Self {
        let variance = |level: &str| plan.level(level).unwrap().sigma.value().powi(2);
        let value = |level: &str, item: u8| {
            let cell = Cell::new(plan.table.source, CityCode::OTHER, 0, None).with_item(item);
            values.get(plan, level, scope.period, cell).unwrap() as f64
        };
        let mut rows = vec![
            (row(0..OTHERS), value("cohort", 0), variance("cohort")),
            (row([STILL]), value("ends", 0), variance("ends")),
            (row(0..12), value("ends", 1 << 4), variance("ends")),
        ];
        for end in 2..7u8 {
            let place = OTHERS + usize::from(end) - 2;
            rows.push((row([place]), value("ends", end << 4), variance("ends")));
        }
        let mut last = row(LEFT_BINS..OTHERS);
        (OTHERS..UNKNOWN).for_each(|place| last[place] = -1.0);
        rows.push((last, value("ends", 7 << 4), variance("ends")));
        let toeplitz = Toeplitz::new(12).unwrap();
        let scale = toeplitz.scale() as f64;
        // What one person adds to the measurement `k` bins later.
        let r: Vec<f64> = (0..12)
            .map(|k| {
                let mut once = vec![0; k + 1];
                once[0] = 1;
                toeplitz.combine(&once).unwrap() as f64 / scale
            })
            .collect();
        for (end, first) in [(DROPPED_OUT, 0), (LEFT, LEFT_BINS)] {
            for bin in 1..=12usize {
                let mut coefficients = vec![0.0; UNKNOWN];
                (0..bin).for_each(|before| coefficients[first + before] = r[bin - 1 - before]);
                let item = end << 4 | u8::try_from(bin).unwrap();
                let noise = variance("curve") / (scale * scale);
                rows.push((coefficients, value("curve", item) / scale, noise));
            }
        }
        Self { rows }
    }

    /// The estimate of every unknown and the covariance of all of them.
    fn solve(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let mut information = vec![vec![0.0; UNKNOWN]; UNKNOWN];
        let mut right = vec![0.0; UNKNOWN];
        for (row, value, variance) in &self.rows {
            for i in 0..UNKNOWN {
                right[i] += row[i] * value / variance;
                for j in 0..UNKNOWN {
                    information[i][j] += row[i] * row[j] / variance;
                }
            }
        }
        let unit = (0..UNKNOWN)
            .map(|i| (0..UNKNOWN).map(|j| f64::from(u8::from(i == j))).collect())
            .collect();
        let covariance = solve(information, unit);
        let estimate = covariance
            .iter()
            .map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum())
            .collect();
        (estimate, covariance)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn covariance_of(covariance: &[Vec<f64>], a: &[f64], b: &[f64]) -> f64 {
    covariance
        .iter()
        .zip(a)
        .map(|(row, a)| a * dot(row, b))
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The closed form is the dense least-squares solution: values, variances, and the covariances that rates use.
    #[test]
    fn the_closed_form_is_the_dense_solution(noise in proptest::collection::vec(-60i64..60, 40)) {
        let (plan, scope) = programme();
        let leaves = leaves(&plan, &scope);
        let mut values = exact(&plan, &scope, &leaves, |_, cell| count(cell));
        let unit = |level: &str| if level == "curve" { 1i64 << 22 } else { 1 };
        for ((key, value), noise) in values.iter_mut().zip(noise.iter().cycle()) {
            *value += noise * unit(key.1);
        }
        let values = values.into();
        let cohort = cohorts(&plan, &scope, &values).unwrap().remove(0);
        let (estimate, covariance) = Dense::of(&plan, &scope, &values).solve();
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-6 * (1.0 + expected.abs());
        let size = row(0..OTHERS);
        prop_assert!(near(cohort.size.value, dot(&estimate, &size)));
        prop_assert!(near(cohort.size.variance, covariance_of(&covariance, &size, &size)));
        prop_assert!(near(cohort.still.value, estimate[STILL]));
        prop_assert!(near(cohort.still.variance, covariance[STILL][STILL]));
        for (place, (_, found)) in cohort.ends.iter().take(5).enumerate() {
            prop_assert!(near(found.value, estimate[OTHERS + place]));
            prop_assert!(near(found.variance, covariance[OTHERS + place][OTHERS + place]));
        }
        for bin in 0..12 {
            let (dropped, left) = (row(0..=bin), row(LEFT_BINS..=LEFT_BINS + bin));
            prop_assert!(near(cohort.dropped[bin].value, dot(&estimate, &dropped)));
            prop_assert!(near(cohort.dropped[bin].variance, covariance_of(&covariance, &dropped, &dropped)));
            prop_assert!(near(cohort.left[bin].value, dot(&estimate, &left)));
            prop_assert!(near(cohort.left[bin].variance, covariance_of(&covariance, &left, &left)));
            prop_assert!(near(cohort.dropped_with_size(bin), covariance_of(&covariance, &dropped, &size)));
            prop_assert!(near(cohort.left_with_size(bin), covariance_of(&covariance, &left, &size)));
            prop_assert!(near(cohort.between(bin), covariance_of(&covariance, &dropped, &left)));
        }
    }

    /// What is shown never falls and lies within the range of its own point, wherever one course can do both; where none can, it
    /// lies within the range all the same. Only where a whole range lies below zero it is zero.
    #[test]
    fn a_course_is_shown_within_its_ranges(
        values in proptest::collection::vec((-30.0f64..60.0, 0.5f64..40.0), 12),
    ) {
        let points: Vec<Published> = values.iter().map(|(value, sd)| Published {
            series: Series::Count,
            level: "curve",
            cell: Cell::new(Tab::Cohort, CityCode::OTHER, 0, None),
            measured: None,
            estimate: Decimal::nearest(*value),
            sd: *sd,
            shown: None,
        }).collect();
        let nearest: Vec<u64> = isotonic(&values.iter().map(|one| one.0).collect::<Vec<_>>())
            .into_iter()
            .map(|value| Decimal::nearest(value).display())
            .collect();
        let shown: Vec<u64> = points.iter().zip(within(&points, nearest)).map(|(point, shown)| {
            Published { shown: Some(shown), ..*point }.display()
        }).collect();
        for (point, shown) in points.iter().zip(&shown) {
            let (lo, hi) = point.range();
            let inside = lo.value() <= *shown as f64 && *shown as f64 <= hi.value();
            prop_assert!(inside || (hi.value() < 0.0 && *shown == 0) || point.whole().is_none(), "{shown} in {lo} to {hi}");
        }
        let whole: Option<Vec<(u64, u64)>> = points.iter().map(Published::whole).collect();
        let possible = whole.is_some_and(|whole| (0..whole.len()).all(|at| whole[..at].iter().all(|before| before.0 <= whole[at].1)));
        if possible {
            prop_assert!(shown.is_sorted(), "{shown:?}");
        }
    }

    #[test]
    fn isotonic_is_the_nearest_that_never_falls(values in proptest::collection::vec(-50.0f64..50.0, 1..14)) {
        let found = isotonic(&values);
        prop_assert_eq!(found.len(), values.len());
        prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9));
        let (sum, whole): (f64, f64) = (found.iter().sum(), values.iter().sum());
        prop_assert!((sum - whole).abs() < 1e-6);
        // The projection on a convex cone: the residual is orthogonal to it and points away from every other point.
        let inner: f64 = found.iter().zip(&values).map(|(x, v)| (v - x) * x).sum();
        prop_assert!(inner.abs() < 1e-4);
        for cut in 0..values.len() {
            let beyond: f64 = found.iter().zip(&values).skip(cut).map(|(x, v)| v - x).sum();
            prop_assert!(beyond <= 1e-6);
        }
    }
}

#[test]
fn a_service_has_a_cohort_of_its_own() {
    let scope = scope("2027Q4", 1, Budget::Default);
    let plan = plans(Budget::Default)
        .unwrap()
        .into_iter()
        .find(|plan| plan.table.code == "GS")
        .unwrap();
    let leaves = leaves(&plan, &scope);
    let values = exact(&plan, &scope, &leaves, |_, cell| {
        i64::from(cell.service()) * count(cell)
    })
    .into();
    let all = cohorts(&plan, &scope, &values).unwrap();
    let shown = scope.services.iter().filter(|one| one.cohort).count();
    assert_eq!((all.len(), shown), (shown, 16));
    for cohort in &all {
        assert_eq!(cohort.ends.len(), 7, "services know lapsed too");
        let still = 300.0 * f64::from(cohort.service);
        assert!((cohort.still.value - still).abs() < 1e-6);
    }
    let numbers = crate::estimate::table(&plan, &scope, &values).unwrap();
    assert_eq!(numbers.len(), shown * (1 + 9 + 24));
}

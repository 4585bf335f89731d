//! The targets hold, ranges hold what they promise, nothing leans, and two real tables come out as they were counted elsewhere.
//!
//! **Margins.** Every figure is a mean over [`RUNS`] independent runs and is compared with its limit at 6.5 standard errors,
//! estimated from the same runs. A program that just meets a limit fails one such comparison with a chance below 2e-9
//! (Student's law with 199 degrees of freedom: 8e-10 on both sides; one range a run, 95 of 100 true: 1.8e-9). Where a run has
//! few ranges, coverage is given at least the error of as many independent ones, up to four; it has 1 % of tolerance
//! besides, which is the target's own. There are fewer than 150 comparisons: a false alarm of everything here together has a
//! chance below 3e-7.

use std::collections::BTreeMap;

use indicators::kind::Exit;
use privacy::cell::Tab;
use release::decimal::Decimal;

use super::*;
use crate::figures::{RATES, TARGETS, least, square_of_a};
use crate::rivals::{norms, singular_bound};
use crate::tally::{Level, Tally};
use crate::world::quarter;

const RUNS: usize = 200;
const MARGIN: f64 = 6.5;

/// 94 to 96 of 100 ranges hold the truth, up to the margin.
fn covers(name: &str, level: &Level) {
    let (mean, runs) = (level.covered.mean(), level.covered.runs());
    // Few ranges a run: a share of yes and no, whose error the runs tell badly. Many: what they are seen to vary.
    let few = level.ranges < 15.0;
    let binomial = (0.0475 / (runs * level.ranges.min(4.0))).sqrt();
    let floor = if few { binomial } else { 0.0 };
    let error = level.covered.error().max(floor);
    assert!(
        (mean - 0.95).abs() < 0.01 + MARGIN * error,
        "{name}: {mean} of the ranges hold the truth, +- {error}"
    );
}

/// All levels: coverage, bias, and errors as large as declared.
fn promises(tally: &Tally) {
    for ((table, code), level) in &tally.levels {
        let name = format!("{table} {code}");
        covers(&name, level);
        // A ratio of two noisy numbers leans a little; its range is what it promises.
        if table != RATES {
            let z = level.bias.z();
            assert!(z.abs() < MARGIN, "{name}: bias of {z} standard errors");
        }
        // Squares lean to one side: only where a run averages many is their mean near a normal law.
        if level.ranges >= 100.0 {
            let (mean, error) = (level.scaled.mean(), level.scaled.error());
            assert!(
                (mean - 1.0).abs() < 0.01 + MARGIN * error,
                "{name}: squared errors are {mean} of the declared, +- {error}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accuracy_and_coverage_reach_the_targets_on_the_pilot() {
    let tally = tally(&pilot().await, RUNS).await;
    figures::print(&tally);
    for target in &TARGETS {
        let (measured, error) = target.measured(&tally);
        assert!(
            measured < target.most + MARGIN * error,
            "{}: mean absolute error {measured} +- {error}, target {}",
            target.what,
            target.most
        );
    }
    promises(&tally);
    let (square, error) = square_of_a(&tally);
    assert!(
        square < (1.10 * least()).powi(2) + MARGIN * error,
        "table A: mean squared error {square}, bound {}",
        least().powi(2)
    );
    assert!(
        square > least().powi(2) - MARGIN * error,
        "nothing unbiased is better than the bound: {square}"
    );
}

/// The sizes for which the targets were set. Exact, the same every time.
#[tokio::test]
async fn the_generated_pilot_has_the_stated_size() {
    let world = pilot().await;
    let of = |tab: Tab, period: &str| -> f64 {
        let period = quarter(period);
        world.sum(|at, cell| at == period && cell.tab() == tab)
    };
    let (mut active, mut pairs, mut lost) = (0.0, 0.0, 0.0);
    for period in ["2026Q1", "2026Q2", "2026Q3", "2026Q4"] {
        active += of(Tab::Active, period) / 4.0;
        pairs += of(Tab::Service, period) / 4.0;
        lost += of(Tab::DropOut, period) / 4.0;
    }
    let cohort = of(Tab::Cohort, "2026Q4");
    let near = |found: f64, stated: f64| (found / stated - 1.0).abs() < 0.03;
    assert!(near(active, 3_000.0), "{active} active");
    assert!(
        near(pairs / active, 1.7),
        "{} services each",
        pairs / active
    );
    assert!(near(lost, 510.0), "{lost} drop-outs a quarter");
    assert!(near(cohort, 1_800.0), "{cohort} in the cohort");
    let services: std::collections::BTreeSet<u8> = (1..=127)
        .filter(|code| {
            world.sum(|_, cell| cell.tab() == Tab::Service && cell.service() == *code) > 0.0
        })
        .collect();
    assert_eq!(services.len(), pilot::SERVICES.len());
    let again = pilot().await;
    assert!(again.sum(|_, _| true) == world.sum(|_, _| true));
}

/// The bound's eigenvalues are those of the workload: each vector of a full set comes out as itself times its value.
#[test]
fn the_singular_values_are_those_of_the_workload() {
    let (cities, groups) = (5usize, 6usize);
    let n = cities * groups;
    let entry = |i: usize, j: usize| {
        1.0 + f64::from(u8::from(i / groups == j / groups)) + f64::from(u8::from(i == j))
    };
    let times = |v: &[f64]| -> Vec<f64> {
        (0..n)
            .map(|i| (0..n).map(|j| entry(i, j) * v[j]).sum())
            .collect()
    };
    let all = vec![1.0; n];
    let between = |city: usize| -> Vec<f64> {
        let of = |i: usize| match i / groups {
            0 => 1.0,
            one if one == city => -1.0,
            _ => 0.0,
        };
        (0..n).map(of).collect()
    };
    let inside = |city: usize, group: usize| -> Vec<f64> {
        let mut v = vec![0.0; n];
        (v[city * groups], v[city * groups + group]) = (1.0, -1.0);
        v
    };
    let mut values = vec![(all, 37.0)];
    values.extend((1..cities).map(|city| (between(city), 7.0)));
    let pairs = (0..cities).flat_map(|city| (1..groups).map(move |group| (city, group)));
    values.extend(pairs.map(|(city, group)| (inside(city, group), 1.0)));
    assert_eq!(values.len(), n);
    for (vector, value) in &values {
        let scaled: Vec<f64> = vector.iter().map(|x| x * value).collect();
        assert_eq!(times(vector), scaled);
    }
    let sum: f64 = values
        .iter()
        .map(|(_, value): &(_, f64)| value.sqrt())
        .sum();
    assert!((singular_bound(5.0, 6.0) - sum * sum / n as f64).abs() < 1e-9);
    // By hand: A 4 x 3, B 4 x 6, D and E 10 each, DY 4, F 1, G 3, GS 6, S, L and C 2 each.
    assert_eq!(norms(), (76, 68));
}

/// Without noise, table G counts what was counted elsewhere, to the person.
#[tokio::test]
async fn the_methadone_cohort_is_counted_exactly() {
    let world = methadone().await;
    let read = |wanted: &dyn Fn(u8, i32) -> bool| {
        world.sum(|_, cell| {
            let item = cell.item();
            cell.tab() == Tab::Cohort && wanted(item >> 4, 15 * i32::from(item & 0x0f))
        })
    };
    assert_eq!(read(&|_, _| true), 238.0);
    for day in [30, 90, 180] {
        let known = methadone::known(day);
        let departed = read(&|end, until| end == 1 && until <= day);
        let censored = read(&|end, until| end > 1 && until <= day);
        assert_eq!(departed, known.departed, "departed by {day}");
        assert_eq!(censored, known.censored, "censored by {day}");
        // Table G says who was there *after* the day; the other count keeps those who left on it.
        let there = 238.0 - departed - censored;
        assert_eq!(there + known.that_day, known.observed, "observed at {day}");
        // Dropping everybody who left otherwise is not Kaplan-Meier, which counts them until they leave: 0.8 points apart
        // at the most here.
        assert!((known.others() - known.survival).abs() < 0.008, "day {day}");
    }
}

/// Ranges of published retention hold the results computed elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn published_retention_holds_the_methadone_table() {
    let world = methadone().await;
    let tally = tally(&world, RUNS).await;
    figures::coverage(&tally);
    promises(&tally);
    let mut held: BTreeMap<(String, u16), f64> = BTreeMap::new();
    for _ in 0..RUNS {
        let releases = world.draw().await;
        let rates = releases.last().expect("the fourth quarter").rates.iter();
        for rate in rates.filter(|rate| rate.day.is_some_and(|day| day > 30)) {
            let day = rate.day.expect("a day");
            let known = methadone::known(i32::from(day));
            let expected = 100.0
                * match rate.rate.as_str() {
                    "dropped-out" => known.departed / known.size,
                    "retained" => known.observed / known.size,
                    _ => known.observed / (known.size - known.censored),
                };
            let (lo, hi) = (rate.lo.expect("a range"), rate.hi.expect("a range"));
            let inside = lo.value() <= expected && expected <= hi.value();
            *held.entry((rate.rate.clone(), day)).or_default() += f64::from(u8::from(inside));
        }
    }
    assert_eq!(held.len(), 6);
    for (rate, held) in &held {
        println!(
            "{rate:?}: {:.1} % hold the expected",
            held / RUNS as f64 * 100.0
        );
        // Those who leave on the very day move the expected by less than one point, a sixth of the noise: 94 % at least.
        let error = (0.0475 / RUNS as f64).sqrt();
        assert!(held / RUNS as f64 > 0.94 - MARGIN * error, "{rate:?}");
    }
}

/// The discharges: exact inside, and published ends hold the truth.
#[tokio::test(flavor = "multi_thread")]
async fn published_ends_hold_the_discharges() {
    let world = teds().await;
    let found = |end: u8| world.sum(|_, cell| cell.tab() == Tab::Cohort && cell.item() >> 4 == end);
    // Still there, dropped out, completed, transferred, died, imprisoned, moved, withdrew.
    let ends: Vec<f64> = (0..8).map(found).collect();
    assert_eq!(ends, [0.0, 238.0, 424.0, 225.0, 2.0, 9.0, 47.0, 55.0]);
    let tally = tally(&world, RUNS).await;
    figures::coverage(&tally);
    promises(&tally);
    let mut negative = 0;
    for _ in 0..20 {
        let releases = world.draw().await;
        let cells = &releases.last().expect("the fourth quarter").tables[0].cells;
        let of = |level: &'static str| cells.iter().filter(move |cell| cell.level == level);
        let sum = of("ends").fold(Decimal::default(), |sum, cell| sum.plus(cell.estimate));
        assert_eq!(sum, of("cohort").next().expect("a size").estimate);
        let last = |what: &str| {
            let mut course = of("curve").filter(|cell| cell.what.as_deref() == Some(what));
            course.next_back().expect("day 180").estimate.value()
        };
        let ways: Vec<f64> = of("ends").map(|cell| cell.estimate.value()).collect();
        assert!((last("dropped out") - ways[1]).abs() < 1e-9);
        let others: f64 = ways[2..].iter().sum();
        assert!((last("left in another way") - others).abs() < 1e-3);
        // A course never falls in what is displayed, so there a day below zero may show what an earlier one had.
        let below = of("ends").filter(|cell| cell.estimate.value() < 0.0);
        negative += below.inspect(|cell| assert_eq!(cell.display, 0)).count();
    }
    // Two deaths and nobody still there under a noise of more than ten: below zero in half of all runs each.
    assert!(negative > 0, "nothing was clipped, so sums hold");
}

/// The copied extract is the sample's, and every reason has one of ours.
#[test]
fn the_extract_is_the_samples() {
    assert_eq!(teds::reasons().len(), 1_000);
    assert_eq!(teds::exit("Terminated by facility"), Some(Exit::Withdrew));
    assert_eq!(teds::exit("something else"), None);
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/teds-d-2023-sample/tedsd_sample.csv"
    );
    let Ok(sample) = std::fs::read_to_string(path) else {
        println!("skipped: the sample is not here");
        return;
    };
    let mut reader = csv::Reader::from_reader(sample.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|one| one == name)
            .expect("a column")
    };
    let (person, reason) = (column("patient_id"), column("discharge_reason"));
    let mut extract = String::from("patient_id,discharge_reason\n");
    for row in reader.records().map(|row| row.expect("a row")) {
        extract.push_str(&format!("{},{}\n", &row[person], &row[reason]));
    }
    assert!(extract == teds::TABLE, "the extract is another one");
}

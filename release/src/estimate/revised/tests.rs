#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use std::collections::BTreeMap;

use privacy::budget::Budget;
use privacy::catalogue::{Plan, plans_again, plans_of};
use privacy::cell::{CityCode, Tab};
use privacy::scope::Scope;
use privacy::testing::{exact, leaves, scope};

use super::*;
use crate::estimate::{table, tables};
use crate::measurements::{Key, Measurements};
use crate::published::Z;
use crate::signed_tests::made;

/// Draws of both versions.
const DRAWS: u32 = 500;
/// Standard errors: a false alarm of one of about sixty checks is rarer than one in a hundred million.
const ERRORS: f64 = 6.5;

fn shown() -> (Vec<Plan>, Scope) {
    let scope = scope("2026Q1", 4, Budget::Default);
    let mut plans = plans_of(&scope).unwrap();
    plans.retain(|plan| ["A", "D"].contains(&plan.table.code));
    plans.extend(plans_again(&scope).unwrap());
    assert_eq!(plans.len(), 4);
    (plans, scope)
}

/// Made-up counts of the cells in which contributions are stored, and how many more of each are known later.
fn counted(cell: Cell) -> i64 {
    i64::from(cell.city().number()) * 30 + i64::from(cell.service()) * 3 + 40
}

fn came_late(cell: Cell) -> i64 {
    i64::from(cell.city().number() % 3) * 5 - 2
}

/// The noiseless measurements of both versions.
fn noiseless(plans: &[Plan], scope: &Scope, late: impl Fn(Cell) -> i64) -> Measurements {
    let mut values = Measurements::new();
    for plan in plans {
        // The tables that count again are coarser; what they count is stored in the same cells.
        let first = plan.table.counts_again().unwrap_or(plan.table.code);
        let stored = plans.iter().find(|one| one.table.code == first).unwrap();
        let again = plan.table.counts_again().is_some();
        values.extend(exact(plan, scope, &leaves(stored, scope), |_, cell| {
            counted(cell) + if again { late(cell) } else { 0 }
        }));
    }
    values
}

type Named = (&'static str, Series, &'static str, Cell);

fn estimated(plans: &[Plan], scope: &Scope, values: &Measurements) -> BTreeMap<Named, Published> {
    let mut all = BTreeMap::new();
    for (plan, numbers) in tables(plans, scope, values).unwrap() {
        for one in numbers {
            let key = (plan.table.code, one.series, one.level, one.cell);
            assert!(all.insert(key, one).is_none());
        }
    }
    all
}

/// The sum of the stored cells below a cell.
fn sum(plans: &[Plan], scope: &Scope, key: &Named, of: impl Fn(Cell) -> i64) -> i64 {
    let (table, _, level, cell) = *key;
    let plan = plans.iter().find(|one| one.table.code == table).unwrap();
    let first = plan.table.counts_again().unwrap_or(table);
    let stored = plans.iter().find(|one| one.table.code == first).unwrap();
    let level = plan.level(level).unwrap().level;
    let below = leaves(stored, scope).into_iter();
    below
        .filter(|leaf| level.cell_of(*leaf) == Some(cell))
        .map(of)
        .sum()
}

#[test]
fn without_noise_revised_and_change_are_exact_and_combined_lies_between() {
    let (plans, scope) = shown();
    let all = estimated(&plans, &scope, &noiseless(&plans, &scope, came_late));
    let same = estimated(&plans, &scope, &noiseless(&plans, &scope, |_| 0));
    for (key, one) in &all {
        let before = sum(&plans, &scope, key, counted) as f64;
        let change = sum(&plans, &scope, key, came_late) as f64;
        let (found, unmoved) = (one.estimate.value(), same[key].estimate.value());
        match key.1 {
            Series::Revised => assert!((found - before - change).abs() < 1e-2, "{key:?}"),
            Series::Change => assert!((found - change).abs() < 1e-2, "{key:?}"),
            Series::Combined => {
                assert!((unmoved - before).abs() < 1e-2, "{key:?}");
                if key.2 == "total" {
                    assert!(found > before && found < before + change, "{key:?} {found}");
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn combined_is_the_most_precise_and_parents_are_sums() {
    let (plans, scope) = shown();
    let values = noiseless(&plans, &scope, came_late);
    let all = estimated(&plans, &scope, &values);
    for plan in plans
        .iter()
        .filter(|plan| plan.table.counts_again().is_none())
    {
        for one in table(plan, &scope, &values).unwrap() {
            let both = all[&(plan.table.code, Series::Combined, one.level, one.cell)];
            assert!(both.sd < one.sd && both.measured == one.measured, "{one:?}");
            let again = plans
                .iter()
                .find(|two| two.table.counts_again() == Some(plan.table.code));
            let again = again.unwrap().table.code;
            let Some(revised) = all.get(&(again, Series::Revised, one.level, one.cell)) else {
                assert_eq!(one.level, "city-service");
                continue;
            };
            assert!(both.sd < revised.sd);
            let change = all[&(again, Series::Change, one.level, one.cell)];
            assert!((change.sd.powi(2) - revised.sd.powi(2) - one.sd.powi(2)).abs() < 1e-6);
            assert_eq!(
                change.estimate.plus(one.estimate),
                revised.estimate,
                "exactly"
            );
        }
    }
    for (table, source) in [
        ("A", Tab::Active),
        ("RA", Tab::Active),
        ("D", Tab::DropOut),
        ("RD", Tab::DropOut),
    ] {
        for series in [Series::Combined, Series::Revised, Series::Change] {
            let whole = Cell::new(source, CityCode::OTHER, 0, None);
            let Some(total) = all.get(&(table, series, "total", whole)) else {
                continue;
            };
            let cities = all
                .iter()
                .filter(|(key, _)| key.0 == table && key.1 == series && key.2 == "city");
            let sum = cities.fold(crate::decimal::Decimal::default(), |sum, (_, one)| {
                sum.plus(one.estimate)
            });
            assert_eq!(sum, total.estimate, "{table} {series:?}");
        }
    }
}

/// Errors in units of the published standard deviation, over many draws, for one cell of every level and series: their mean is
/// zero, their square is one, and the published range holds the truth in 95 of 100 draws.
#[test]
fn ranges_hold_what_they_promise() {
    let (plans, scope) = shown();
    let truth = noiseless(&plans, &scope, came_late);
    let expected = estimated(&plans, &scope, &truth);
    let scale = |key: &Key| {
        let plan = plans.iter().find(|one| one.table.code == key.0).unwrap();
        plan.level(key.1).unwrap().sigma
    };
    let mut chosen: BTreeMap<(&str, Series, &str), Named> = BTreeMap::new();
    for key in expected.keys() {
        // The last cell of each level: a city with a name.
        chosen.insert((key.0, key.1, key.2), *key);
    }
    assert_eq!(chosen.len(), 3 + 3 + 2 * (3 + 2));
    let mut errors: BTreeMap<Named, Vec<f64>> = BTreeMap::new();
    for number in 0..DRAWS {
        let number = number.to_string();
        let noisy = |(key, value): (&Key, i64)| {
            let hash = made::digest(&["draw", &number, key.0, key.1], key.2, key.3);
            let noise = scale(key).value() * made::draw(&hash);
            (*key, value + noise.round() as i64)
        };
        let found = estimated(&plans, &scope, &truth.iter().map(noisy).collect());
        for key in chosen.values() {
            let one = found[key];
            let error = (one.estimate.value() - expected[key].estimate.value()) / one.sd;
            errors.entry(*key).or_default().push(error);
        }
    }
    let draws = f64::from(DRAWS);
    for (key, errors) in errors {
        let mean = errors.iter().sum::<f64>() / draws;
        let square = errors.iter().map(|error| error * error).sum::<f64>() / draws;
        let held = errors.iter().filter(|error| error.abs() <= Z).count() as f64 / draws;
        assert!(mean.abs() * draws.sqrt() < ERRORS, "{key:?} mean {mean}");
        assert!(
            (square - 1.0).abs() < ERRORS * (2.0 / draws).sqrt(),
            "{key:?} square {square}"
        );
        assert!(
            (held - 0.95).abs() < ERRORS * (0.95 * 0.05 / draws).sqrt(),
            "{key:?} held {held}"
        );
    }
}

/// Against the textbook: every measurement of both versions in one system, solved densely.
#[test]
fn combined_is_least_squares_over_all_measurements_of_both_versions() {
    let (plans, scope) = shown();
    let mut values = noiseless(&plans, &scope, came_late);
    let noisy = |(number, (key, value))| (key, value + number * number % 61 - 30);
    values = (0i64..).zip(values).map(noisy).collect();
    let all = estimated(&plans, &scope, &values);
    for plan in plans
        .iter()
        .filter(|plan| plan.table.counts_again().is_none())
    {
        let cells = leaves(plan, &scope);
        let size = cells.len();
        let mut normal = vec![vec![0.0; size]; size];
        let mut right = vec![vec![0.0; size + 1]; size];
        for (row, line) in right.iter_mut().enumerate() {
            line[row + 1] = 1.0;
        }
        let below = |level: &privacy::catalogue::Level, cell: Cell| -> Vec<usize> {
            let whole = cells.iter().enumerate();
            whole
                .filter(|(_, leaf)| level.cell_of(**leaf) == Some(cell))
                .map(|(at, _)| at)
                .collect()
        };
        for (key, value) in values.iter() {
            let measured = plans.iter().find(|one| one.table.code == key.0).unwrap();
            if measured.table.source != plan.table.source {
                continue;
            }
            let level = measured.level(key.1).unwrap();
            let weight = level.sigma.value().powi(-2);
            let members = below(level.level, key.3);
            for row in &members {
                right[*row][0] += weight * value as f64;
                for column in &members {
                    normal[*row][*column] += weight;
                }
            }
        }
        // Per leaf: its estimate, then its covariances.
        let solved = crate::wls::dense::solve(normal, right);
        for level in &plan.levels {
            for cell in level.level.cells(plan.table.source, &scope) {
                let members = below(level.level, cell);
                let value: f64 = members.iter().map(|row| solved[*row][0]).sum();
                let variance: f64 = members
                    .iter()
                    .flat_map(|row| members.iter().map(|column| solved[*row][*column + 1]))
                    .sum();
                let found = all[&(plan.table.code, Series::Combined, level.level.code, cell)];
                assert!(
                    (found.estimate.value() - value).abs() < 1e-2,
                    "{found:?} {value}"
                );
                assert!(
                    (found.sd - variance.sqrt()).abs() < 1e-6,
                    "{found:?} {variance}"
                );
            }
        }
    }
}

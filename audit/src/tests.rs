//! The verdicts catch planted faults in synthetic releases, and pass honest ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::collect::{Collected, Trial};
use crate::dataset::{Arm, QUARTERS};
use crate::verdict::Verdict;
use crate::{account, distinguish, reading, residual, seed};

const CITIES: usize = 60;
/// Scale of the synthetic table's cells.
const SIGMA: f64 = 11.234_375;

/// How a synthetic programme draws its noise.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Halved,
    Quartered,
    Clamped,
    OfTheCell,
    OfTheQuarter,
    Float,
    CapOff,
}

/// A rounded normal draw: close enough to the discrete Gaussian at this scale and number.
fn normal(rng: &mut StdRng) -> f64 {
    let (u, v): (f64, f64) = (rng.gen_range(1e-12..1.0), rng.gen_range(0.0..1.0));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Table A by city alone, its truth taken from the data set's rows.
fn release(counts: &Counts, arm: Arm, quarter: usize, fault: Fault, rng: &mut StdRng) -> Value {
    let mut fixed = StdRng::seed_from_u64(quarter as u64);
    let cells: Vec<Value> = (0..CITIES)
        .map(|city| {
            let mut truth = counts.of(arm, city, quarter) as f64;
            if fault == Fault::CapOff && arm == Arm::With {
                truth += 1.0;
            }
            let noise = match fault {
                Fault::Halved => normal(rng) / 2.0,
                Fault::Quartered => normal(rng) / 4.0,
                Fault::OfTheCell => normal(&mut fixed),
                _ => normal(rng),
            };
            let value = truth + noise * SIGMA;
            let measured = match fault {
                Fault::Float => json!(value),
                Fault::Clamped => json!(value.round().max(0.0) as i64),
                _ => json!(value.round() as i64),
            };
            json!({"series": "count", "level": "city", "city": format!("city-{city:03}"), "measured": measured})
        })
        .collect();
    json!({"release": {"period": QUARTERS[quarter], "tables": [{
        "table": "A", "every": "quarter", "nano_rho": 3_961_615, "releases_in_bound": 1, "a later field": [],
        "levels": [{"level": "city", "l2_squared": "1", "sigma": "719/64", "nano_rho": 3_961_615}],
        "cells": cells,
    }]}})
}

/// People of the rows who have cover at the end of the quarter: counted from the file, not from the audit's plan.
struct Counts(Vec<[i64; 4]>);

impl Counts {
    fn new(all: &Collected) -> Self {
        let arms = [Arm::Without, Arm::With];
        let cities = arms
            .into_iter()
            .flat_map(|arm| (0..CITIES).map(move |city| (arm, city)));
        Self(
            cities
                .map(|(arm, city)| [0, 1, 2, 3].map(|quarter| active(all, arm, city, quarter)))
                .collect(),
        )
    }

    fn of(&self, arm: Arm, city: usize, quarter: usize) -> i64 {
        self.0[city + if arm == Arm::With { CITIES } else { 0 }][quarter]
    }
}

fn active(all: &Collected, arm: Arm, city: usize, quarter: usize) -> i64 {
    let place = format!(",city-{city:03}/house,nsp,enrolled,2025");
    let last = format!("2024-{:02}-31", 3 * quarter + 3);
    let mut people: Vec<&str> = all
        .rows(arm)
        .lines()
        .filter(|line| line.contains(&place))
        .filter(|line| line.split(',').nth(1).unwrap() <= last.as_str())
        .map(|line| line.split(',').next().unwrap())
        .collect();
    people.sort_unstable();
    people.dedup();
    people.len() as i64
}

fn trials(fault: Fault, count: usize) -> Collected {
    let mut rng = StdRng::seed_from_u64(7);
    let mut all = Collected::new(CITIES);
    let counts = Counts::new(&all);
    for number in 0..2 * count {
        let arm = if number % 2 == 0 {
            Arm::Without
        } else {
            Arm::With
        };
        let mut releases: Vec<Value> = (0..4)
            .map(|quarter| release(&counts, arm, quarter, fault, &mut rng))
            .collect();
        if fault == Fault::OfTheQuarter {
            releases[2] = reused(&counts, arm, &releases[3]);
        }
        all.add(&Trial { arm, releases });
    }
    all
}

/// The third quarter's release with the noise of the fourth.
fn reused(counts: &Counts, arm: Arm, later: &Value) -> Value {
    let mut copy = later.clone();
    copy["release"]["period"] = json!(QUARTERS[2]);
    for city in 0..CITIES {
        let cell = &mut copy["release"]["tables"][0]["cells"][city]["measured"];
        let noise = cell.as_i64().unwrap() - counts.of(arm, city, 3);
        *cell = json!(noise + counts.of(arm, city, 2));
    }
    copy
}

fn failed(verdicts: &[Verdict], word: &str) -> bool {
    let found: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.failed()).collect();
    println!("{word}: {verdicts:#?}");
    found.iter().any(|verdict| verdict.found.contains(word))
}

#[test]
fn honest_synthetic_releases_pass() {
    let all = trials(Fault::None, 20);
    let verdicts = [
        residual::judge(&all),
        distinguish::judge(&all),
        seed::judge(&all),
    ]
    .concat();
    println!("{verdicts:#?}");
    assert!(!verdicts.iter().any(Verdict::failed));
    assert!(verdicts.len() >= 5);
}

#[test]
fn planted_faults_of_the_noise_are_caught() {
    for (fault, word) in [
        (Fault::Halved, "standard deviation"),
        (Fault::Clamped, "mean"),
        (Fault::Clamped, "shape"),
        (Fault::OfTheCell, "correlation between runs"),
        (Fault::OfTheQuarter, "correlation between quarters"),
        (Fault::Float, "no whole number"),
        (Fault::CapOff, "mean with canaries"),
    ] {
        assert!(failed(&residual::judge(&trials(fault, 60)), word), "{word}");
    }
}

#[test]
fn noise_that_is_too_small_is_distinguished_and_equal_noise_is_seen() {
    assert!(failed(
        &distinguish::judge(&trials(Fault::Quartered, 80)),
        "mu at least"
    ));
    assert!(failed(
        &seed::judge(&trials(Fault::OfTheCell, 2)),
        "equal: A city"
    ));
}

#[test]
fn cells_that_appear_with_a_person_are_a_fault() {
    let mut all = trials(Fault::None, 2);
    let mut rng = StdRng::seed_from_u64(8);
    let counts = Counts::new(&all);
    let mut releases: Vec<Value> = (0..4)
        .map(|quarter| release(&counts, Arm::With, quarter, Fault::None, &mut rng))
        .collect();
    releases[1]["release"]["tables"][0]["cells"]
        .as_array_mut()
        .unwrap()
        .pop();
    all.add(&Trial {
        arm: Arm::With,
        releases,
    });
    assert!(failed(&residual::judge(&all), "other cells"));
}

/// A year of one table under the default budget, with its debits.
fn year() -> Vec<Value> {
    (0..4_u64)
        .map(|quarter| {
            let debit = 3_961_615;
            json!({"period": QUARTERS[quarter as usize],
                "privacy": {"year_nano_rho": 88_200_000, "spent_in_year_nano_rho": debit * (quarter + 1),
                    "guarantees": [{"delta": 1e-6, "epsilon_year": 2.001, "epsilon_ten_years": 7.222}]},
                "tables": [{"table": "A", "nano_rho": debit, "releases_in_bound": 1, "every": "quarter",
                    "levels": [{"level": "city", "l2_squared": "1", "sigma": "719/64", "nano_rho": debit}]}]})
        })
        .collect()
}

const LEDGER: &str =
    "2024   spent 0.015846460   left 0.072353540   told about one person at most 0.015846460 (..)";

type Change = fn(&mut Vec<Value>);

/// What somebody who counts wrongly publishes, and a part of what the audit says of it.
fn faults_of_accounting() -> [(Change, &'static str); 6] {
    [
        (
            |year| year[2]["privacy"]["spent_in_year_nano_rho"] = json!(7_923_230),
            "the debits of the year",
        ),
        (
            |year| year[1]["tables"][0]["nano_rho"] = json!(0),
            "does not cover its levels",
        ),
        (
            |year| year[3]["tables"][0]["levels"][0]["sigma"] = json!("359/64"),
            "a person can lose",
        ),
        (
            |year| year[0]["tables"][0]["levels"][0]["l2_squared"] = json!("0"),
            "the caps allow more",
        ),
        (
            |year| year[3]["privacy"]["guarantees"][0]["epsilon_year"] = json!(1.9),
            "epsilon_year",
        ),
        (
            |year| year[3]["privacy"]["year_nano_rho"] = json!(15_000_000),
            "a year costs",
        ),
    ]
}

#[test]
fn planted_faults_of_the_accounting_are_caught() {
    assert!(!account::judge(&year(), "default", LEDGER)[0].failed());
    for (change, word) in faults_of_accounting() {
        let mut changed = year();
        change(&mut changed);
        assert!(
            failed(&account::judge(&changed, "default", LEDGER), word),
            "{word}"
        );
    }
    let short = LEDGER.replace("spent 0.015846460", "spent 0.011884845");
    assert!(failed(
        &account::judge(&year(), "default", &short),
        "the ledger says 11884845"
    ));
}

#[test]
fn a_reader_passes_over_what_it_does_not_know() {
    let text = json!({"release": {"period": "2024Q1", "rates": [], "tables": [{"table": "Z", "levels": [
        {"level": "x", "sigma": "3/2", "nano_rho": 1}], "cells": [{"level": "x", "what": "new", "measured": 4}]}]}});
    let read = reading::read(&text);
    assert_eq!(read.measured.len(), 1);
    assert!(read.unreadable.is_empty());
    assert_eq!(reading::read(&json!({})).unreadable.len(), 1);
}

//! Test 6: the accounting, computed again from a year's releases alone.
//!
//! For each level `rho = l2_squared / (2 sigma^2)` in whole-number arithmetic; the debit of a release must cover its part of
//! the span. A table's debit covers its levels, the year's sum is what the releases and the ledger say, and the most that one
//! person can lose in the calendar year stays below the year's budget. Epsilons follow from rho by Canonne, Kamath and Steinke
//! (2020, proposition 7).
//!
//! Limit: `l2_squared` is compared with what the caps imply only for the tables known here, with 1 for others.

use serde_json::Value;

use crate::reading::{fraction, inner, list, text, whole};
use crate::verdict::{Test, Verdict};

const TEST: Test = Test::Accounting;
const NANO: u128 = 1_000_000_000;
const RELEASES_A_YEAR: u64 = 4;

/// The verdicts on the releases of one calendar year, in order, from the programme's first; `ledger` is what `payung ledger`
/// printed after them.
#[must_use]
pub(crate) fn judge(files: &[Value], budget: &str, ledger: &str) -> Vec<Verdict> {
    let releases: Vec<&Value> = files.iter().map(inner).collect();
    let last = releases.last().copied().unwrap_or(&Value::Null);
    let year = whole(&last["privacy"], "year_nano_rho");
    let mut faults = Vec::new();
    if year != nano_rho(budget) {
        faults.push(format!("the budget {budget} is not {year} nano-rho"));
    }
    let mut debits = 0;
    for release in &releases {
        debits += release_debit(release, &mut faults);
        let told = whole(&release["privacy"], "spent_in_year_nano_rho");
        if told != debits {
            faults.push(format!(
                "the debits of the year are {debits}, the release says {told}"
            ));
        }
    }
    let worst = worst_year(last);
    if debits > year || worst > year as f64 {
        faults.push(format!(
            "a year costs {debits} debited, {worst:.0} at worst, of {year}"
        ));
    }
    if releases.len() as u64 != RELEASES_A_YEAR {
        faults.push("these are not the releases of a year".to_owned());
    }
    ledger_faults(ledger, debits, worst, &mut faults);
    epsilon_faults(last, &mut faults);
    let what = format!("budget {budget}: every level, the year, the ledger");
    let found = if faults.is_empty() {
        format!("debited {debits}, at worst {worst:.0} of {year} nano-rho a year")
    } else {
        faults.join("; ")
    };
    let good = faults.is_empty();
    vec![Verdict::certain(TEST, &what, good, found)]
}

/// What a budget's name promises for one person and calendar year.
fn nano_rho(budget: &str) -> u64 {
    match budget {
        "strict" => 24_400_000,
        "wide" => 311_100_000,
        _ => 88_200_000,
    }
}

/// Checks a release's tables and gives what it debits.
fn release_debit(release: &Value, faults: &mut Vec<String>) -> u64 {
    let mut debits = 0;
    for table in list(release, "tables") {
        let letter = text(table, "table");
        let span = whole(table, "releases_in_bound");
        let mut levels = 0;
        for level in list(table, "levels") {
            let debit = whole(level, "nano_rho");
            levels += debit;
            let name = format!("table {letter} level {}", text(level, "level"));
            match cost(level) {
                Some((bound, cost)) => {
                    if u128::from(debit) * u128::from(span) < cost {
                        faults.push(format!(
                            "{name}: a person can lose {cost}, debited are {span} times {debit}"
                        ));
                    }
                    if bound < least_bound(letter, text(level, "level"), span) {
                        faults.push(format!(
                            "{name}: the caps allow more than l2_squared {bound}"
                        ));
                    }
                }
                None => faults.push(format!("{name}: its bound or scale cannot be read")),
            }
        }
        if whole(table, "nano_rho") < levels || levels == 0 {
            faults.push(format!(
                "table {letter}: its debit does not cover its levels"
            ));
        }
        debits += whole(table, "nano_rho");
    }
    debits
}

/// A level's bound and its cost over the span in nano-rho, rounded up; exact.
fn cost(level: &Value) -> Option<(u128, u128)> {
    let bound: u128 = text(level, "l2_squared").parse().ok()?;
    let (above, below) = fraction(text(level, "sigma"))?;
    let over = bound
        .checked_mul(below.checked_mul(below)?)?
        .checked_mul(NANO)?;
    Some((
        bound,
        over.div_ceil(above.checked_mul(above)?.checked_mul(2)?),
    ))
}

/// The least that the published caps imply: a drop-out or a return can be two in one cell unless services are told apart;
/// a person counts in three services; a running total weighs one enrolment by `r_0, r_1, ..`.
fn least_bound(table: &str, level: &str, span: u64) -> u128 {
    match (table, level) {
        ("D" | "E", "total" | "city") => 4,
        ("D" | "DY" | "E" | "GS", _) => 2,
        ("B", _) => 3,
        ("F", _) => weights(span).iter().sum(),
        _ => 1,
    }
}

/// `(C(2k, k) 4^(19 - k))^2` for `k` below the span: running totals are measured in units of 4^-19.
fn weights(span: u64) -> Vec<u128> {
    let mut unit = 4_u128.pow(19);
    let mut weights = vec![unit.saturating_mul(unit)];
    for k in 1..u128::from(span.min(20)) {
        unit = unit * (2 * k - 1) / (2 * k);
        weights.push(unit.saturating_mul(unit));
    }
    weights
}

/// The most that one person can lose in a calendar year, in nano-rho, by the levels of a year's last release.
fn worst_year(release: &Value) -> f64 {
    let mut worst = 0.0;
    for table in list(release, "tables") {
        let span = whole(table, "releases_in_bound").max(1);
        let yearly = text(table, "every") == "year";
        let times = if yearly {
            1.0
        } else if span <= RELEASES_A_YEAR {
            (RELEASES_A_YEAR / span) as f64
        } else if list(table, "streams").next().is_some() {
            // The first four weights are the largest.
            let weights = weights(span);
            let first: u128 = weights.iter().take(4).sum();
            first as f64 / weights.iter().sum::<u128>() as f64
        } else {
            1.0
        };
        let costs = list(table, "levels").filter_map(cost);
        worst += times * costs.map(|(_, cost)| cost as f64).sum::<f64>();
    }
    worst
}

/// The ledger's line of the year: `2024   spent RHO   left RHO   told about one person at most RHO`.
fn ledger_faults(ledger: &str, debits: u64, worst: f64, faults: &mut Vec<String>) {
    let year = crate::dataset::START.split('-').next().unwrap_or_default();
    let line = ledger
        .lines()
        .find(|line| line.starts_with(year))
        .unwrap_or_default();
    let (spent, bound) = (nano_after(line, "spent"), nano_after(line, "at most"));
    if spent != Some(debits) {
        faults.push(format!(
            "the releases debit {debits}, the ledger says {}",
            shown(spent)
        ));
    }
    if bound.is_none_or(|bound| (bound as f64) < worst.floor() - 100.0) {
        faults.push(format!(
            "a person can lose {worst:.0} in the year, the ledger says {}",
            shown(bound)
        ));
    }
}

fn shown(amount: Option<u64>) -> String {
    amount.map_or_else(|| "nothing".to_owned(), |nano| nano.to_string())
}

/// The first number with nine decimals after a word.
fn nano_after(line: &str, word: &str) -> Option<u64> {
    let (_, rest) = line.split_once(word)?;
    let nano = |text: &str| {
        let (whole, decimals) = text.split_once('.')?;
        let all = (decimals.len() == 9).then(|| format!("{whole}{decimals}"))?;
        all.parse().ok()
    };
    rest.split_whitespace().find_map(nano)
}

fn epsilon_faults(release: &Value, faults: &mut Vec<String>) {
    let privacy = &release["privacy"];
    let rho = whole(privacy, "year_nano_rho") as f64 / 1e9;
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    if list(privacy, "guarantees").next().is_none() {
        faults.push("the release states no epsilon".to_owned());
    }
    for guarantee in list(privacy, "guarantees") {
        let delta = number(guarantee, "delta");
        for (name, years) in [("epsilon_year", 1.0), ("epsilon_ten_years", 10.0)] {
            let (exact, told) = (epsilon(rho * years, delta), number(guarantee, name));
            if told.is_nan() || told < exact - 1e-4 {
                faults.push(format!(
                    "{name} at delta {delta:e} is {exact:.3}, the release says {told}"
                ));
            }
        }
    }
}

/// The least epsilon at `delta` of a loss `rho`.
#[must_use]
pub(crate) fn epsilon(rho: f64, delta: f64) -> f64 {
    let (mut low, mut high) = (0.0, rho + 2.0 * (rho * (1.0 / delta).ln()).sqrt() + 1.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if log_delta(rho, middle) <= delta.ln() {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Logarithm of the least delta at `epsilon`, by golden section over `ln(order - 1)`.
fn log_delta(rho: f64, epsilon: f64) -> f64 {
    let at = |x: f64| {
        let order = 1.0 + x.exp();
        (order - 1.0) * (order * rho - epsilon) - x + order * (-1.0 / order).ln_1p()
    };
    let (mut low, mut high) = (-12.0, 12.0);
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..100 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if at(left) < at(right) {
            high = right;
        } else {
            low = left;
        }
    }
    at((low + high) / 2.0)
}

//! Test 5: two instances never draw the same noise.
//!
//! Two programmes founded apart and two copies of one, all with the same rows, close the same quarter at the same moment. No
//! level may have equal noise vectors, and equal single values may not be more than chance gives.

use std::path::Path;

use serde_json::Value;

use crate::collect::{Collected, Trial};
use crate::dataset::Arm;
use crate::gaussian::Gaussian;
use crate::instance::{Binary, Instance};
use crate::no_verdict::NoVerdict;
use crate::special::p_too_many;
use crate::verdict::{Test, Verdict};

const TEST: Test = Test::Seed;
/// Levels with fewer cells can agree by chance.
const FEWEST: usize = 20;

/// Makes the instances and compares their noise.
///
/// # Errors
/// [`NoVerdict`] when an instance does not work.
pub(crate) fn run(
    binary: &Binary,
    folder: &Path,
    cities: usize,
) -> Result<Vec<Verdict>, NoVerdict> {
    let mut all = Collected::new(cities);
    let one = binary.found(folder.join("one"))?;
    one.import(all.rows(Arm::Without))?;
    let copy = one.copy(folder.join("copy"))?;
    let other = binary.found(folder.join("other"))?;
    other.import(all.rows(Arm::Without))?;
    let instances = [one, copy, other];
    let period = crate::dataset::QUARTERS[0];
    let children = instances
        .iter()
        .map(|instance| instance.start(&["release", "close", "--period", period]))
        .collect::<Result<Vec<_>, _>>()?;
    for child in children {
        let ended = child.wait_with_output();
        if !ended.is_ok_and(|output| output.status.success()) {
            return Err(NoVerdict::new(
                "a quarter of a fresh instance did not close",
            ));
        }
    }
    for instance in &instances {
        let releases = vec![release(instance, period)?];
        let arm = Arm::Without;
        all.add(&Trial { arm, releases });
    }
    Ok(judge(&all))
}

fn release(instance: &Instance<'_>, period: &str) -> Result<Value, NoVerdict> {
    serde_json::from_slice(&instance.export(period, "json")?)
        .map_err(|_| NoVerdict::new("an export is no JSON"))
}

/// The verdicts on trials that must all differ.
#[must_use]
pub(crate) fn judge(all: &Collected) -> Vec<Verdict> {
    let what = "no noise twice";
    let (mut checks, mut equal_vectors, mut equal_values) = (Vec::new(), Vec::new(), 0);
    for ((table, level), cells) in all.levels() {
        let sigma = cells.first().map_or(1.0, |cell| all.cells[*cell].sigma);
        let chance = Gaussian::new(sigma).collision();
        for (number, one) in all.samples.iter().enumerate() {
            for other in all.samples.iter().skip(number + 1) {
                let equal = cells
                    .iter()
                    .filter(|cell| one.noise[**cell] == other.noise[**cell])
                    .count();
                equal_values += equal;
                if equal == cells.len() && cells.len() >= FEWEST {
                    equal_vectors.push(format!("{table} {level}"));
                }
                let p = p_too_many(equal, chance * cells.len() as f64);
                checks.push((format!("equal values in {table} {level}"), p));
            }
        }
    }
    let checks: Vec<(&str, f64)> = checks.iter().map(|(name, p)| (name.as_str(), *p)).collect();
    let found = format!(
        "{} instances, {equal_values} equal values",
        all.samples.len()
    );
    let vectors = if equal_vectors.is_empty() {
        "none".to_owned()
    } else {
        equal_vectors.join(", ")
    };
    let whole = equal_vectors.is_empty() && all.samples.len() > 1 && !all.cells.is_empty();
    vec![
        Verdict::certain(
            TEST,
            "no equal noise vectors",
            whole,
            format!("equal: {vectors}"),
        ),
        Verdict::by_chance(TEST, what, &found, &checks),
    ]
}

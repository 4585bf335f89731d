//! The stranger: a black-box audit of the statistics that anybody can run, as `payung audit-dp`.
//!
//! It knows no room of the house, only the words of the command line and the exported JSON; from `crypto` it takes
//! randomness for a passphrase. It founds fresh instances in a temporary folder, works them through the command line of the very binary that runs, and
//! judges their exports as a stranger does who happens to know the people: from the JSON alone, with arithmetic of its own.
//! A pass is a lower bound: black boxes miss faults of small probability (arXiv 2411.16516), see `docs/audit.md`.
//!
//! Limits: SQLite; the noise is measured behind one import; the tables that `truth` knows. The data lie in 2024, so the machine's
//! clock must stand in 2025-02 or later.
#![forbid(unsafe_code)]

mod account;
mod collect;
mod dataset;
mod delivery;
mod distinguish;
mod equality;
mod gaussian;
mod instance;
mod leaks;
mod no_verdict;
mod progress;
mod reading;
mod residual;
mod seed;
mod special;
mod trials;
mod truth;
pub mod verdict;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crypto::rng::Random;
use instance::Binary;
pub use no_verdict::NoVerdict;
pub use progress::Progress;
use verdict::{Test, Verdict};

/// What to audit and how much.
#[derive(Debug, Clone)]
pub struct Options {
    /// The binary.
    pub binary: PathBuf,
    /// Fresh instances of each data set.
    pub trials: usize,
    /// Cities of the data sets: each is one experiment of a trial.
    pub cities: usize,
    /// Word for `init --budget`.
    pub budget: String,
    /// Words for `release export --format`: every form that the binary knows.
    pub forms: Vec<String>,
    /// Tests to run; empty for all.
    pub only: Vec<Test>,
}

/// Runs the audit in an empty `folder`, which the caller deletes.
///
/// # Errors
/// [`NoVerdict`] when an instance does not work.
pub fn run(
    options: &Options,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Verdict>, NoVerdict> {
    let secret: [u8; 16] = crypto::rng::bytes(&mut Random::os());
    let binary = Binary {
        file: options.binary.clone(),
        passphrase: secret.iter().map(|byte| format!("{byte:02x}")).collect(),
        budget: options.budget.clone(),
    };
    within(options, &binary, folder, progress)
}

fn within(
    options: &Options,
    binary: &Binary,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Vec<Verdict>, NoVerdict> {
    let wants = |test: Test| options.only.is_empty() || options.only.contains(&test);
    let cities = options.cities;
    let mut verdicts = Vec::new();
    if wants(Test::Residual) || wants(Test::Distinguish) {
        progress.test("trials");
        let all = trials::run(binary, folder, options.trials, cities, progress)?;
        if wants(Test::Residual) {
            verdicts.extend(residual::judge(&all));
        }
        if wants(Test::Distinguish) {
            verdicts.extend(distinguish::judge(&all));
        }
    }
    if wants(Test::Equality) {
        progress.test("the same bytes for ever");
        let forms = &options.forms;
        verdicts.extend(equality::run(binary, folder, cities, forms, progress)?);
    }
    if wants(Test::Leaks) {
        progress.test("around the noise");
        verdicts.extend(leaks::run(binary, folder, cities)?);
    }
    if wants(Test::Delivery) {
        progress.test("deliveries");
        verdicts.extend(delivery::run(binary, folder)?);
    }
    if wants(Test::Seed) {
        progress.test("seeds");
        verdicts.extend(seed::run(binary, folder, cities)?);
    }
    if wants(Test::Accounting) {
        progress.test("the accounting");
        verdicts.extend(accounting(binary, folder)?);
    }
    Ok(verdicts)
}

/// A year under each budget.
fn accounting(binary: &Binary, folder: &Path) -> Result<Vec<Verdict>, NoVerdict> {
    let rows = dataset::build(3, 0).rows;
    let mut verdicts = Vec::new();
    for budget in ["strict", "default", "wide"] {
        let binary = Binary {
            budget: budget.to_owned(),
            ..binary.clone()
        };
        let instance = binary.found(folder.join(format!("year-{budget}")))?;
        instance.import(&rows)?;
        let releases = instance.year()?;
        let ledger = instance.done(&["ledger"])?.text();
        verdicts.extend(account::judge(&releases, budget, &ledger));
    }
    Ok(verdicts)
}

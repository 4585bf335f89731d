//! `payung audit-dp`: a black-box audit of the statistics that anybody can run.
//!
//! It founds fresh instances in a temporary folder, works them through the command line of the very binary that runs, and
//! judges their exports as a stranger does who happens to know the people: from the JSON alone, with arithmetic of its own.
//! A pass is a lower bound: black boxes miss faults of small probability (arXiv 2411.16516), see `docs/audit.md`.
//!
//! Limits: SQLite; one import and no deliveries; the tables that [`truth`] knows. The data lie in 2024, so the machine's
//! clock must stand in 2025-02 or later.

pub mod account;
pub mod collect;
pub mod dataset;
pub mod distinguish;
pub mod equality;
pub mod gaussian;
pub mod instance;
pub mod leaks;
pub mod reading;
pub mod residual;
pub mod seed;
pub mod special;
pub mod trials;
pub mod truth;
pub mod verdict;

use std::path::{Path, PathBuf};

use crypto::rng::Random;

use crate::cli::AuditTest;
use crate::complain;
use crate::demo::stage::Temporary;
use crate::error::Failure;
use instance::Binary;
use verdict::Verdict;

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
    /// Tests to run; empty for all.
    pub only: Vec<AuditTest>,
}

/// Runs the audit in a temporary folder, which is deleted at the end.
///
/// # Errors
/// [`Failure`] when an instance does not work: that is no verdict.
pub fn run(options: &Options) -> Result<Vec<Verdict>, Failure> {
    let mut secret = [0_u8; 16];
    rand::RngCore::fill_bytes(&mut Random::os(), &mut secret);
    let binary = Binary {
        file: options.binary.clone(),
        passphrase: crypto::hex::encode(&secret),
        budget: options.budget.clone(),
    };
    let folder = Temporary::make()?;
    let done = within(options, &binary, folder.path());
    folder.remove()?;
    done
}

fn within(options: &Options, binary: &Binary, folder: &Path) -> Result<Vec<Verdict>, Failure> {
    let wants = |test: AuditTest| options.only.is_empty() || options.only.contains(&test);
    let mut verdicts = Vec::new();
    if wants(AuditTest::Residual) || wants(AuditTest::Distinguish) {
        complain("audit: trials");
        let all = trials::run(binary, folder, options.trials, options.cities)?;
        if wants(AuditTest::Residual) {
            verdicts.extend(residual::judge(&all));
        }
        if wants(AuditTest::Distinguish) {
            verdicts.extend(distinguish::judge(&all));
        }
    }
    if wants(AuditTest::Equality) {
        complain("audit: the same bytes for ever");
        verdicts.extend(equality::run(binary, folder, options.cities)?);
    }
    if wants(AuditTest::Leaks) {
        complain("audit: around the noise");
        verdicts.extend(leaks::run(binary, folder, options.cities)?);
    }
    if wants(AuditTest::Seed) {
        complain("audit: seeds");
        verdicts.extend(seed::run(binary, folder, options.cities)?);
    }
    if wants(AuditTest::Accounting) {
        complain("audit: the accounting");
        verdicts.extend(accounting(binary, folder)?);
    }
    Ok(verdicts)
}

/// A year under each budget.
fn accounting(binary: &Binary, folder: &Path) -> Result<Vec<Verdict>, Failure> {
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

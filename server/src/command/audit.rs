//! `payung audit-dp`: run the black-box audit on this very binary and print its verdicts.

use crate::audit::{self, Options, verdict};
use crate::cli::{AuditArgs, BudgetChoice};
use crate::error::Failure;
use crate::say;

/// Audits; a fault is a failure.
///
/// # Errors
/// [`Failure`] when a check failed or an instance did not work.
pub async fn run(args: AuditArgs) -> Result<(), Failure> {
    let binary =
        std::env::current_exe().map_err(|e| Failure::of("finding this binary", e.kind()))?;
    let options = Options {
        binary,
        trials: usize::from(args.trials),
        cities: usize::from(args.cities),
        budget: word(args.budget).to_owned(),
        only: args.only,
    };
    let verdicts = tokio::task::spawn_blocking(move || audit::run(&options))
        .await
        .map_err(|_| Failure::new("the audit broke off"))??;
    for line in verdict::table(&verdicts) {
        say(&line);
    }
    let failed = verdicts.iter().filter(|verdict| verdict.failed()).count();
    let by_chance: usize = verdicts
        .iter()
        .map(|verdict| verdict.statistical_checks)
        .sum();
    say(&format!(
        "{by_chance} checks by chance, each wrong about an honest binary with probability {:e} at most, together {:.2e}",
        verdict::LEAST_P,
        verdict::LEAST_P * by_chance as f64
    ));
    if failed > 0 {
        return Err(Failure::new(format!(
            "the audit failed: {failed} of {} lines",
            verdicts.len()
        )));
    }
    say(
        "passed: no fault was found. That is a lower bound and no proof; docs/audit.md says what it means.",
    );
    Ok(())
}

fn word(budget: BudgetChoice) -> &'static str {
    match budget {
        BudgetChoice::Strict => "strict",
        BudgetChoice::Default => "default",
        BudgetChoice::Wide => "wide",
    }
}

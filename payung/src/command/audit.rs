//! `payung audit-dp`: run the black-box audit on this very binary and print its verdicts.

use audit::verdict::{self, Test, Verdict};
use audit::{Options, Progress};
use clap::ValueEnum;
use server::error::Failure;

use crate::cli::{AuditArgs, AuditTest, Format};
use crate::output::{complain, say};
use crate::progress::Bar;
use crate::temporary::Temporary;

/// Audits; a fault is a failure.
///
/// # Errors
/// [`Failure`] when a check failed or an instance did not work.
pub(crate) async fn run(args: AuditArgs) -> Result<(), Failure> {
    let binary =
        std::env::current_exe().map_err(|e| Failure::of("finding this binary", e.kind()))?;
    let options = Options {
        binary,
        trials: usize::from(args.trials),
        cities: usize::from(args.cities),
        budget: word(&args.budget),
        forms: Format::value_variants().iter().map(word).collect(),
        only: args.only.into_iter().map(test).collect(),
    };
    let verdicts = tokio::task::spawn_blocking(move || within(&options))
        .await
        .map_err(|_| Failure::new("the audit broke off"))??;
    told(&verdicts)
}

/// Audits in a temporary folder, which is deleted at the end.
fn within(options: &Options) -> Result<Vec<Verdict>, Failure> {
    let folder = Temporary::make()?;
    let done = audit::run(options, folder.path(), &Shown(Bar::default()));
    folder.remove()?;
    done.map_err(|e| Failure::new(e.to_string()))
}

fn told(verdicts: &[Verdict]) -> Result<(), Failure> {
    for line in verdict::table(verdicts) {
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

/// The word that is typed for a choice.
fn word(choice: &impl ValueEnum) -> String {
    let value = choice.to_possible_value();
    value
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}

const fn test(choice: AuditTest) -> Test {
    match choice {
        AuditTest::Residual => Test::Residual,
        AuditTest::Distinguish => Test::Distinguish,
        AuditTest::Equality => Test::Equality,
        AuditTest::Leaks => Test::Leaks,
        AuditTest::Delivery => Test::Delivery,
        AuditTest::Seed => Test::Seed,
        AuditTest::Accounting => Test::Accounting,
    }
}

/// What the person at the terminal sees of it.
struct Shown(Bar);

impl Progress for Shown {
    fn test(&self, words: &str) {
        complain(&format!("audit: {words}"));
    }

    fn begin(&self, what: &'static str, steps: u64) {
        self.0.begin(what, steps);
    }

    fn step(&self) {
        self.0.step(1);
    }

    fn end(&self) {
        self.0.end();
    }
}

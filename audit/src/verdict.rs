//! Verdicts and their table.
//!
//! Every statistical check fails at an error probability below [`LEAST_P`]. A whole audit makes fewer than five hundred of
//! them (`statistical_checks` counts), so an honest binary fails one audit in two million at most.

/// A statistical check fails below this error probability.
pub const LEAST_P: f64 = 1e-9;

/// The tests of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The published noise is the declared noise.
    Residual,
    /// One person's presence shows no more than the declared loss allows.
    Distinguish,
    /// A release is the same bytes for ever, and drawn once.
    Equality,
    /// Around the noise nothing tells of one person more.
    Leaks,
    /// Around the noise nothing tells of one report more that was delivered.
    Delivery,
    /// Two instances never draw the same noise.
    Seed,
    /// The declared losses follow from the declared noise.
    Accounting,
}

impl Test {
    /// Its word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Residual => "residual",
            Self::Distinguish => "distinguish",
            Self::Equality => "equality",
            Self::Leaks => "leaks",
            Self::Delivery => "delivery",
            Self::Seed => "seed",
            Self::Accounting => "accounting",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was found.
    Passed,
    /// A fault was found.
    Failed,
    /// This kit does not know the truth, or had too little of it.
    NotChecked,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Which test.
    pub test: Test,
    /// What was looked at.
    pub what: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found, in numbers.
    pub found: String,
    /// How many error probabilities it compared with [`LEAST_P`].
    pub statistical_checks: usize,
}

impl Verdict {
    /// A check that holds or does not, without chance.
    #[must_use]
    pub fn certain(test: Test, what: &str, good: bool, found: String) -> Self {
        let outcome = if good {
            Outcome::Passed
        } else {
            Outcome::Failed
        };
        Self {
            test,
            what: what.to_owned(),
            outcome,
            found,
            statistical_checks: 0,
        }
    }

    /// Checks by chance, each with its name and error probability; `found` begins the text.
    #[must_use]
    pub fn by_chance(test: Test, what: &str, found: &str, checks: &[(&str, f64)]) -> Self {
        let failed: Vec<&str> = checks
            .iter()
            .filter(|(_, p)| p.is_nan() || *p < LEAST_P)
            .map(|(name, _)| *name)
            .collect();
        let least = checks.iter().map(|check| check.1).fold(1.0, f64::min);
        let mut text = format!("{found}; {} checks, least p {least:.1e}", checks.len());
        if !failed.is_empty() {
            text.push_str(&format!("; wrong: {}", failed.join(", ")));
        }
        Self {
            statistical_checks: checks.len(),
            ..Self::certain(test, what, failed.is_empty(), text)
        }
    }

    /// Something that was not looked at, and why.
    #[must_use]
    pub fn not_checked(test: Test, what: &str, why: &str) -> Self {
        Self {
            outcome: Outcome::NotChecked,
            ..Self::certain(test, what, true, why.to_owned())
        }
    }

    /// Whether it is a fault.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }
}

/// The table's lines.
#[must_use]
pub fn table(verdicts: &[Verdict]) -> Vec<String> {
    let width = verdicts
        .iter()
        .map(|verdict| verdict.what.chars().count())
        .max()
        .unwrap_or(0);
    let line = |verdict: &Verdict| {
        let word = match verdict.outcome {
            Outcome::Passed => "pass",
            Outcome::Failed => "FAIL",
            Outcome::NotChecked => "-",
        };
        format!(
            "{word:<4} | {:<11} | {:<width$} | {}",
            verdict.test.word(),
            verdict.what,
            verdict.found
        )
    };
    verdicts.iter().map(line).collect()
}

//! Why a quarter was counted again, in fixed public words: nobody can write about a person into a release.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use privacy::catalogue::Plan;
use thiserror::Error;

use crate::release::Facts;

/// Why a quarter is counted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Reports came after the quarter had closed.
    LateReports,
    /// Reports were put right.
    Corrections,
    /// Records of one person were joined.
    Merges,
}

/// Not one of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a reason is one of late-reports, corrections, merges")]
pub struct UnknownReason;

impl Reason {
    /// Every reason, in order.
    pub const ALL: [Self; 3] = [Self::LateReports, Self::Corrections, Self::Merges];

    /// Its word for commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LateReports => "late-reports",
            Self::Corrections => "corrections",
            Self::Merges => "merges",
        }
    }

    /// What a release says.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::LateReports => "reports about the quarter came after it had closed",
            Self::Corrections => "reports about the quarter were corrected after it had closed",
            Self::Merges => {
                "records that belong to one person were joined after the quarter had closed"
            }
        }
    }

    /// The reason that a release's sentence states.
    #[must_use]
    pub fn of_sentence(sentence: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.sentence() == sentence)
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(word: &str) -> Result<Self, UnknownReason> {
        let found = Self::ALL.into_iter().find(|one| one.word() == word);
        found.ok_or(UnknownReason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How to read a revision's numbers; part of every revision's notes.
pub const NOTES: &[&str] = &[
    "tables whose letters begin with R count the quarter again with everything known when this version was made; nothing of version 1 was drawn again",
    "series combined: both measurements, each weighed by the inverse of its noise; the most precise number, right as long as the change is small against the noise",
    "series revised: the new measurement alone; unbiased for what is known now",
    "series change: revised less the estimate of version 1; it tells whether the change is small; its display is never below zero, so read the estimate",
    "measured: of combined the raw noisy number of version 1, of revised that of this version",
    "rates of drop-out are computed from combined; nano-rho of tables without an R were debited by version 1",
];

/// What changed and why; empty for a quarter's first release.
#[must_use]
pub fn sentences(facts: &Facts, shown: &[Plan]) -> Vec<String> {
    if facts.version < 2 {
        return Vec::new();
    }
    let mut all = vec![what_changed(facts, shown)];
    all.extend(facts.reasons.iter().map(|one| one.sentence().to_owned()));
    all
}

/// The reasons that a release states after what changed; `None` when a sentence is none of ours.
#[must_use]
pub fn read(sentences: &[String]) -> Option<BTreeSet<Reason>> {
    let stated = sentences.iter().skip(1);
    stated.map(|one| Reason::of_sentence(one)).collect()
}

fn what_changed(facts: &Facts, shown: &[Plan]) -> String {
    let letters: Vec<&str> = shown
        .iter()
        .filter_map(|plan| plan.table.counts_again())
        .collect();
    let (tables, were) = match letters.as_slice() {
        [one] => (format!("table {one}"), "was"),
        all => (format!("tables {}", all.join(" and ")), "were"),
    };
    let day = facts.closed;
    format!(
        "{tables} {were} counted again with everything known on {day}; other tables are unchanged"
    )
}

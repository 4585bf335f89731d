//! Why a quarter was counted again, in fixed public words: nobody can write about a person into a release.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

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

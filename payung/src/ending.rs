//! How a command ends that did not fail.

use std::process::ExitCode;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All of it.
    Done,
    /// All but rows of a file that were refused.
    Refused,
}

impl Ending {
    /// Of a command that refused so many rows, and whether that is allowed.
    #[must_use]
    pub const fn of(refused: u64, allowed: bool) -> Self {
        if refused == 0 || allowed {
            Self::Done
        } else {
            Self::Refused
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::SUCCESS,
            Ending::Refused => Self::from(3),
        }
    }
}

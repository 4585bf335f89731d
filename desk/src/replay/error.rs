//! Why a replay stops: one line for a person, never the input, never a secret.

use crypto::keyfile::KeyFileError;
use thiserror::Error;
use wire::rows::HeaderError;

/// Why a replay cannot begin or go on.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// A terminal's call failed.
    #[error("{doing}: {cause}")]
    Terminal {
        /// What was being done.
        doing: &'static str,
        /// What the terminal says.
        cause: terminal::Error,
    },
    /// The table is no table of rows.
    #[error("the input file: {0}")]
    Table(#[from] HeaderError),
    /// The log-ins of the counters do not open or cannot be sealed.
    #[error("{doing}: {cause}")]
    LogIns {
        /// What was being done.
        doing: &'static str,
        /// What the key file says.
        cause: KeyFileError,
    },
    /// The log-ins open and are none.
    #[error("the replay's log-ins are damaged: delete the folder `replay`")]
    Damaged,
    /// What earlier replays issued does not open for this programme.
    #[error(
        "the folder `replay` holds what another programme's replay issued: use the data folder that belongs to this server"
    )]
    OtherProgramme,
    /// The registry lacks what the file names, and it was not to be entered.
    #[error(
        "nothing was entered and no row was presented: correct the file, or say yes (in a script: --yes)"
    )]
    NotEntered,
    /// The folder of the replay, or a file in it, cannot be made.
    #[error("{doing}: {cause}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// The operating system's kind of error.
        cause: std::io::ErrorKind,
    },
    /// A row's site has no counter.
    #[error("a site has no counter")]
    NoCounter,
    /// The counter's account has no data key.
    #[error(
        "this site's provider has its own staff: they must admit the counter before it can serve there"
    )]
    NotAdmitted,
}

impl ReplayError {
    /// Says what was being done when a terminal's call failed; to be handed to `map_err`.
    pub(super) fn at(doing: &'static str) -> impl Fn(terminal::Error) -> Self + Copy {
        move |cause| Self::Terminal { doing, cause }
    }

    pub(super) fn log_ins(doing: &'static str) -> impl Fn(KeyFileError) -> Self + Copy {
        move |cause| Self::LogIns { doing, cause }
    }

    pub(super) fn disk(doing: &'static str) -> impl Fn(std::io::Error) -> Self + Copy {
        move |error| Self::Disk {
            doing,
            cause: error.kind(),
        }
    }
}

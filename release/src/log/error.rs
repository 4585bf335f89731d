//! Why a log, a copy of one or its signed head is refused.

use thiserror::Error;

/// The chain is broken, a line cannot be read, or two lines contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the release log was changed: line {line} does not follow from the one before; restore the log folder"
)]
pub struct Broken {
    /// The first line that does not fit, counted from 1.
    pub line: usize,
}

/// Why a copy is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MirrorError {
    /// A line does not follow.
    #[error(
        "this is not a whole release log: line {line} was changed, moved or put in, or a line before it is missing"
    )]
    Chain {
        /// The first line that does not fit, counted from 1.
        line: usize,
    },
    /// The file ends inside a line.
    #[error("the file ends in the middle of a line: fetch it again")]
    Unfinished,
    /// The head is no head.
    #[error("this is not a signed head of a release log: fetch it again")]
    Head,
    /// Another programme's.
    #[error(
        "the head is signed with another programme's key: check that you have the right file and the right key"
    )]
    OtherKey,
    /// The signature does not fit.
    #[error("the signature of the head does not fit: it was changed")]
    Signature,
    /// Lines of the end are missing.
    #[error(
        "the log is shorter than its signed head says: lines are missing at its end, or it was fetched before the head"
    )]
    Shorter,
    /// The signed log is another one.
    #[error(
        "the log is not the one whose head was signed: it is another programme's, or history was rewritten"
    )]
    OtherLog,
    /// The older copy is not the beginning of the newer.
    #[error(
        "history was rewritten: line {line} of the older copy is not in the newer log as it was; keep both files and show them"
    )]
    Rewritten {
        /// The first line that differs, counted from 1.
        line: usize,
    },
    /// The newer copy ends first.
    #[error(
        "history was rewritten: the newer log lacks the last {lines} lines of the older copy; if the files were not given the wrong way round, keep both and show them"
    )]
    Removed {
        /// How many lines are missing.
        lines: u64,
    },
    /// The release is not there.
    #[error("the log does not list this release: it was never published, or the log is too old")]
    NotListed,
    /// The log has another release of that name.
    #[error(
        "the log lists another release under this quarter and version: this one was not published"
    )]
    OtherRelease,
}

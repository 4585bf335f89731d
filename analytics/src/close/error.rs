//! Why a quarter is not closed or revised, and what to do about it.

use crypto::day::Quarter;
use privacy::catalogue::CatalogueError;
use privacy::scope::Subject;
use store::{DbError, Retryable};
use thiserror::Error;

use crate::blocking::Stopping;
use crate::error;
use crate::ledger::LedgerError;
use crate::log::LogError;
use crate::measure::MeasureError;
use crate::stored::ReadError;
use release::error::ReleaseError;

/// Why a quarter does not close. Nothing was published.
#[derive(Debug, Error)]
pub enum CloseError {
    /// It is closed.
    #[error("{0} is closed already: a quarter closes once, and nothing was changed")]
    AlreadyClosed(Quarter),
    /// Late reports may still come.
    #[error("{period} can close from {from} on: late reports are taken until then")]
    TooEarly {
        /// The quarter.
        period: Quarter,
        /// The first day on which it can close.
        from: crypto::day::Day,
    },
    /// Reports that count in it may be on their way.
    #[error(
        "not everything that the identity role received before {0} was delivered: check that it runs and reaches this role. It \
         delivers when its day turns, a minute after it starts, and when an operator asks; then try again"
    )]
    Undelivered(crypto::day::Day),
    /// The quarter lies before the programme.
    #[error("the programme starts in {0}: earlier quarters have nothing to close")]
    BeforeStart(Quarter),
    /// An earlier quarter is open.
    #[error("close {0} first: quarters close in order")]
    PreviousOpen(Quarter),
    /// Somebody registered a city or a service, changed what is released, or began the series, between preparing and debiting.
    #[error(
        "the registry changed while the quarter was closing: nothing was debited; close it again"
    )]
    RegistryChanged,
    /// Somebody agreed to something else.
    #[error(
        "what closing {0} would publish is not what was agreed to: nothing was debited; read it again and agree to that"
    )]
    OtherPlan(Quarter),
    /// A revision needs the quarter's first release.
    #[error("{0} has no release yet: close it first")]
    NotReleased(Quarter),
    /// Nobody said why.
    #[error("say why the quarter is counted again: late-reports, corrections or merges")]
    NoReason,
    /// The tables that a revision measures are turned off.
    #[error("there is nothing to count again: the tables that a revision measures are turned off")]
    NothingToRevise,
    /// Version 1 was made by another version of this program.
    #[error(
        "the release of {0} was made under another catalogue of tables: revise it with the version of this program that made it"
    )]
    OtherCatalogue(Quarter),
    /// Another release is reserved and not finished.
    #[error(
        "another release, {} version {}, was begun and is not finished: finish it first", .0.period, .0.version
    )]
    UnderWay(Subject),
    /// Another process finished the same revision first.
    #[error("{0} was revised by another process meanwhile: nothing was changed")]
    AlreadyRevised(Quarter),
    /// The log knows more than the database.
    #[error(
        "the database is older than the release log: restore the newer database; closing now would measure the same people twice"
    )]
    DatabaseBehind,
    /// The database knows releases of which the log lost every trace.
    #[error(
        "the release log lacks releases that the database holds: put the right log back. If it is lost, and no copy of this folder \
         closed a quarter since, say so: `payung release log --adopt WORDS`, whose words `payung release log --help` gives"
    )]
    LogBehind,
    /// The log and the database name different contents for one release.
    #[error(
        "the database and the release log disagree about a release: restore both from the same backup"
    )]
    Disagree,
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Counting or drawing failed.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// The release cannot be assembled.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The release of version 1 cannot be read.
    #[error(transparent)]
    Read(ReadError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The database's facts cannot be read.
    #[error(transparent)]
    Role(#[from] error::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<ReadError> for CloseError {
    fn from(error: ReadError) -> Self {
        match error {
            // One cause has one message: what a closing says of it.
            ReadError::LogBehind => Self::LogBehind,
            error => Self::Read(error),
        }
    }
}

impl From<Stopping> for CloseError {
    fn from(stopping: Stopping) -> Self {
        Self::Role(stopping.into())
    }
}

impl Retryable for CloseError {
    fn wants_retry(&self) -> bool {
        match self {
            Self::Database(error)
            | Self::Read(ReadError::Database(error))
            | Self::Ledger(LedgerError::Database(error))
            | Self::Role(error::Error::Database(error)) => error.wants_retry(),
            _ => false,
        }
    }
}

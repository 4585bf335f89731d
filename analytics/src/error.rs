//! What can go wrong here, in words that may be logged: never a person, a report or its content.

use store::DbError;
use thiserror::Error;

use crate::blocking::Stopping;

/// Why a delivered report is refused for ever. The words are stored and counted by day; the report is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The person's element does not open under the statistics key.
    Element,
    /// The sealed body does not open, or is no report.
    Body,
    /// The report is not signed by the provider that delivered it, or names a site of another.
    Provider,
    /// The day lies after the day of delivery.
    Future,
    /// The day lies before the programme's start.
    BeforeStart,
    /// `covered_until` lies before the day, or more than [`crypto::report::MAX_COVER_DAYS`] after it.
    Cover,
}

impl Refusal {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Body => "body",
            Self::Provider => "provider",
            Self::Future => "future",
            Self::BeforeStart => "before-start",
            Self::Cover => "cover",
        }
    }
}

/// The word under which events dated after a recorded death are counted, beside the refusals. Such an event is kept and
/// answered like any other; the count says that somebody should look at the records of the sites.
pub(crate) const AFTER_DEATH: &str = "after-death";

/// A failure of the statistics role.
#[derive(Debug, Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// `meta` lacks the programme's start or another fact, or it cannot be read.
    #[error(
        "the statistics database has no programme start: run `payung init` or restore the database"
    )]
    NotSetUp,
    /// The programme was set up before with another start.
    #[error(
        "the statistics database belongs to a programme with another start or budget: use a new data folder"
    )]
    SetUpDiffers,
    /// The programme that was founded in the database has another release key.
    #[error(
        "the statistics database is another programme's: nothing was changed; use the data folder that it was founded with"
    )]
    OtherProgramme,
    /// The database was written with other indicator definitions.
    #[error(
        "the indicator definitions changed since this database was written: migrate it with the version that knows both"
    )]
    IndicatorsDiffer,
    /// A stored row cannot be read.
    #[error("a stored row is damaged: restore the statistics database from its backup")]
    Damaged,
    /// Contributions of a closed quarter would change; nothing was written.
    #[error("a closed quarter would change: nothing was written; report this as a defect")]
    ClosedPeriod,
    /// A closing broke off; what it measures is fixed.
    #[error(
        "a closing was begun and not finished: close the quarter again, then enter the service"
    )]
    ClosingUnderWay,
    /// No more codes for cities or services.
    #[error("the registry is full: at most 4,095 cities and 128 services beyond the catalogue's")]
    RegistryFull,
    /// A city or site name is not `[a-z0-9-]{1,32}`.
    #[error("a city or site must be written with a-z, 0-9 and hyphens, at most 32 characters")]
    Name,
    /// A delivery was made under another epoch of the key of pseudonyms; nothing of it was taken.
    #[error(
        "a delivery was made under another epoch of the statistics key: finish the rotation in both roles"
    )]
    Epoch,
    /// The clock lies behind the last day that is sure.
    #[error(
        "the machine's clock is behind the last day that is sure: nothing was done; put it right"
    )]
    ClockBehind,
    /// The clock lies more than 31 days after the last day that is sure.
    #[error(
        "the machine's clock is more than 31 days ahead of the last day that is sure: nothing was done; put it right, or say that it is: payung day --confirm"
    )]
    ClockAhead,
    /// A delivery brings another report key of a provider, or another owner of a site, than the first that came; nothing of it
    /// was taken.
    #[error(
        "a delivery contradicts what is known of a provider: one of the two databases is not the programme's"
    )]
    Provider,
    /// The indicator file is wrong.
    #[error(transparent)]
    Indicators(#[from] indicators::IndicatorsError),
    /// The imported file cannot be read as CSV.
    #[error(transparent)]
    Rows(#[from] wire::rows::HeaderError),
    /// What a file names was not to be entered into the registry.
    #[error(
        "nothing was entered and no row was read: correct the file, or say yes (in a script: --yes)"
    )]
    NotEntered,
    /// A task was cancelled while the service shut down.
    #[error(transparent)]
    Stopping(#[from] Stopping),
}

impl store::Retryable for Error {
    /// A conflict asks for a repetition too: two deliveries of one report met, and the second run finds the row.
    fn wants_retry(&self) -> bool {
        matches!(
            self,
            Self::Database(DbError::Retry { .. } | DbError::Conflict { .. })
        )
    }
}

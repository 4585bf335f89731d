//! Why a request is refused. Every variant is safe to log and to show: none carries a value of the request.

use store::{DbError, Retryable};
use wire::{NotClosed, problem};

/// Seconds a caller is told to wait when a day's number is used up.
pub(crate) const DAY_WAIT: u32 = 3_600;

/// A refusal, or a failure of the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not what the interface expects.
    #[error(
        "the request is not what the interface expects: compare it with the interface description"
    )]
    Malformed,
    /// No session, a session that is over, a MAC that does not fit, a failed log-in.
    #[error("not logged in: log in again")]
    Unauthorised,
    /// The number of a request was used before, or is too old.
    #[error("this request came before: make a new one")]
    Repeated,
    /// Role or provider may not do that.
    #[error("this account may not do that: ask an administrator")]
    Forbidden,
    /// The thing does not exist, or the token for it is wrong.
    #[error("there is no such thing")]
    NotFound,
    /// The address takes another method.
    #[error("this address takes another method: see the interface description")]
    Method,
    /// Something else exists under this id or name.
    #[error("something else exists under this id or name: choose another")]
    Conflict,
    /// The invitation is unknown, used up or over.
    #[error("this invitation is not good any more: ask for a new one")]
    Invitation,
    /// The log-in name is taken.
    #[error("this log-in name is taken: choose another, the invitation stays good")]
    HandleTaken,
    /// The body is too large.
    #[error("the request is too large: send less at once")]
    TooLarge,
    /// A value of the right form that cannot be honest.
    #[error("a value cannot be used: make it again")]
    BadValue,
    /// A limit is reached.
    #[error("a limit is reached: wait and try again")]
    Limit {
        /// Seconds until trying again makes sense.
        retry_after: u32,
    },
    /// Too many wrong passwords in a row for this name.
    #[error(
        "too many wrong passwords in a row: an administrator or operator must open the name again"
    )]
    Locked,
    /// No PIN opens this terminal any more.
    #[error("no PIN opens this terminal any more: log in with the password, then choose one")]
    NoPin,
    /// A session by PIN may not do this, or no PIN opens it until the next log-in by password.
    #[error("a PIN is not enough for this: log in with the password")]
    PasswordNeeded,
    /// The provider may do no more of this today.
    #[error(
        "your provider has done as much of this today as it may: an operator can raise the limit for today, else go on tomorrow"
    )]
    ProviderLimit,
    /// The whole programme may do no more of this today.
    #[error(
        "the programme has done as much of this today as it may: tell the operator, else go on tomorrow"
    )]
    ProgrammeLimit,
    /// A quarter is not closed.
    #[error(transparent)]
    NotClosed(#[from] NotClosed),
    /// A computation of the service failed.
    #[error("the service failed: tell the operator")]
    Internal,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Refusal {
    /// The stable end of the problem's type.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Malformed => problem::MALFORMED,
            Self::Unauthorised => problem::UNAUTHORISED,
            Self::Repeated => problem::REPEATED,
            Self::Forbidden => problem::FORBIDDEN,
            Self::NotFound => problem::NOT_FOUND,
            Self::Method => problem::METHOD,
            Self::Conflict => problem::CONFLICT,
            Self::Invitation => problem::INVITATION,
            Self::HandleTaken => problem::HANDLE_TAKEN,
            Self::TooLarge => problem::TOO_LARGE,
            Self::BadValue => problem::BAD_VALUE,
            Self::Limit { .. } => problem::LIMIT,
            Self::Locked => problem::LOCKED,
            Self::NoPin => problem::NO_PIN,
            Self::PasswordNeeded => problem::PASSWORD_NEEDED,
            Self::ProviderLimit => problem::PROVIDER_LIMIT,
            Self::ProgrammeLimit => problem::PROGRAMME_LIMIT,
            Self::NotClosed(why) => why.slug(),
            Self::Database(DbError::Retry { .. } | DbError::Unavailable) => problem::UNAVAILABLE,
            Self::Internal | Self::Database(_) => problem::INTERNAL,
        }
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthorised => 401,
            Self::Forbidden | Self::Invitation | Self::PasswordNeeded => 403,
            Self::NotFound => 404,
            Self::Method => 405,
            Self::Conflict | Self::HandleTaken | Self::Repeated | Self::NotClosed(_) => 409,
            Self::NoPin => 410,
            Self::TooLarge => 413,
            Self::BadValue => 422,
            Self::Locked => 423,
            Self::Limit { .. } | Self::ProviderLimit | Self::ProgrammeLimit => 429,
            Self::Database(DbError::Retry { .. } | DbError::Unavailable) => 503,
            Self::Internal | Self::Database(_) => 500,
        }
    }

    /// Seconds until trying again makes sense, where a limit is reached.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Limit { retry_after } => Some(*retry_after),
            Self::ProviderLimit | Self::ProgrammeLimit => Some(DAY_WAIT),
            _ => None,
        }
    }

    /// The fixed sentence a caller sees; nothing of the database shines through.
    #[must_use]
    pub fn title(&self) -> String {
        match self.status() {
            500 => Self::Internal.to_string(),
            503 => "the service is busy: try again in a moment".to_owned(),
            _ => self.to_string(),
        }
    }
}

impl Retryable for Refusal {
    fn wants_retry(&self) -> bool {
        matches!(self, Self::Database(error) if error.wants_retry())
    }
}

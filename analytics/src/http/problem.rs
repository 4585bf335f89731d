//! Failures as problem+json: a stable type, one fixed sentence, a status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::form::Refused;
use wire::problem::{self, PROBLEM_JSON, PROBLEM_PREFIX, Problem};

use store::DbError;

use crate::error::Error;
use crate::stored::ReadError;

/// What a handler answers when it cannot do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// 400.
    Malformed,
    /// 401.
    Unauthorised,
    /// 404.
    NotFound,
    /// 409: the delivery does not fit what is held here; its slug, and which of the two it is.
    Conflict(&'static str, &'static str),
    /// 413.
    TooLarge,
    /// 500.
    Internal,
    /// 503.
    Unavailable,
}

impl Failure {
    /// The delivery was made under another epoch.
    pub(super) const EPOCH: Self = Self::Conflict(
        problem::EPOCH,
        "the delivery was made under another epoch of the statistics key: nothing was taken",
    );
    /// The role's clock is wrong.
    pub(super) const CLOCK: Self = Self::Conflict(
        problem::CLOCK,
        "the clock of the statistics role is wrong: nothing was taken",
    );
    /// The delivery contradicts what is known of a provider.
    pub(super) const PROVIDER: Self = Self::Conflict(
        problem::PROVIDER,
        "the delivery contradicts what is known of a provider: nothing was taken",
    );

    /// What the description of the interface says of it.
    pub(super) fn refused(self) -> Refused {
        let (status, slug, title) = self.parts();
        Refused {
            status: status.as_u16(),
            slug,
            title: title.to_owned(),
        }
    }

    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                problem::MALFORMED,
                "the request is not what the interface expects",
            ),
            Self::Unauthorised => (
                StatusCode::UNAUTHORIZED,
                problem::UNAUTHORISED,
                "the role token is missing or wrong",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                problem::NOT_FOUND,
                "there is no such release",
            ),
            Self::Conflict(slug, title) => (StatusCode::CONFLICT, slug, title),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                problem::TOO_LARGE,
                "the delivery is too large: send smaller batches",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                problem::INTERNAL,
                "the statistics role failed: see its log",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                problem::UNAVAILABLE,
                "the database is busy or away: try again",
            ),
        }
    }
}

impl From<Error> for Failure {
    /// Logs the failure once, here at the edge; the error's text is safe to log.
    fn from(error: Error) -> Self {
        match &error {
            Error::Name => Self::Malformed,
            Error::Epoch => {
                tracing::warn!(%error, "a delivery was refused");
                Self::EPOCH
            }
            Error::ClockBehind | Error::ClockAhead => {
                tracing::warn!(%error, "a delivery was refused");
                Self::CLOCK
            }
            Error::Provider => {
                tracing::warn!(%error, "a delivery was refused");
                Self::PROVIDER
            }
            Error::Database(store::DbError::Retry { .. } | store::DbError::Unavailable)
            | Error::Stopping(_) => {
                tracing::warn!(%error, "statistics role is busy");
                Self::Unavailable
            }
            _ => {
                tracing::error!(%error, "statistics role failed");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, slug, title) = self.parts();
        let body = Problem {
            kind: format!("{PROBLEM_PREFIX}{slug}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: None,
        };
        let mut response = (status, Json(body)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "releases cannot be shown");
        match error {
            ReadError::Database(DbError::Retry { .. } | DbError::Unavailable)
            | ReadError::Stopping(_)
            | ReadError::LogBehind => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

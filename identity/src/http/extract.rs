//! What a handler is given: a parsed body, and for all but registration and log-in a session that exactly this request
//! proved ([`super::proved`]).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use crypto::id::SessionId;
use crypto::json;
use serde::de::DeserializeOwned;
use zeroize::Zeroize as _;

use crate::access::session::Session;
use crate::{App, Refusal};

/// A parsed body without any proof of who sent it: registration and log-in only.
#[derive(Debug)]
pub(crate) struct Plain<T>(pub(crate) T);

/// What is left of a request whose proof was checked.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) session: Session,
    pub(super) id: SessionId,
    pub(super) body: Bytes,
}

/// A request of a logged-in member of staff that proved its session. The only way into every other handler; where the
/// routes are not wrapped by [`super::proved`] it refuses everything.
#[derive(Debug)]
pub struct Proved<T> {
    /// Who sends, from where, in which role.
    pub session: Session,
    /// The session's id, to end it.
    pub(crate) id: SessionId,
    /// The body.
    pub body: T,
}

/// The one variable part of a path, as text; what is no text is refused like any other unknown thing.
#[derive(Debug)]
pub(super) struct Segment(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(text)| Self(text))
            .map_err(|_| Refusal::NotFound)
    }
}

/// The whole body. How long it may take to arrive is the affair of whoever serves the connection.
pub(super) async fn bytes(request: Request, app: &Arc<App>) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, app)
        .await
        .map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
            _ => Refusal::Malformed,
        })
}

/// An empty body is read as `{}`. A body may hold a token or a key, so it is wiped where it is ours alone; what the connection
/// holds of it is not.
fn parse<T: DeserializeOwned>(body: Bytes) -> Result<T, Refusal> {
    let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
    let read = json::read(text).map_err(|_| Refusal::Malformed);
    if let Ok(mut own) = body.try_into_mut() {
        own.zeroize();
    }
    read
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Plain<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        parse(bytes(request, app).await?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Proved<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        let taken: Taken = parts.extensions.remove().ok_or(Refusal::Unauthorised)?;
        Ok(Self {
            session: taken.session,
            id: taken.id,
            body: parse(taken.body)?,
        })
    }
}

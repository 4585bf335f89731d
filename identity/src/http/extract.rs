//! What a handler is given: a parsed body, and for all but registration and log-in a session whose terminal signed
//! exactly this request.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use crypto::b64;
use crypto::sign::TerminalKey;
use crypto::token::{TokenHash, TokenKind, hash_of};
use serde::de::DeserializeOwned;
use wire::{SIGNATURE_HEADER, request_message};

use crate::access::session::Session;
use crate::{App, Refusal};

/// A parsed body without any proof of who sent it: registration and log-in only.
#[derive(Debug)]
pub(crate) struct Plain<T>(pub(crate) T);

/// A request of a logged-in member of staff, signed by the session's terminal. The only way into every other handler.
#[derive(Debug)]
pub struct Signed<T> {
    /// Who sends, from where, in which role.
    pub session: Session,
    /// Hash of the session's token, to end it.
    pub(crate) token: TokenHash,
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

async fn bytes(request: Request, app: &Arc<App>) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, app)
        .await
        .map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
            _ => Refusal::Malformed,
        })
}

/// An empty body is read as `{}`.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|_| Refusal::Malformed)
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Plain<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        parse(&bytes(request, app).await?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Signed<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        // The session first: strangers do not get a body read.
        let token = bearer(&parts)?;
        let session = app
            .sessions
            .find(&token, app.clock.unix_seconds())
            .ok_or(Refusal::Unauthorised)?;
        let signature = signature(&parts)?;
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned();
        let method = parts.method.clone();
        let body = bytes(Request::from_parts(parts, body), app).await?;
        let message = request_message(method.as_str(), &target, &body, token.as_bytes());
        TerminalKey::verify_request(&session.terminal_public, &message, &signature)
            .map_err(|_| Refusal::Unauthorised)?;
        Ok(Self {
            session,
            token,
            body: parse(&body)?,
        })
    }
}

fn bearer(parts: &Parts) -> Result<TokenHash, Refusal> {
    let value = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let text = value
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refusal::Unauthorised)?;
    hash_of(text, TokenKind::Session).map_err(|_| Refusal::Unauthorised)
}

fn signature(parts: &Parts) -> Result<[u8; 64], Refusal> {
    let value = parts
        .headers
        .get(SIGNATURE_HEADER)
        .and_then(|value| value.to_str().ok());
    let bytes = value
        .and_then(|text| b64::decode(text).ok())
        .ok_or(Refusal::Unauthorised)?;
    bytes.try_into().map_err(|_| Refusal::Unauthorised)
}

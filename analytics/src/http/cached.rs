//! Public answers with an entity tag: the same question costs a reader nothing the second time.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::http_releases::{PAGE_POLICY, matches};

/// A question without parameters: any is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

/// What a public answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One JSON value.
    Json,
    /// One JSON object a line.
    Lines,
    /// A page with a policy of its own.
    Page,
}

impl Kind {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Page => "text/html; charset=utf-8",
        }
    }
}

/// The bytes with their hash as entity tag, or 304 when the reader has them.
pub(crate) fn answer(kind: Kind, asked: &HeaderMap, bytes: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", crypto::hex::encode(&crypto::digest::hash(&bytes)));
    let caching = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
    ];
    if matches(asked, &tag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, kind.content_type())];
    let mut answer = (caching, content_type, bytes).into_response();
    if kind == Kind::Page {
        let policy = HeaderValue::from_static(PAGE_POLICY);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

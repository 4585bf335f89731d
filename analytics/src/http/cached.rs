//! Public answers with an entity tag: the same question costs a reader nothing the second time.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crypto::{digest, hex};
use serde::Deserialize;

use super::problem::Failure;

/// A question without parameters: any is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParameters {}

/// What a public answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One JSON value.
    Json,
    /// One JSON object a line.
    Lines,
    /// A table.
    Csv,
    /// A page.
    Page,
    /// A page on paper.
    Pdf,
}

impl Kind {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Page => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}

/// The bytes with their hash as entity tag, or 304 when the reader has them.
pub(super) fn answer(kind: Kind, asked: &HeaderMap, bytes: Vec<u8>) -> Response {
    let tag = hex::encode(&digest::hash(&bytes));
    if has(asked, &tag) {
        unchanged(&tag)
    } else {
        sent(kind, &tag, bytes)
    }
}

/// The same under a tag that is known before the bytes are, which are made only for whoever lacks them.
///
/// # Errors
/// Those of `make`.
pub(super) fn tagged(
    kind: Kind,
    asked: &HeaderMap,
    tag: &str,
    make: impl FnOnce() -> Result<Vec<u8>, Failure>,
) -> Result<Response, Failure> {
    if has(asked, tag) {
        return Ok(unchanged(tag));
    }
    Ok(sent(kind, tag, make()?))
}

/// Whoever keeps an answer asks each time whether it is still the one.
fn caching(tag: &str) -> [(header::HeaderName, String); 2] {
    [
        (header::ETAG, format!("\"{tag}\"")),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
    ]
}

fn unchanged(tag: &str) -> Response {
    (StatusCode::NOT_MODIFIED, caching(tag)).into_response()
}

fn sent(kind: Kind, tag: &str, bytes: Vec<u8>) -> Response {
    let content_type = [(header::CONTENT_TYPE, kind.content_type())];
    (caching(tag), content_type, bytes).into_response()
}

/// True when `If-None-Match` names this tag, weakly or not, or any (RFC 9110, section 13.1.2).
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let tag = format!("\"{tag}\"");
    let given = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    given
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

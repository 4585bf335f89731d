//! Refusals as problem+json (RFC 9457): fixed sentences, never an echo.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crypto::json;
use wire::Problem;
use wire::problem::{PROBLEM_JSON, PROBLEM_PREFIX};

use crate::Refusal;

/// Marks a response as a refusal, for the layer that counts them.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) Refusal);

/// The response to a refusal.
fn problem(refusal: &Refusal) -> Response {
    let problem = Problem {
        kind: format!("{PROBLEM_PREFIX}{}", refusal.slug()),
        title: refusal.title(),
        status: refusal.status(),
        detail: None,
    };
    let status =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json::write(&problem).unwrap_or_default().to_vec();
    let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
    if let Some(seconds) = refusal.retry_after() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(Refused(refusal.clone()));
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        problem(&self)
    }
}

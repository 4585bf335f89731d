//! The plain status page: what runs here and where the published figures are. No script, no
//! picture from elsewhere, nothing about anyone.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use wire::problem::{self, PROBLEM_JSON, PROBLEM_PREFIX, Problem};

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Status</title></head>\
<body><main><h1>The service is running</h1>";
const RELEASES: &str = "<p>Published figures, signed, with their noise ranges: \
<a href=\"/v1/releases\">list of releases</a>. \
What they may tell about one person: <a href=\"/v1/ledger?format=html\">privacy ledger</a>. \
For those who keep a copy: <a href=\"/v1/releases/log\">release log</a> and its <a href=\"/v1/releases/log/head\">signed head</a>.</p>";
const TAIL: &str = "<p>Nothing is recorded about reading this page.</p></main></body></html>";

/// The page, with the ways to the published facts where this process publishes them.
pub(crate) fn router(publishes: bool) -> Router {
    let body = format!("{HEAD}{}{TAIL}", if publishes { RELEASES } else { "" });
    Router::new()
        .route("/", get(move || async move { Html(body.clone()) }))
        .fallback(missing)
}

/// Refuses a method that an address does not take; which it takes stands in `Allow`.
pub(crate) async fn other_method() -> impl IntoResponse {
    refused(
        StatusCode::METHOD_NOT_ALLOWED,
        problem::METHOD,
        "This address takes another method",
    )
}

async fn missing() -> impl IntoResponse {
    refused(
        StatusCode::NOT_FOUND,
        problem::NOT_FOUND,
        "There is nothing at this address",
    )
}

/// A problem outside of both roles.
fn refused(status: StatusCode, slug: &str, title: &str) -> impl IntoResponse {
    let problem = Problem {
        kind: format!("{PROBLEM_PREFIX}{slug}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: None,
    };
    (
        status,
        [(header::CONTENT_TYPE, PROBLEM_JSON)],
        Json(problem),
    )
}

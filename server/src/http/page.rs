//! The plain status page: what runs here and where the published figures are. No script, no
//! picture from elsewhere, nothing about anyone.

use axum::response::Html;
use axum::routing::get;
use axum::{Router, http::StatusCode, response::IntoResponse};

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

async fn missing() -> impl IntoResponse {
    let body = "{\"type\":\"urn:payung:problem:not-found\",\"title\":\"There is nothing at this address\",\"status\":404}";
    (
        StatusCode::NOT_FOUND,
        [("content-type", "application/problem+json")],
        body,
    )
}

//! The statistics role over HTTP: deliveries from the identity role; releases, their log and the ledger for everybody.
//!
//! Errors are problem+json (RFC 9457) with fixed texts; nothing of a request is ever echoed or logged.

mod cached;
mod deliver;
mod ledger;
mod log;
mod problem;
mod releases;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::App;

/// Largest delivery, in bytes.
const DELIVERY_BYTES: usize = 8 << 20;

/// Every route of the role.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/v1/statistics/deliver",
            post(deliver::deliver).layer(DefaultBodyLimit::max(DELIVERY_BYTES)),
        )
        .route(
            "/v1/statistics/registry",
            post(deliver::tell).layer(DefaultBodyLimit::max(DELIVERY_BYTES)),
        )
        .merge(releases::routes())
        .merge(log::routes())
        .merge(ledger::routes())
        .with_state(app)
}

#[cfg(test)]
mod tests;

//! The statistics role over HTTP: deliveries from the identity role; releases, their log and the ledger for everybody.
//!
//! Errors are problem+json (RFC 9457) with fixed texts; nothing of a request is ever echoed or logged.

pub(crate) mod cached;
mod deliver;
mod problem;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::App;

pub use problem::Failure;

/// Largest delivery, in bytes.
const DELIVERY_BYTES: usize = 8 << 20;
/// Most reports in one delivery.
const DELIVERY_ITEMS: usize = 4_096;

/// Every route of the role.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/v1/statistics/deliver",
            post(deliver::deliver).layer(DefaultBodyLimit::max(DELIVERY_BYTES)),
        )
        .merge(crate::http_releases::routes())
        .merge(crate::http_log::routes())
        .merge(crate::http_ledger::routes())
        .with_state(app)
}

#[cfg(test)]
mod tests;

//! The statistics role over HTTP: deliveries from the identity role; releases, their log and the ledger for everybody.
//!
//! Errors are problem+json (RFC 9457) with fixed texts; nothing of a request is ever echoed or logged.

mod cached;
mod deliver;
mod described;
mod ledger;
mod log;
mod problem;
mod programme;
mod releases;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// Largest delivery, in bytes.
const DELIVERY_BYTES: usize = 8 << 20;

/// Every route of the role, with its description.
pub fn router(app: Arc<App>) -> OpenApiRouter {
    let mut all = deliver::routes()
        .layer(DefaultBodyLimit::max(DELIVERY_BYTES))
        .merge(releases::routes())
        .merge(log::routes())
        .merge(ledger::routes())
        .merge(programme::routes())
        .with_state(app);
    described::with_scheme(all.get_openapi_mut());
    all
}

#[cfg(test)]
mod tests;

//! The HTTP interface of the role: one file an endpoint group, handlers that only call.
//!
//! No handler, layer or log sees an address, a user agent or a body; refusals are counted by day and reason.

mod access;
mod cards;
mod extract;
mod json;
mod problem;
mod prove;
mod records;
mod registry;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, post, put};

use crate::{App, Refusal};
use problem::Refused;

pub use extract::Proved;
pub use problem::problem;
pub use prove::proved;

/// Largest body of records, in bytes: 500 entries of a roster, 500 reports.
pub(crate) const MOST_BYTES_RECORDS: usize = 2 * 1024 * 1024;

/// Largest body of everything else: 500 commitments of blanks, some 25 kilobytes.
pub(crate) const MOST_BYTES: usize = 64 * 1024;

/// Largest body of a registration: names, a record of OPAQUE and sealed keys, some kilobytes.
pub(crate) const MOST_BYTES_REGISTER: usize = 16 * 1024;

/// Largest body of a log-in: a name and some 300 bytes.
pub(crate) const MOST_BYTES_LOGIN: usize = 2 * 1024;

/// Every route of the role, under `/v1`.
///
/// `POST /v1/outbox/flush` belongs to whoever delivers: use [`Proved`], [`proved`] and `Session::operator` for it.
pub fn router(app: Arc<App>) -> Router {
    // A proof is checked over the whole body, so the limit stands around the check.
    let within = |most: usize, routes: Router<Arc<App>>| {
        let routes = routes.method_not_allowed_fallback(|| async { problem(&Refusal::NotFound) });
        proved(Arc::clone(&app), routes).layer(DefaultBodyLimit::max(most))
    };
    within(MOST_BYTES, access_routes().merge(card_routes()))
        .merge(within(MOST_BYTES_RECORDS, record_routes()))
        .merge(within(MOST_BYTES_REGISTER, register_routes()))
        .merge(within(MOST_BYTES_LOGIN, login_routes()))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            count_refusals,
        ))
        .with_state(app)
}

fn register_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/register/start", post(access::register_start))
        .route("/v1/register/finish", post(access::register_finish))
}

fn login_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/login/start", post(access::login_start))
        .route("/v1/login/finish", post(access::login_finish))
}

fn access_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/logout", post(access::logout))
        .route("/v1/bundle", get(access::bundle))
        .route("/v1/trust/log", get(access::trust_log))
        .route("/v1/invitations", post(access::invite))
        .route("/v1/staff", get(access::staff))
        .route("/v1/staff/{id}/data-key", put(access::give_data_key))
        .route("/v1/staff/{id}/revoke", post(access::revoke_staff))
        .route("/v1/staff/{id}/open", post(access::open_name))
        .route("/v1/terminals", get(access::terminals))
        .route("/v1/terminals/revoke", post(access::revoke_labelled))
        .route("/v1/terminals/{id}/revoke", post(access::revoke_terminal))
        .route("/v1/providers", post(registry::add_provider))
        .route("/v1/providers/{id}/allowances", post(registry::raise))
        .route("/v1/allowances", get(registry::allowances))
        .route("/v1/sites", post(registry::add_site))
        .route("/v1/registry", get(registry::all))
}

fn card_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/blanks", post(cards::blanks))
        .route("/v1/evaluate", post(cards::evaluate))
        .route("/v1/envelopes/digests", get(cards::digests))
        .route("/v1/envelopes/buckets", post(cards::buckets))
        .route("/v1/envelopes/replace", post(cards::replace))
        .route("/v1/envelopes/{id}", put(cards::put))
        .route("/v1/envelopes/{id}", delete(cards::delete))
        .route("/v1/status/revoke", post(cards::revoke))
        .route("/v1/status-list", get(cards::status_list))
}

fn record_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/roster", post(records::append))
        .route("/v1/roster", get(records::page))
        .route("/v1/reports", post(records::submit))
}

/// Counts refusals by day and reason; logs failures of the service once, by code alone.
async fn count_refusals(
    State(app): State<Arc<App>>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if let Some(Refused(refusal)) = response.extensions().get() {
        if let Refusal::Database(error) = refusal {
            tracing::error!(%error, "a request failed in the database");
        }
        let due = app.refusals.note(app.clock.today(), refusal.slug());
        if due && let Err(error) = app.flush_refusals().await {
            tracing::error!(%error, "refusals could not be counted");
        }
    }
    response
}

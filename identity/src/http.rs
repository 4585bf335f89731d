//! The HTTP interface of the role: one file an endpoint group, handlers that only call.
//!
//! No handler, layer or log sees an address, a user agent or a body; refusals are counted by day and reason.

mod access;
mod cards;
mod described;
mod extract;
mod json;
mod pin;
mod problem;
mod prove;
mod records;
mod registry;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{App, Refusal};
use described::{LIMIT, open};
use problem::Refused;

pub use described::session;
pub use extract::Proved;
pub use prove::proved;

/// Largest body of records, in bytes: 500 entries of a roster, 500 reports.
pub(crate) const MOST_BYTES_RECORDS: usize = 2 * 1024 * 1024;

/// Largest body of everything else: 500 commitments of blanks, some 25 kilobytes.
pub(crate) const MOST_BYTES: usize = 64 * 1024;

/// Largest body of a registration: names, a record of OPAQUE and sealed keys, some kilobytes.
pub(crate) const MOST_BYTES_REGISTER: usize = 16 * 1024;

/// Largest body of a log-in: a name and some 300 bytes.
pub(crate) const MOST_BYTES_LOGIN: usize = 2 * 1024;

/// Every route of the role, under `/v1`, with its description.
///
/// `POST /v1/outbox/flush` belongs to whoever delivers: use [`Proved`], [`proved`], [`session`] and `Session::operator` for it.
pub fn router(app: Arc<App>) -> OpenApiRouter {
    // A proof is checked over the whole body, so the limit stands around the check.
    let within = |most: usize, routes: OpenApiRouter<Arc<App>>| {
        proved(Arc::clone(&app), routes).layer(DefaultBodyLimit::max(most))
    };
    let mut all = within(
        MOST_BYTES,
        access_routes().merge(pin_routes()).merge(card_routes()),
    )
    .merge(within(MOST_BYTES, registry_routes()))
    .merge(within(MOST_BYTES_RECORDS, record_routes()))
    .merge(within(MOST_BYTES_REGISTER, register_routes()))
    .merge(within(MOST_BYTES_LOGIN, login_routes()))
    .layer(middleware::from_fn_with_state(
        Arc::clone(&app),
        count_refusals,
    ))
    .with_state(app);
    described::with_scheme(all.get_openapi_mut());
    all
}

fn register_routes() -> OpenApiRouter<Arc<App>> {
    use Refusal::{BadValue, HandleTaken, Invitation};
    let started = [Invitation, BadValue];
    let finished = [Invitation, HandleTaken, BadValue];
    OpenApiRouter::default()
        .routes(open(routes!(access::register_start), &started))
        .routes(open(routes!(access::register_finish), &finished))
}

fn login_routes() -> OpenApiRouter<Arc<App>> {
    let started = [Refusal::BadValue, Refusal::Locked, LIMIT];
    let by_pin = [
        Refusal::BadValue,
        Refusal::NoPin,
        Refusal::PasswordNeeded,
        LIMIT,
    ];
    OpenApiRouter::default()
        .routes(open(routes!(access::login_start), &started))
        .routes(open(routes!(access::login_finish), &[]))
        .routes(open(routes!(pin::login_start), &by_pin))
        .routes(open(routes!(pin::login_finish), &[]))
}

fn pin_routes() -> OpenApiRouter<Arc<App>> {
    let chosen = [
        Refusal::Forbidden,
        Refusal::PasswordNeeded,
        Refusal::BadValue,
    ];
    OpenApiRouter::default()
        .routes(session(routes!(pin::choose), &chosen))
        .routes(session(routes!(pin::keep), &chosen))
        .routes(session(routes!(pin::drop_pin), &[]))
}

fn access_routes() -> OpenApiRouter<Arc<App>> {
    use Refusal::{
        BadValue, Conflict, Forbidden, NotFound, PasswordNeeded, ProgrammeLimit, ProviderLimit,
    };
    let invited = [
        Forbidden,
        PasswordNeeded,
        NotFound,
        Conflict,
        BadValue,
        ProviderLimit,
        ProgrammeLimit,
    ];
    let given = [Forbidden, PasswordNeeded, NotFound, Conflict, BadValue];
    let opened = [Forbidden, PasswordNeeded, NotFound, LIMIT];
    let revoked = [Forbidden, PasswordNeeded, NotFound];
    let labelled = [Forbidden, PasswordNeeded, NotFound, Conflict];
    OpenApiRouter::default()
        .routes(session(routes!(access::logout), &[]))
        .routes(session(routes!(access::bundle), &[]))
        .routes(open(routes!(access::trust_log), &[]))
        .routes(session(routes!(access::invite), &invited))
        .routes(session(routes!(access::staff), &[Forbidden]))
        .routes(session(routes!(access::give_data_key), &given))
        .routes(session(routes!(access::revoke_staff), &revoked))
        .routes(session(routes!(access::open_name), &opened))
        .routes(session(routes!(access::terminals), &[Forbidden]))
        .routes(session(routes!(access::revoke_labelled), &labelled))
        .routes(session(routes!(access::revoke_terminal), &revoked))
}

fn registry_routes() -> OpenApiRouter<Arc<App>> {
    use Refusal::{BadValue, Conflict, Forbidden, NotFound};
    let raised = [Forbidden, NotFound, BadValue];
    let added = [Forbidden, NotFound, Conflict, BadValue];
    OpenApiRouter::default()
        .routes(session(
            routes!(registry::add_provider),
            &[Forbidden, Conflict],
        ))
        .routes(session(routes!(registry::raise), &raised))
        .routes(session(routes!(registry::allowances), &[Forbidden]))
        .routes(session(routes!(registry::add_site), &added))
        .routes(session(routes!(registry::set_services), &raised))
        .routes(session(routes!(registry::all), &[Forbidden]))
}

fn card_routes() -> OpenApiRouter<Arc<App>> {
    use Refusal::{BadValue, Conflict, Forbidden, NotFound, ProgrammeLimit, ProviderLimit};
    let signed = [
        Forbidden,
        Conflict,
        BadValue,
        LIMIT,
        ProviderLimit,
        ProgrammeLimit,
    ];
    let evaluated = [
        Forbidden,
        NotFound,
        BadValue,
        LIMIT,
        ProviderLimit,
        ProgrammeLimit,
    ];
    let put = [&signed[..], &[NotFound]].concat();
    let made = [&signed[..], &[Refusal::PasswordNeeded]].concat();
    let deleted = [Forbidden, NotFound, LIMIT];
    OpenApiRouter::default()
        .routes(session(routes!(cards::blanks), &made))
        .routes(session(routes!(cards::evaluate), &evaluated))
        .routes(session(routes!(cards::digests), &[Forbidden]))
        .routes(session(routes!(cards::buckets), &[Forbidden]))
        .routes(session(routes!(cards::replace), &put))
        .routes(session(routes!(cards::put), &put))
        .routes(session(routes!(cards::delete), &deleted))
        .routes(session(routes!(cards::revoke), &[Forbidden]))
        .routes(session(routes!(cards::status_list), &[]))
}

fn record_routes() -> OpenApiRouter<Arc<App>> {
    use Refusal::{BadValue, Forbidden, ProgrammeLimit, ProviderLimit};
    let taken = [Forbidden, BadValue, LIMIT, ProviderLimit, ProgrammeLimit];
    OpenApiRouter::default()
        .routes(session(routes!(records::append), &taken))
        .routes(session(routes!(records::page), &[Forbidden]))
        .routes(session(routes!(records::submit), &taken))
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

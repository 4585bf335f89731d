//! Providers and sites, and what they may do in a day.

use std::sync::Arc;

use axum::extract::State;
use wire::form;
use wire::{
    Allowances, Empty, NewProvider, NewSite, ProviderAdded, RaiseCap, Registry, SiteServices,
};

use super::extract::{Proved, Segment};
use super::json::Json;
use crate::guard::caps;
use crate::{Actor, App, Refusal, registry};

type Answer<T> = Result<Json<T>, Refusal>;
type Shared = State<Arc<App>>;

/// Enters a provider.
#[utoipa::path(
    post,
    path = "/v1/providers",
    tag = "registry",
    request_body = NewProvider,
    responses((status = 200, description = "It is entered.", body = ProviderAdded)),
)]
pub(super) async fn add_provider(
    State(app): Shared,
    caller: Proved<NewProvider>,
) -> Answer<ProviderAdded> {
    caller.session.operator()?;
    let provider =
        registry::add_provider(&app, Actor::Staff(caller.session.staff), &caller.body.name).await?;
    Ok(Json(ProviderAdded { provider }))
}

/// Enters a site of a provider.
#[utoipa::path(
    post,
    path = "/v1/sites",
    tag = "registry",
    request_body = NewSite,
    responses((status = 200, description = "It is entered.", body = Empty)),
)]
pub(super) async fn add_site(State(app): Shared, caller: Proved<NewSite>) -> Answer<Empty> {
    caller.session.operator()?;
    let NewSite {
        provider,
        site,
        zone,
    } = caller.body;
    let actor = Actor::Staff(caller.session.staff);
    registry::add_site(&app, actor, provider, &site, zone.as_ref()).await?;
    Ok(Json(Empty {}))
}

/// Says what a site offers.
#[utoipa::path(
    post,
    path = "/v1/sites/services",
    tag = "registry",
    request_body = SiteServices,
    responses((status = 200, description = "It holds from the next time on that its terminals read the registry.", body = Empty)),
)]
pub(super) async fn set_services(
    State(app): Shared,
    caller: Proved<SiteServices>,
) -> Answer<Empty> {
    caller.session.operator()?;
    let SiteServices { site, services } = caller.body;
    let actor = Actor::Staff(caller.session.staff);
    registry::offers::set(&app, actor, &site, services.as_ref()).await?;
    Ok(Json(Empty {}))
}

/// Providers and their sites.
#[utoipa::path(
    get,
    path = "/v1/registry",
    tag = "registry",
    operation_id = "registry",
    responses((status = 200, description = "To operators all of them, to staff of a provider their own.", body = Registry)),
)]
pub(super) async fn all(State(app): Shared, caller: Proved<Empty>) -> Answer<Registry> {
    // Staff know where they work; which other providers there are is the operators' affair.
    let within = match caller.session.operator() {
        Ok(()) => None,
        Err(_) => Some(caller.session.provider()?),
    };
    Ok(Json(registry::all(&app, within).await?))
}

/// What was done today of what is counted.
#[utoipa::path(
    get,
    path = "/v1/allowances",
    tag = "registry",
    responses((status = 200, description = "Of the own provider; to operators of every provider and the programme.", body = Allowances)),
)]
pub(super) async fn allowances(State(app): Shared, caller: Proved<Empty>) -> Answer<Allowances> {
    caller.session.by_password()?;
    let within = caller.session.administers()?;
    Ok(Json(caps::list(&app, within).await?))
}

/// Raises a provider's limit for today.
#[utoipa::path(
    post,
    path = "/v1/providers/{id}/allowances",
    tag = "registry",
    operation_id = "raise_allowance",
    params(("id" = form::Id, Path, description = "The provider.")),
    request_body = RaiseCap,
    responses((status = 200, description = "It is raised.", body = Empty)),
)]
pub(super) async fn raise(
    State(app): Shared,
    Segment(provider): Segment,
    caller: Proved<RaiseCap>,
) -> Answer<Empty> {
    caller.session.operator()?;
    let provider = provider.parse().map_err(|_| Refusal::NotFound)?;
    let (actor, asked) = (Actor::Staff(caller.session.staff), caller.body);
    caps::raise(&app, actor, provider, asked.what, asked.cap).await?;
    Ok(Json(Empty {}))
}

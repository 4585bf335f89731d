//! Registration, log-in, colleagues, revocation.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::Uri;
use crypto::invitation::InviterKind;
use crypto::token::TokenHash;
use wire::{
    Colleague, DataKey, Empty, Enrolled, Invite, LogPage, LogQuery, LoggedIn, LoginFinish,
    LoginStart, LoginStarted, RegisterFinish, RegisterStart, RegisterStarted, Registered,
    RevokeLabelled, TerminalRevoked, Wraps,
};

use super::extract::{Plain, Proved, Segment};
use super::json::Json;
use super::prove::Begun;
use crate::access::invitation::Invitation;
use crate::access::terminals::Reach;
use crate::access::{invitation, login, names, registration, staff, terminals};
use crate::{Actor, App, Refusal, trust};

type Answer<T> = Result<Json<T>, Refusal>;
type Shared = State<Arc<App>>;

pub(super) async fn register_start(
    State(app): Shared,
    Plain(body): Plain<RegisterStart>,
) -> Answer<RegisterStarted> {
    Ok(Json(registration::start(&app, &body).await?))
}

pub(super) async fn register_finish(
    State(app): Shared,
    Plain(body): Plain<RegisterFinish>,
) -> Answer<Registered> {
    Ok(Json(registration::finish(&app, &body).await?))
}

pub(super) async fn login_start(
    State(app): Shared,
    Plain(body): Plain<LoginStart>,
) -> Answer<LoginStarted> {
    Ok(Json(login::start(&app, &body).await?))
}

pub(super) async fn login_finish(
    State(app): Shared,
    Plain(body): Plain<LoginFinish>,
) -> Result<(Extension<Begun>, Json<LoggedIn>), Refusal> {
    let (logged_in, prover) = login::finish(&app, &body).await?;
    Ok((Extension(Begun(prover)), Json(logged_in)))
}

pub(super) async fn logout(State(app): Shared, caller: Proved<Empty>) -> Answer<Empty> {
    app.sessions.end(&caller.id);
    Ok(Json(Empty {}))
}

pub(super) async fn bundle(State(app): Shared, caller: Proved<Empty>) -> Answer<Wraps> {
    Ok(Json(trust::wraps(&app, caller.session.role)))
}

/// For everybody: terminals read it before they have a session.
pub(super) async fn trust_log(State(app): Shared, target: Uri) -> Answer<LogPage> {
    let Query(query) = Query::<LogQuery>::try_from_uri(&target).map_err(|_| Refusal::Malformed)?;
    Ok(Json(trust::page(&app, query.after).await?))
}

/// Operators invite anybody; administrators of a provider invite for their own.
pub(super) async fn invite(State(app): Shared, caller: Proved<Invite>) -> Answer<Empty> {
    let Invite {
        role,
        provider,
        hash,
        day,
    } = caller.body;
    let own = caller.session.administers()?;
    if own.is_some() && (provider != own || !role.has_provider()) {
        return Err(Refusal::Forbidden);
    }
    let wanted = Invitation {
        role,
        provider,
        inviter: own.map_or(InviterKind::Operator, |_| InviterKind::Administrator),
        drawn: day,
    };
    let actor = Actor::Staff(caller.session.staff);
    invitation::enter(&app, actor, wanted, &TokenHash::from_bytes(hash.0)).await?;
    Ok(Json(Empty {}))
}

pub(super) async fn staff(State(app): Shared, caller: Proved<Empty>) -> Answer<Vec<Colleague>> {
    let provider = caller.session.administrator()?;
    Ok(Json(staff::list(&app, provider).await?))
}

pub(super) async fn give_data_key(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<DataKey>,
) -> Answer<Empty> {
    let to = id.parse().map_err(|_| Refusal::NotFound)?;
    staff::give_data_key(&app, &caller.session, to, &caller.body.sealed).await?;
    Ok(Json(Empty {}))
}

pub(super) async fn revoke_staff(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<Empty>,
) -> Answer<Empty> {
    let within = caller.session.administers()?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    staff::revoke(&app, Actor::Staff(caller.session.staff), within, id).await?;
    Ok(Json(Empty {}))
}

pub(super) async fn open_name(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<Empty>,
) -> Answer<Empty> {
    caller.session.administers()?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    names::open(&app, &caller.session, id).await?;
    Ok(Json(Empty {}))
}

pub(super) async fn revoke_terminal(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<Empty>,
) -> Answer<Empty> {
    let within = caller.session.administers()?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    terminals::revoke(&app, Actor::Staff(caller.session.staff), within, id).await?;
    Ok(Json(Empty {}))
}

pub(super) async fn terminals(State(app): Shared, caller: Proved<Empty>) -> Answer<Vec<Enrolled>> {
    let reach = Reach::of(&caller.session)?;
    Ok(Json(terminals::list(&app, reach).await?))
}

pub(super) async fn revoke_labelled(
    State(app): Shared,
    caller: Proved<RevokeLabelled>,
) -> Answer<TerminalRevoked> {
    let reach = Reach::of(&caller.session)?;
    let actor = Actor::Staff(caller.session.staff);
    let label = &caller.body.label;
    let terminal = terminals::revoke_labelled(&app, actor, reach, label).await?;
    Ok(Json(TerminalRevoked { terminal }))
}

//! Registration, log-in, colleagues, revocation.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::Uri;
use crypto::invitation::InviterKind;
use crypto::token::TokenHash;
use wire::form;
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

/// Begins a registration with an invitation.
#[utoipa::path(
    post,
    path = "/v1/register/start",
    tag = "staff",
    request_body = RegisterStart,
    responses((status = 200, description = "The invitation is good.", body = RegisterStarted)),
)]
pub(super) async fn register_start(
    State(app): Shared,
    Plain(body): Plain<RegisterStart>,
) -> Answer<RegisterStarted> {
    Ok(Json(registration::start(&app, &body).await?))
}

/// Ends a registration: enters a member of staff and a terminal.
#[utoipa::path(
    post,
    path = "/v1/register/finish",
    tag = "staff",
    request_body = RegisterFinish,
    responses((status = 200, description = "Both are entered.", body = Registered)),
)]
pub(super) async fn register_finish(
    State(app): Shared,
    Plain(body): Plain<RegisterFinish>,
) -> Answer<Registered> {
    Ok(Json(registration::finish(&app, &body).await?))
}

/// Begins a log-in with name and password.
#[utoipa::path(
    post,
    path = "/v1/login/start",
    tag = "staff",
    request_body = LoginStart,
    responses((status = 200, description = "Of the same shape for names that nobody has.", body = LoginStarted)),
)]
pub(super) async fn login_start(
    State(app): Shared,
    Plain(body): Plain<LoginStart>,
) -> Answer<LoginStarted> {
    Ok(Json(login::start(&app, &body).await?))
}

/// Ends a log-in and begins a session.
#[utoipa::path(
    post,
    path = "/v1/login/finish",
    tag = "staff",
    request_body = LoginFinish,
    responses((status = 200, description = "The session; the answer bears its first proof.", body = LoggedIn)),
)]
pub(super) async fn login_finish(
    State(app): Shared,
    Plain(body): Plain<LoginFinish>,
) -> Result<(Extension<Begun>, Json<LoggedIn>), Refusal> {
    let (logged_in, prover) = login::finish(&app, &body).await?;
    Ok((Extension(Begun(prover)), Json(logged_in)))
}

/// Ends the session.
#[utoipa::path(
    post,
    path = "/v1/logout",
    tag = "staff",
    request_body = Empty,
    responses((status = 200, description = "It is over.", body = Empty)),
)]
pub(super) async fn logout(State(app): Shared, caller: Proved<Empty>) -> Answer<Empty> {
    app.sessions.end(&caller.id);
    Ok(Json(Empty {}))
}

/// The wrap keys, for roles that scan cards.
#[utoipa::path(
    get,
    path = "/v1/bundle",
    tag = "staff",
    operation_id = "wrap_keys",
    responses((status = 200, description = "Empty for the other roles.", body = Wraps)),
)]
pub(super) async fn bundle(State(app): Shared, caller: Proved<Empty>) -> Answer<Wraps> {
    Ok(Json(trust::wraps(&app, caller.session.role)))
}

/// The programme's log of keys.
///
/// For everybody: terminals read it before they have a session.
#[utoipa::path(
    get,
    path = "/v1/trust/log",
    tag = "staff",
    params(LogQuery),
    responses((status = 200, description = "The entries that follow, and where the log ends.", body = LogPage)),
)]
pub(super) async fn trust_log(State(app): Shared, target: Uri) -> Answer<LogPage> {
    let Query(query) = Query::<LogQuery>::try_from_uri(&target).map_err(|_| Refusal::Malformed)?;
    Ok(Json(trust::page(&app, query.after).await?))
}

/// Enters an invitation that the terminal drew.
///
/// Operators invite anybody; administrators of a provider invite for their own.
#[utoipa::path(
    post,
    path = "/v1/invitations",
    tag = "staff",
    request_body = Invite,
    responses((status = 200, description = "It is good for 14 days and one registration.", body = Empty)),
)]
pub(super) async fn invite(State(app): Shared, caller: Proved<Invite>) -> Answer<Empty> {
    let Invite {
        role,
        provider,
        hash,
        day,
    } = caller.body;
    caller.session.by_password()?;
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

/// The colleagues of an administrator.
#[utoipa::path(
    get,
    path = "/v1/staff",
    tag = "staff",
    operation_id = "list_staff",
    responses((status = 200, description = "Everybody of the provider, revoked ones too.", body = Vec<Colleague>)),
)]
pub(super) async fn staff(State(app): Shared, caller: Proved<Empty>) -> Answer<Vec<Colleague>> {
    caller.session.by_password()?;
    let provider = caller.session.administrator()?;
    Ok(Json(staff::list(&app, provider).await?))
}

/// Gives a colleague the provider's data key.
#[utoipa::path(
    put,
    path = "/v1/staff/{id}/data-key",
    tag = "staff",
    params(("id" = form::Id, Path, description = "The member of staff.")),
    request_body = DataKey,
    responses((status = 200, description = "The colleague has it.", body = Empty)),
)]
pub(super) async fn give_data_key(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<DataKey>,
) -> Answer<Empty> {
    caller.session.by_password()?;
    let to = id.parse().map_err(|_| Refusal::NotFound)?;
    staff::give_data_key(&app, &caller.session, to, &caller.body.sealed).await?;
    Ok(Json(Empty {}))
}

/// Revokes a member of staff for ever.
#[utoipa::path(
    post,
    path = "/v1/staff/{id}/revoke",
    tag = "staff",
    params(("id" = form::Id, Path, description = "The member of staff.")),
    request_body = Empty,
    responses((status = 200, description = "Nobody signs in by that name.", body = Empty)),
)]
pub(super) async fn revoke_staff(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<Empty>,
) -> Answer<Empty> {
    caller.session.by_password()?;
    let within = caller.session.administers()?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    staff::revoke(&app, Actor::Staff(caller.session.staff), within, id).await?;
    Ok(Json(Empty {}))
}

/// Opens a name that too many wrong passwords have closed.
#[utoipa::path(
    post,
    path = "/v1/staff/{id}/open",
    tag = "staff",
    params(("id" = form::Id, Path, description = "The member of staff.")),
    request_body = Empty,
    responses((status = 200, description = "It is open.", body = Empty)),
)]
pub(super) async fn open_name(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<Empty>,
) -> Answer<Empty> {
    caller.session.by_password()?;
    caller.session.administers()?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    names::open(&app, &caller.session, id).await?;
    Ok(Json(Empty {}))
}

/// Revokes a terminal for ever.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/revoke",
    tag = "staff",
    params(("id" = form::Id, Path, description = "The terminal.")),
    request_body = Empty,
    responses((status = 200, description = "Nobody signs in there.", body = Empty)),
)]
pub(super) async fn revoke_terminal(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<Empty>,
) -> Answer<Empty> {
    caller.session.by_password()?;
    let within = caller.session.administers()?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    terminals::revoke(&app, Actor::Staff(caller.session.staff), within, id).await?;
    Ok(Json(Empty {}))
}

/// The terminals within reach, and who signed in there.
#[utoipa::path(
    get,
    path = "/v1/terminals",
    tag = "staff",
    operation_id = "list_terminals",
    responses((status = 200, description = "The own provider's, or the operators' and funders'.", body = Vec<Enrolled>)),
)]
pub(super) async fn terminals(State(app): Shared, caller: Proved<Empty>) -> Answer<Vec<Enrolled>> {
    caller.session.by_password()?;
    let reach = Reach::of(&caller.session)?;
    Ok(Json(terminals::list(&app, reach).await?))
}

/// Revokes the one terminal that people call so.
#[utoipa::path(
    post,
    path = "/v1/terminals/revoke",
    tag = "staff",
    request_body = RevokeLabelled,
    responses((status = 200, description = "It is revoked for ever.", body = TerminalRevoked)),
)]
pub(super) async fn revoke_labelled(
    State(app): Shared,
    caller: Proved<RevokeLabelled>,
) -> Answer<TerminalRevoked> {
    caller.session.by_password()?;
    let reach = Reach::of(&caller.session)?;
    let actor = Actor::Staff(caller.session.staff);
    let label = &caller.body.label;
    let terminal = terminals::revoke_labelled(&app, actor, reach, label).await?;
    Ok(Json(TerminalRevoked { terminal }))
}

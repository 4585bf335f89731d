//! A PIN of a terminal: choosing it, dropping it, logging in by it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use wire::{
    ChoosePin, Empty, KeepPin, LoginFinish, LoginStarted, PinAnswered, PinLoggedIn, PinStart,
};

use super::extract::{Plain, Proved};
use super::json::Json;
use super::prove::Begun;
use crate::access::{pin, pins};
use crate::{App, Refusal};

type Answer<T> = Result<Json<T>, Refusal>;
type Shared = State<Arc<App>>;

/// Begins to choose a PIN for this terminal.
#[utoipa::path(
    post,
    path = "/v1/pin/choose/start",
    tag = "staff",
    operation_id = "choose_pin",
    request_body = ChoosePin,
    responses((status = 200, description = "Nothing is changed yet.", body = PinAnswered)),
)]
pub(super) async fn choose(State(app): Shared, caller: Proved<ChoosePin>) -> Answer<PinAnswered> {
    let answered = pin::choose(&app, &caller.session, caller.id, &caller.body)?;
    Ok(Json(answered))
}

/// Keeps a PIN for this terminal.
#[utoipa::path(
    post,
    path = "/v1/pin/choose/finish",
    tag = "staff",
    operation_id = "keep_pin",
    request_body = KeepPin,
    responses((status = 200, description = "It opens this terminal; the one before does not.", body = Empty)),
)]
pub(super) async fn keep(State(app): Shared, caller: Proved<KeepPin>) -> Answer<Empty> {
    pin::keep(&app, &caller.session, caller.id, &caller.body).await?;
    Ok(Json(Empty {}))
}

/// Drops the PIN of this terminal.
#[utoipa::path(
    post,
    path = "/v1/pin/drop",
    tag = "staff",
    operation_id = "drop_pin",
    request_body = Empty,
    responses((status = 200, description = "No PIN opens it.", body = Empty)),
)]
pub(super) async fn drop_pin(State(app): Shared, caller: Proved<Empty>) -> Answer<Empty> {
    pins::drop_one(&app, caller.session.terminal).await?;
    Ok(Json(Empty {}))
}

/// Begins a log-in with the PIN of a terminal.
#[utoipa::path(
    post,
    path = "/v1/pin/login/start",
    tag = "staff",
    operation_id = "pin_login_start",
    request_body = PinStart,
    responses((status = 200, description = "Of the same shape for terminals that do not exist.", body = LoginStarted)),
)]
pub(super) async fn login_start(
    State(app): Shared,
    Plain(body): Plain<PinStart>,
) -> Answer<LoginStarted> {
    Ok(Json(pin::start(&app, &body).await?))
}

/// Ends a log-in by PIN and begins a session of lesser rights.
#[utoipa::path(
    post,
    path = "/v1/pin/login/finish",
    tag = "staff",
    operation_id = "pin_login_finish",
    request_body = LoginFinish,
    responses((status = 200, description = "The session; the answer bears its first proof.", body = PinLoggedIn)),
)]
pub(super) async fn login_finish(
    State(app): Shared,
    Plain(body): Plain<LoginFinish>,
) -> Result<(Extension<Begun>, Json<PinLoggedIn>), Refusal> {
    let (logged_in, prover) = pin::finish(&app, &body).await?;
    Ok((Extension(Begun(prover)), Json(logged_in)))
}

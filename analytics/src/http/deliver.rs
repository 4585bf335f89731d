//! `POST /v1/statistics/deliver`: the only way for a report into this role; `POST /v1/statistics/registry`: who may report, and from
//! where.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use crypto::token;
use wire::{Deliver, Delivered, Empty, TellRegistry};

use super::problem::Failure;
use crate::{App, intake, registry};

/// Most reports in one delivery.
const DELIVERY_ITEMS: usize = 4_096;

/// Proof that the caller holds the role token. Hashes are compared in constant time.
pub(super) struct IdentityRole;

impl<S: Send + Sync> FromRequestParts<S> for IdentityRole
where
    Arc<App>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let app = Arc::<App>::from_ref(state);
        let text = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = text
            .and_then(|text| text.strip_prefix("Bearer "))
            .ok_or(Failure::Unauthorised)?;
        let hash = token::role_hash(token).map_err(|_| Failure::Unauthorised)?;
        if hash == app.keys.role_token {
            Ok(Self)
        } else {
            Err(Failure::Unauthorised)
        }
    }
}

/// Takes a batch; the answers are in its order.
pub(super) async fn deliver(
    _role: IdentityRole,
    State(app): State<Arc<App>>,
    body: Result<Json<Deliver>, JsonRejection>,
) -> Result<Json<Delivered>, Failure> {
    let Json(body) = body.map_err(|rejection| unread(&rejection))?;
    if body.items.len() > DELIVERY_ITEMS {
        return Err(Failure::TooLarge);
    }
    Ok(Json(Delivered {
        acks: intake::accept(&app, body).await?,
    }))
}

/// Takes what the identity role tells of the registry.
pub(super) async fn tell(
    _role: IdentityRole,
    State(app): State<Arc<App>>,
    body: Result<Json<TellRegistry>, JsonRejection>,
) -> Result<Json<Empty>, Failure> {
    let Json(body) = body.map_err(|rejection| unread(&rejection))?;
    registry::tell(&app, &body).await?;
    Ok(Json(Empty {}))
}

fn unread(rejection: &JsonRejection) -> Failure {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
        _ => Failure::Malformed,
    }
}

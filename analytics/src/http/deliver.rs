//! `POST /v1/statistics/deliver`: the only way for a report into this role; `POST /v1/statistics/registry`: who may report, and from
//! where.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use crypto::token;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Deliver, Delivered, Empty, TellRegistry};

use super::described::role;
use super::problem::Failure;
use crate::{App, intake, registry};

/// Most reports in one delivery.
const DELIVERY_ITEMS: usize = 4_096;

/// Proof that the caller holds the role token. Hashes are compared in constant time.
struct IdentityRole;

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

/// Both routes.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    use Failure::{Malformed, TooLarge, Unauthorised};
    let refused = [Malformed, Unauthorised, TooLarge];
    let delivered = [
        &refused[..],
        &[Failure::EPOCH, Failure::CLOCK, Failure::PROVIDER],
    ]
    .concat();
    let told = [&refused[..], &[Failure::PROVIDER]].concat();
    OpenApiRouter::default()
        .routes(role(routes!(deliver), &delivered))
        .routes(role(routes!(tell), &told))
}

/// Takes a batch of reports.
#[utoipa::path(
    post,
    path = "/v1/statistics/deliver",
    tag = "statistics",
    request_body = Deliver,
    responses((status = 200, description = "In the order of the items.", body = Delivered)),
)]
async fn deliver(
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
#[utoipa::path(
    post,
    path = "/v1/statistics/registry",
    tag = "statistics",
    operation_id = "tell_registry",
    request_body = TellRegistry,
    responses((status = 200, description = "It is known.", body = Empty)),
)]
async fn tell(
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

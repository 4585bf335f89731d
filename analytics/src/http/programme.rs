//! `GET /v1/programme`: since when there are figures, so that everybody can say when the first of them may come.
//!
//! Both facts stand in every release; here they stand before the first of them.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use crypto::day::{Day, Quarter};
use indicators::Indicators;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::form::published;

use super::cached::{Kind, NoParameters, answer};
use super::described::cached;
use super::problem::Failure;
use crate::App;
use crate::error::Error;
use crate::setup;

/// `GET /v1/programme`.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    let malformed = [Failure::Malformed];
    OpenApiRouter::default().routes(cached(routes!(read), &malformed))
}

#[derive(Serialize)]
struct Programme {
    start: Option<Day>,
    first: Option<Quarter>,
}

/// Since when there are figures.
#[utoipa::path(
    get,
    path = "/v1/programme",
    tag = "releases",
    operation_id = "programme",
    responses((status = 200, description = "As the programme was founded.", body = published::Programme)),
)]
async fn read(
    State(app): State<Arc<App>>,
    asked: Result<Query<NoParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    asked.map_err(|_| Failure::Malformed)?;
    let bytes = serde_json::to_vec(&programme(&app).await?);
    Ok(answer(
        Kind::Json,
        &headers,
        bytes.map_err(|_| Failure::Internal)?,
    ))
}

async fn programme(app: &App) -> Result<Programme, Error> {
    let indicators = Indicators::shipped()?;
    let mut tx = app.store.read().await?;
    let facts = setup::read(&mut tx, &indicators).await?;
    Ok(Programme {
        start: facts.start,
        first: setup::first_released(&mut tx, &facts).await?,
    })
}

#[cfg(test)]
mod tests;

//! `GET /v1/ledger`: what releases may still tell about one person, as JSON or as a page.
//!
//! It says how often which table was released and with which budget, all of which follows from public releases; no count of
//! anything about people is in it.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use indicators::Indicators;
use privacy::ledger::View;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::form::{Raw, published};

use super::cached::{Kind, answer};
use super::described::cached;
use super::problem::Failure;
use crate::App;
use crate::error::Error;
use crate::ledger::{self, LedgerError};
use crate::setup;
use exports::ledger_page;

/// `GET /v1/ledger?format=json|html`.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    let malformed = [Failure::Malformed];
    OpenApiRouter::default().routes(cached(routes!(read), &malformed))
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Html,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// As JSON or as a page; JSON when absent.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// What releases may still tell about one person.
#[utoipa::path(
    get,
    path = "/v1/ledger",
    tag = "releases",
    operation_id = "ledger",
    params(Wanted),
    responses((status = 200, description = "The ledger, in nano-rho.", content(
        (published::Ledger = "application/json"),
        (Raw = "text/html"),
    ))),
)]
async fn read(
    State(app): State<Arc<App>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Query(wanted) = wanted.map_err(|_| Failure::Malformed)?;
    let view = view(&app).await?;
    let (kind, bytes) = match wanted.format {
        Format::Json => (Kind::Json, serde_json::to_vec(&view)),
        Format::Html => (Kind::Page, Ok(ledger_page::page(&view))),
    };
    Ok(answer(
        kind,
        &headers,
        bytes.map_err(|_| Failure::Internal)?,
    ))
}

async fn view(app: &App) -> Result<View, Error> {
    let indicators = Indicators::shipped()?;
    let facts = setup::read(&mut app.store.read().await?, &indicators).await?;
    let view = ledger::view(&app.store, facts.budget).await;
    view.map_err(|error| match error {
        LedgerError::Database(error) => error.into(),
        _ => Error::Damaged,
    })
}

#[cfg(test)]
mod tests;

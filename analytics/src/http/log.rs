//! The release log for whoever wants a copy: the file's bytes and their signed head.
//!
//! A copy fetched again only grows. The head is signed when it is asked for; the signature is deterministic, so nothing about the
//! asking is in it. The log may have grown between the two answers: a head of the log's beginning is good too.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::form::{Raw, published};

use super::cached::{Kind, NoParameters, answer};
use super::described::cached;
use super::problem::Failure;
use crate::App;
use crate::blocking::blocking;
use crate::log;
use crate::stored::{self, ReadError};
use release::log::chain::Entries;

/// `GET /v1/releases/log` and `GET /v1/releases/log/head`.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    let malformed = [Failure::Malformed];
    OpenApiRouter::default()
        .routes(cached(routes!(bytes), &malformed))
        .routes(cached(routes!(head), &malformed))
}

/// The release log, byte for byte.
#[utoipa::path(
    get,
    path = "/v1/releases/log",
    tag = "releases",
    operation_id = "release_log",
    responses((status = 200, description = "One JSON object a line; it only grows.", body = Raw, content_type = "application/x-ndjson")),
)]
async fn bytes(
    State(app): State<Arc<App>>,
    asked: Result<Query<NoParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    asked.map_err(|_| Failure::Malformed)?;
    let (bytes, _) = whole(&app).await?;
    Ok(answer(Kind::Lines, &headers, bytes))
}

/// Where the release log ends, signed.
#[utoipa::path(
    get,
    path = "/v1/releases/log/head",
    tag = "releases",
    operation_id = "release_log_head",
    responses((status = 200, description = "Of the log as it is now.", body = published::SignedLogHead)),
)]
async fn head(
    State(app): State<Arc<App>>,
    asked: Result<Query<NoParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    asked.map_err(|_| Failure::Malformed)?;
    let (_, entries) = whole(&app).await?;
    let signed = entries.head().sign(&app.keys.release);
    let bytes = serde_json::to_vec(&signed).map_err(|_| Failure::Internal)?;
    Ok(answer(Kind::Json, &headers, bytes))
}

async fn whole(app: &App) -> Result<(Vec<u8>, Entries), Failure> {
    let read = async {
        let stored = stored::held(&app.store).await?;
        let folder = app.log_dir.clone();
        let (bytes, entries) = blocking(move || log::whole(&folder)).await??;
        stored::heard(&entries, &stored)?;
        Ok((bytes, entries))
    };
    let read: Result<_, ReadError> = read.await;
    Ok(read?)
}

#[cfg(test)]
mod tests;

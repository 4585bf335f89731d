//! The release log for whoever wants a copy: the file's bytes and their signed head.
//!
//! A copy fetched again only grows. The head is signed when it is asked for; the signature is deterministic, so nothing about the
//! asking is in it. The log may have grown between the two answers: a head of the log's beginning is good too.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::cached::{Kind, NoParameters, answer};
use super::problem::Failure;
use crate::App;
use crate::blocking::blocking;
use crate::log;
use crate::stored::{self, ReadError};
use release::log::chain::Entries;

/// `GET /v1/releases/log` and `GET /v1/releases/log/head`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/releases/log", get(bytes))
        .route("/v1/releases/log/head", get(head))
}

async fn bytes(
    State(app): State<Arc<App>>,
    asked: Result<Query<NoParameters>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    asked.map_err(|_| Failure::Malformed)?;
    let (bytes, _) = whole(&app).await?;
    Ok(answer(Kind::Lines, &headers, bytes))
}

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

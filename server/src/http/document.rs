//! The description of the interface that this process serves (OpenAPI 3.1), at `GET /v1/openapi.json`.
//!
//! **Model.** Every route brings its description with it; what is served here is what was merged. It is written once, when the process
//! starts, and is the same for everybody until the next start; its hash is its entity tag. Refusals that are said alike are said once,
//! as `components/responses`.
//!
//! **Limits.** It says the form of what is sent, not its meaning: that is docs/protocol.md.

mod shared;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crypto::{digest, hex};
use serde_json::Value;
use utoipa::openapi::{Info, License, OpenApi};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::Problem;
use wire::form;

use crate::error::Failure;

const ABOUT: &str = "Cards, records and statistics of a programme. Bytes are base64url without padding, ids 32 lower-case hexadecimal \
     digits, days YYYY-MM-DD. Unknown fields of a request are refused; unknown fields of an answer are to be ignored. Refusals are \
     problem+json (RFC 9457) with fixed texts. What the fields mean, and how proofs are made, is said in docs/protocol.md.";

/// The bytes, and their entity tag in quotation marks.
#[derive(Clone)]
struct Written {
    bytes: Bytes,
    tag: HeaderValue,
}

/// Adds the description of some routes to them.
///
/// # Errors
/// [`Failure`] when it cannot be written.
pub(crate) fn served(interface: OpenApiRouter) -> Result<Router, Failure> {
    let (own, api) = described().split_for_parts();
    let (routes, all) = interface.split_for_parts();
    let written = write(all.merge_from(api))?;
    Ok(routes.merge(own.with_state(written)))
}

/// The one route of this file.
fn described() -> OpenApiRouter<Written> {
    let (schemas, mut paths, methods) = routes!(document);
    form::operations(&mut paths).for_each(form::tagged);
    OpenApiRouter::default().routes((schemas, paths, methods))
}

fn write(mut api: OpenApi) -> Result<Written, Failure> {
    let cannot = |e: &dyn std::fmt::Display| Failure::of("the description of the interface", e);
    let mut info = Info::new("Payung", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut license = License::new("Apache License 2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    api.info = info;
    let schemas = &mut api.components.get_or_insert_default().schemas;
    schemas.insert(Problem::name().into_owned(), Problem::schema());
    let mut whole: Value = serde_json::to_value(&api).map_err(|e| cannot(&e))?;
    shared::refusals(&mut whole);
    shared::plain(&mut whole);
    let bytes = Bytes::from(serde_json::to_vec(&whole).map_err(|e| cannot(&e))?);
    let tag = format!("\"{}\"", hex::encode(&digest::hash(&bytes)));
    let tag = HeaderValue::from_str(&tag).map_err(|e| cannot(&e))?;
    Ok(Written { bytes, tag })
}

/// The description of the interface.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "health",
    operation_id = "openapi",
    responses((status = 200, description = "This document.", body = form::Document)),
)]
async fn document(State(written): State<Written>, asked: HeaderMap) -> Response {
    let kept = [
        (header::ETAG, written.tag.clone()),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, no-cache"),
        ),
    ];
    if shown(&asked, &written.tag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kept, kind, written.bytes).into_response()
}

/// Whether the reader has these bytes, as `If-None-Match` says it (RFC 9110, section 13.1.2).
fn shown(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter();
    let tags = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|one| one.trim().trim_start_matches("W/"));
    tags.into_iter().any(|one| one == "*" || one == tag)
}

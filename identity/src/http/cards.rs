//! Blanks, evaluation, envelopes, status.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use crypto::b64::Fixed;
use crypto::card::Commitment;
use wire::form;
use wire::{
    BUCKETS_TYPE, Blank, BlanksSigned, DeleteEnvelope, Empty, EnvelopeDigests, Evaluate, Evaluated,
    FetchBuckets, PutEnvelope, ReplaceEnvelope, RevokeCard, STATUS_LIST_TYPE, SignBlanks,
};

use super::extract::{Proved, Segment};
use super::json::Json;
use crate::cards::envelopes;
use crate::cards::{blanks, buckets, evaluate, status};
use crate::memory::changes::Done;
use crate::{App, Refusal};

type Answer<T> = Result<Json<T>, Refusal>;
type Shared = State<Arc<App>>;

/// Signs blanks of cards.
#[utoipa::path(
    post,
    path = "/v1/blanks",
    tag = "cards",
    operation_id = "sign_blanks",
    request_body = SignBlanks,
    responses((status = 200, description = "In the order of the commitments.", body = BlanksSigned)),
)]
pub(super) async fn blanks(State(app): Shared, caller: Proved<SignBlanks>) -> Answer<BlanksSigned> {
    caller.session.by_password()?;
    let SignBlanks {
        commitments,
        expiry,
    } = caller.body;
    let commitments: Vec<_> = commitments
        .iter()
        .map(|it| Commitment::from_bytes(it.0))
        .collect();
    let signed = blanks::sign_for(&app, &caller.session, &commitments, expiry).await?;
    let blanks = signed
        .iter()
        .map(|blank| Blank {
            signed: Fixed(*blank.as_bytes()),
        })
        .collect();
    Ok(Json(BlanksSigned { blanks }))
}

/// Evaluates blinded elements.
#[utoipa::path(
    post,
    path = "/v1/evaluate",
    tag = "cards",
    request_body = Evaluate,
    responses((status = 200, description = "In the order of the items.", body = Evaluated)),
)]
pub(super) async fn evaluate(State(app): Shared, caller: Proved<Evaluate>) -> Answer<Evaluated> {
    Ok(Json(
        evaluate::evaluate(&app, &caller.session, caller.body.items).await?,
    ))
}

/// The digests of all buckets of envelopes.
#[utoipa::path(
    get,
    path = "/v1/envelopes/digests",
    tag = "cards",
    operation_id = "envelope_digests",
    responses((status = 200, description = "One for each bucket.", body = EnvelopeDigests)),
)]
pub(super) async fn digests(State(app): Shared, caller: Proved<Empty>) -> Answer<EnvelopeDigests> {
    caller.session.provider()?;
    Ok(Json(buckets::digests(&app).await?))
}

/// Whole buckets of envelopes.
#[utoipa::path(
    post,
    path = "/v1/envelopes/buckets",
    tag = "cards",
    operation_id = "fetch_buckets",
    request_body = FetchBuckets,
    responses((status = 200, description = "The bits that are allowed now (1 byte), then for each bucket its number of envelopes (4 bytes, big endian) and the envelopes.", body = form::Raw, content_type = "application/octet-stream")),
)]
pub(super) async fn buckets(
    State(app): Shared,
    caller: Proved<FetchBuckets>,
) -> Result<Response, Refusal> {
    caller.session.provider()?;
    let answer = buckets::fetch(&app, &caller.body).await?;
    Ok(([(header::CONTENT_TYPE, BUCKETS_TYPE)], answer).into_response())
}

/// Puts an envelope.
#[utoipa::path(
    put,
    path = "/v1/envelopes/{id}",
    tag = "cards",
    operation_id = "put_envelope",
    params(("id" = form::Id, Path, description = "The envelope.")),
    request_body = PutEnvelope,
    responses(
        (status = 200, description = "The same bytes are there already.", body = Empty),
        (status = 201, description = "It is there.", body = Empty),
    ),
)]
pub(super) async fn put(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<PutEnvelope>,
) -> Result<Response, Refusal> {
    let id = id.parse().map_err(|_| Refusal::Malformed)?;
    let done = envelopes::put(&app, &caller.session, id, &caller.body).await?;
    Ok((status_of(done), Json(Empty {})).into_response())
}

/// Deletes one envelope and puts another: both, or none.
#[utoipa::path(
    post,
    path = "/v1/envelopes/replace",
    tag = "cards",
    operation_id = "replace_envelope",
    request_body = ReplaceEnvelope,
    responses(
        (status = 200, description = "This very replacement was done before.", body = Empty),
        (status = 201, description = "It is done.", body = Empty),
    ),
)]
pub(super) async fn replace(
    State(app): Shared,
    caller: Proved<ReplaceEnvelope>,
) -> Result<Response, Refusal> {
    let done = envelopes::replace(&app, &caller.session, &caller.body).await?;
    Ok((status_of(done), Json(Empty {})).into_response())
}

const fn status_of(done: Done) -> StatusCode {
    match done {
        Done::Created => StatusCode::CREATED,
        Done::Same | Done::Deleted | Done::Gone => StatusCode::OK,
    }
}

/// Deletes an envelope for ever.
#[utoipa::path(
    delete,
    path = "/v1/envelopes/{id}",
    tag = "cards",
    operation_id = "delete_envelope",
    params(("id" = form::Id, Path, description = "The envelope.")),
    request_body = DeleteEnvelope,
    responses((status = 204, description = "It is gone.")),
)]
pub(super) async fn delete(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<DeleteEnvelope>,
) -> Result<StatusCode, Refusal> {
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    envelopes::delete(&app, &caller.session, id, &caller.body.delete_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws a card that was read.
#[utoipa::path(
    post,
    path = "/v1/status/revoke",
    tag = "cards",
    operation_id = "withdraw_card",
    request_body = RevokeCard,
    responses((status = 202, description = "Whatever was given. Whether a card is withdrawn is said by the status list.", body = Empty)),
)]
pub(super) async fn revoke(
    State(app): Shared,
    caller: Proved<RevokeCard>,
) -> Result<(StatusCode, Json<Empty>), Refusal> {
    status::revoke(&app, &caller.session, &caller.body).await?;
    Ok((StatusCode::ACCEPTED, Json(Empty {})))
}

/// Which cards are withdrawn.
#[utoipa::path(
    get,
    path = "/v1/status-list",
    tag = "cards",
    responses((status = 200, description = "A signed status list of the day.", body = form::Raw, content_type = "application/statuslist+cwt")),
)]
pub(super) async fn status_list(State(app): Shared, _: Proved<Empty>) -> Result<Response, Refusal> {
    let token = status::token(&app).await?;
    Ok(([(header::CONTENT_TYPE, STATUS_LIST_TYPE)], token.to_vec()).into_response())
}

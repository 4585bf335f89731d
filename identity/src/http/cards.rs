//! Blanks, evaluation, envelopes, status.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use crypto::b64::Fixed;
use crypto::card::Commitment;
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

pub(super) async fn blanks(State(app): Shared, caller: Proved<SignBlanks>) -> Answer<BlanksSigned> {
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

pub(super) async fn evaluate(State(app): Shared, caller: Proved<Evaluate>) -> Answer<Evaluated> {
    Ok(Json(
        evaluate::evaluate(&app, &caller.session, caller.body.items).await?,
    ))
}

pub(super) async fn digests(State(app): Shared, caller: Proved<Empty>) -> Answer<EnvelopeDigests> {
    caller.session.provider()?;
    Ok(Json(buckets::digests(&app).await?))
}

pub(super) async fn buckets(
    State(app): Shared,
    caller: Proved<FetchBuckets>,
) -> Result<Response, Refusal> {
    caller.session.provider()?;
    let answer = buckets::fetch(&app, &caller.body).await?;
    Ok(([(header::CONTENT_TYPE, BUCKETS_TYPE)], answer).into_response())
}

pub(super) async fn put(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<PutEnvelope>,
) -> Result<Response, Refusal> {
    let id = id.parse().map_err(|_| Refusal::Malformed)?;
    let done = envelopes::put(&app, &caller.session, id, &caller.body).await?;
    Ok((status_of(done), Json(Empty {})).into_response())
}

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

pub(super) async fn delete(
    State(app): Shared,
    Segment(id): Segment,
    caller: Proved<DeleteEnvelope>,
) -> Result<StatusCode, Refusal> {
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    envelopes::delete(&app, &caller.session, id, &caller.body.delete_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn revoke(
    State(app): Shared,
    caller: Proved<RevokeCard>,
) -> Result<(StatusCode, Json<Empty>), Refusal> {
    status::revoke(&app, &caller.session, &caller.body).await?;
    Ok((StatusCode::ACCEPTED, Json(Empty {})))
}

pub(super) async fn status_list(State(app): Shared, _: Proved<Empty>) -> Result<Response, Refusal> {
    let token = status::token(&app).await?;
    Ok(([(header::CONTENT_TYPE, STATUS_LIST_TYPE)], token.to_vec()).into_response())
}

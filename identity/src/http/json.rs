//! Answers as JSON, written where nothing of them stays behind.

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use crypto::json;
use serde::Serialize;

use crate::Refusal;

/// An answer with a body. It may hold a secret (wrap keys): its bytes are wiped when they are sent.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match json::write(&self.0) {
            Ok(body) => {
                let kind = [(header::CONTENT_TYPE, "application/json")];
                (kind, Body::from(Bytes::from_owner(body))).into_response()
            }
            Err(_) => Refusal::Internal.into_response(),
        }
    }
}

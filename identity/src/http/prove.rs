//! Around every route: a request that claims a session must prove it, and its answer is proved in turn.
//!
//! The session is found before the body is read and again after it, because it may have ended meanwhile; the MAC is checked
//! over the body, then the number is taken. From there on the handler runs to its end, also when the caller goes away, and
//! whatever the handler answers, refusals too, leaves with a MAC: one for each number. A request that claims nothing
//! passes, and finds registration and log-in open and everything else closed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use crypto::request::{self, LOGIN};
use utoipa_axum::router::OpenApiRouter;
use wire::proof::mac_text;
use wire::{ANSWER_HEADER, REQUEST_HEADER, RequestProof};

use super::extract::{Taken, bytes};
use crate::access::session::Prover;
use crate::{App, Refusal};

/// On the answer that ends a log-in: the session that begins with it.
#[derive(Clone)]
pub(super) struct Begun(pub(super) Arc<Prover>);

/// Wraps routes whose handlers ask for [`super::Proved`]. Another method than theirs is refused, and that is proved too.
pub fn proved(app: Arc<App>, routes: OpenApiRouter<Arc<App>>) -> OpenApiRouter<Arc<App>> {
    let (routes, api) = routes.split_for_parts();
    let routes = routes.method_not_allowed_fallback(|| async { Refusal::Method });
    let mut wrapped: OpenApiRouter<_> = routes
        .layer(middleware::from_fn_with_state(app, prove))
        .into();
    *wrapped.get_openapi_mut() = api;
    wrapped
}

async fn prove(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(REQUEST_HEADER) {
        let mut answer = to_its_end(next, request).await;
        return match answer.extensions_mut().remove::<Begun>() {
            Some(Begun(prover)) => sealed(&prover, LOGIN, answer).await,
            None => answer,
        };
    }
    match take(&app, request).await {
        Ok((request, prover, number)) => {
            sealed(&prover, number, to_its_end(next, request).await).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Runs the handler in a task of its own: what comes after a commit (a session that ends with its revocation) must not hang
/// on whether the caller still listens.
async fn to_its_end(next: Next, request: Request) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => Refusal::Internal.into_response(),
    }
}

/// Checks the proof of a request and takes its number; what is left goes to the handler.
async fn take(app: &Arc<App>, request: Request) -> Result<(Request, Arc<Prover>, u64), Refusal> {
    let proof = claimed(request.headers()).ok_or(Refusal::Unauthorised)?;
    let live = || {
        let found = app.sessions.find(&proof.session, app.clock.unix_seconds());
        found.ok_or(Refusal::Unauthorised)
    };
    // The session first: who names none does not get a body read.
    live()?;
    let (mut parts, body) = request.into_parts();
    let mut bare = Request::new(body);
    // The limit of a body is kept there.
    *bare.extensions_mut() = parts.extensions.clone();
    let body = bytes(bare, app).await?;
    // Whatever took its time meanwhile, a session that has ended takes no request.
    let live = live()?;
    let asked = request::Request {
        session: &proof.session,
        number: proof.number,
        method: parts.method.as_str(),
        target: parts.uri.path_and_query().map_or("/", PathAndQuery::as_str),
        body: &body,
    };
    live.prover.take(&asked, &proof.mac)?;
    parts.extensions.insert(Taken {
        session: live.session,
        id: proof.session,
        body,
    });
    let request = Request::from_parts(parts, Body::empty());
    Ok((request, live.prover, proof.number))
}

/// Exactly one header of the right form.
fn claimed(headers: &HeaderMap) -> Option<RequestProof> {
    let mut all = headers.get_all(REQUEST_HEADER).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return None;
    };
    one.to_str().ok()?.parse().ok()
}

/// The answer with its MAC.
async fn sealed(prover: &Prover, number: u64, answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    // Every answer of this role is in memory already.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Refusal::Internal.into_response();
    };
    let mac = prover.answer(number, parts.status.as_u16(), &body);
    if let Ok(value) = HeaderValue::from_str(&mac_text(&mac)) {
        parts.headers.insert(ANSWER_HEADER, value);
    }
    Response::from_parts(parts, Body::from(body))
}

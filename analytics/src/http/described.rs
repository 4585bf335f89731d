//! What the description of the interface says of a route beside its handler: who may call it, and why it is refused.
//!
//! Every answer of a build with debug assertions is held against what was said here: a handler that answers otherwise fails each test
//! that sees it.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use wire::form::{self, Answers};

use super::problem::Failure;

/// The scheme of the token that the identity role holds.
const ROLE: &str = "role";

/// A route for the identity role. It also refuses for these reasons.
pub(super) fn role<S>(route: UtoipaMethodRouter<S>, also: &[Failure]) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let token = SecurityRequirement::new(ROLE, [""; 0]);
    described(route, Some(&token), also)
}

/// A route for everybody, whose answers have an entity tag. It also refuses for these reasons.
pub(super) fn cached<S>(
    (schemas, mut paths, methods): UtoipaMethodRouter<S>,
    also: &[Failure],
) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    form::operations(&mut paths).for_each(form::tagged);
    open((schemas, paths, methods), also)
}

/// A route for everybody. It also refuses for these reasons.
pub(super) fn open<S>(route: UtoipaMethodRouter<S>, also: &[Failure]) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    described(route, None, also)
}

fn described<S>(
    (schemas, mut paths, methods): UtoipaMethodRouter<S>,
    token: Option<&SecurityRequirement>,
    also: &[Failure],
) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let always = [Failure::Internal, Failure::Unavailable];
    for operation in form::operations(&mut paths) {
        let all = always.iter().chain(also);
        form::refuse(operation, all.map(|one| one.refused()));
        operation.security = token.map(|one| vec![one.clone()]);
    }
    let answers = Answers::of(&paths);
    let route = (schemas, paths, methods);
    match cfg!(debug_assertions) {
        true => route.layer(from_fn_with_state(answers, hold)),
        false => route,
    }
}

/// Says what the role token is.
pub(super) fn with_scheme(api: &mut OpenApi) {
    let said = "The token of the identity role, `pyr_..`. Nobody else has it.";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer = bearer.description(Some(said)).build();
    let components = api.components.get_or_insert_default();
    components.add_security_scheme(ROLE, SecurityScheme::Http(bearer));
}

async fn hold(State(answers): State<Answers>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let answer = next.run(request).await;
    let status = answer.status();
    debug_assert!(
        answers.tell(method.as_str(), status.as_u16()),
        "the description lacks an answer: {method}, {status}"
    );
    answer
}

//! What the description of the interface says of a route beside its handler: who may call it, and why it is refused.
//!
//! The refusals are this room's own, so that status, type and sentence are what a caller gets. Every answer of a build with debug
//! assertions is held against what was said here: a handler that answers otherwise fails each test that sees it.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use store::DbError;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::Operation;
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, Ref, RefOr, Required};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use wire::form::{self, Answers, Refused};
use wire::{ANSWER_HEADER, REQUEST_HEADER};

use crate::Refusal;
use crate::error::DAY_WAIT;

/// The scheme of what a session proves.
const SESSION: &str = "session";

/// A limit of the terminal or of a name.
pub(super) const LIMIT: Refusal = Refusal::Limit {
    retry_after: DAY_WAIT,
};

/// Why any route may refuse a request.
const ALWAYS: [Refusal; 6] = [
    Refusal::Malformed,
    Refusal::Unauthorised,
    Refusal::Repeated,
    Refusal::TooLarge,
    Refusal::Internal,
    Refusal::Database(DbError::Unavailable),
];

/// A route for whoever proves a session. It also refuses for these reasons.
pub fn session<S>(route: UtoipaMethodRouter<S>, also: &[Refusal]) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let proved = SecurityRequirement::new(SESSION, [""; 0]);
    described(route, Some(&proved), also)
}

/// A route for everybody. It also refuses for these reasons.
pub(super) fn open<S>(route: UtoipaMethodRouter<S>, also: &[Refusal]) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    described(route, None, also)
}

fn described<S>(
    (schemas, mut paths, methods): UtoipaMethodRouter<S>,
    proved: Option<&SecurityRequirement>,
    also: &[Refusal],
) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    for operation in form::operations(&mut paths) {
        form::refuse(operation, ALWAYS.iter().chain(also).map(refused));
        operation.security = proved.map(|one| vec![one.clone()]);
        answers_are_proved(operation);
        empty_may_be_absent(operation);
    }
    let answers = Answers::of(&paths);
    let route = (schemas, paths, methods);
    match cfg!(debug_assertions) {
        true => route.layer(from_fn_with_state(answers, hold)),
        false => route,
    }
}

fn refused(refusal: &Refusal) -> Refused {
    Refused {
        status: refusal.status(),
        slug: refusal.slug(),
        title: refusal.title(),
    }
}

fn answers_are_proved(operation: &mut Operation) {
    for answer in operation.responses.responses.values_mut() {
        if let RefOr::T(answer) = answer {
            let mut mac = Header::new(Ref::from_schema_name("Bytes32"));
            mac.description =
                Some("The answer's MAC, where a session proved the request.".to_owned());
            answer
                .headers
                .insert(ANSWER_HEADER.to_owned(), RefOr::T(mac));
        }
    }
}

/// An empty body is read as `{}`.
fn empty_may_be_absent(operation: &mut Operation) {
    let empty = RefOr::Ref(Ref::from_schema_name("Empty"));
    if let Some(RefOr::T(RequestBody {
        content, required, ..
    })) = &mut operation.request_body
    {
        let bare = content.values().any(|one| match one {
            RefOr::T(one) => one.schema.as_ref() == Some(&empty),
            RefOr::Ref(_) => false,
        });
        if bare {
            *required = Some(Required::False);
        }
    }
}

/// Says how a session is proved.
pub(super) fn with_scheme(api: &mut OpenApi) {
    let said = "A session's proof of exactly this request: `<session>.<number>.<MAC>`, 32 lower-case hexadecimal digits, a decimal \
         number from 1 on that was not used before, and 32 bytes as base64url without padding.";
    let key = ApiKey::Header(ApiKeyValue::with_description(REQUEST_HEADER, said));
    let components = api.components.get_or_insert_default();
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(key));
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

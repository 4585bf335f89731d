//! Headers of every answer: nothing may be loaded from elsewhere, cached by proxies or framed.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// What pages may load, for answers that do not bring a policy of their own (the page of a release brings a tighter one).
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

const ALWAYS: [(HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(), microphone=()",
    ),
];

/// Wraps a router with the headers. How large a body may be is each room's own affair, so that its refusal has the form
/// of all others.
pub(crate) fn wrap(router: Router) -> Router {
    let otherwise =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let router = router
        .layer(otherwise(header::CACHE_CONTROL, "no-store"))
        .layer(otherwise(header::CONTENT_SECURITY_POLICY, POLICY));
    ALWAYS.into_iter().fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(
            name,
            HeaderValue::from_static(value),
        ))
    })
}

//! Headers of every answer: nothing may be loaded from elsewhere, cached by proxies or framed.
//!
//! **One policy.** Every answer of the origin, pages and errors and exports alike, bears the same content security policy byte for byte, so
//! that none is the weak one. The pages of a release and of the ledger bring their style inside, so that a copy on a disk looks
//! right; the policy names it by its hash. Such a page says a narrower policy of itself besides, and that holds on a disk too.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// What pages may load. The hashes are of the style of a release's page and of the ledger's; a test makes them again.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' \
     'sha256-97dXbLyExz8LvcO0vMJg7UjB4jfBcqgnIIiYGjPYzD0=' 'sha256-vQ/88PAimUmzOByZtCLdWeYirSu9d0ftvhk6CB8vesk='; \
     img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
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
    let uncached = HeaderValue::from_static("no-store");
    let uncached = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, uncached);
    let router = router.layer(uncached);
    ALWAYS.into_iter().fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(
            name,
            HeaderValue::from_static(value),
        ))
    })
}

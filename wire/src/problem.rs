//! Errors as the interface tells them (RFC 9457): a stable type, a fixed sentence, never an echo of the input.

use serde::{Deserialize, Serialize};

/// Media type of an error.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// What every problem's `type` begins with.
pub const PROBLEM_PREFIX: &str = "urn:payung:problem:";

/// The request is not what the interface expects (400).
pub const MALFORMED: &str = "malformed";
/// Not logged in, session over, proof wrong, or log-in failed (401).
pub const UNAUTHORISED: &str = "unauthorised";
/// This role or provider may not do that (403).
pub const FORBIDDEN: &str = "forbidden";
/// No such thing, or a wrong token for it (404).
pub const NOT_FOUND: &str = "not-found";
/// The address takes other methods (405); they are in `Allow`.
pub const METHOD: &str = "method";
/// The number of this request was used before, or is too old: nothing was done, make a new one (409).
pub const REPEATED: &str = "repeated";
/// Something else exists under this id or name (409).
pub const CONFLICT: &str = "conflict";
/// The delivery was made under another epoch of the statistics key than the store's: nothing was taken (409).
pub const EPOCH: &str = "epoch";
/// The store's clock is behind, or too far ahead to be believed: nothing was taken (409).
pub const CLOCK: &str = "clock";
/// The delivery contradicts what the store has pinned of a provider: its report key, or whose a site is (409).
pub const PROVIDER: &str = "provider";
/// The invitation is unknown, used or over (403).
pub const INVITATION: &str = "invitation";
/// The log-in name is taken: choose another, the invitation stays good (409).
pub const HANDLE_TAKEN: &str = "handle-taken";
/// The body is larger than the interface takes (413).
pub const TOO_LARGE: &str = "too-large";
/// A group element or sealed value has a shape that cannot be honest (422).
pub const BAD_VALUE: &str = "bad-value";
/// A limit of this terminal or name is reached; see `Retry-After` (429).
pub const LIMIT: &str = "limit";
/// Too many wrong passwords in a row: an administrator opens the name again (423).
pub const LOCKED: &str = "locked";
/// No PIN opens this terminal any more, or none ever did (410).
pub const NO_PIN: &str = "no-pin";
/// A PIN is not enough for this, or not any more today: log in with the password (403).
pub const PASSWORD_NEEDED: &str = "password-needed";
/// The provider has done as much today as it may; an operator can raise the limit for the day (429).
pub const PROVIDER_LIMIT: &str = "provider-limit";
/// The whole programme has done as much today as it may (429).
pub const PROGRAMME_LIMIT: &str = "programme-limit";
/// A quarter cannot close yet (409).
pub const CLOSING_EARLY: &str = "closing-early";
/// Another quarter closes first (409).
pub const CLOSING_ORDER: &str = "closing-order";
/// The quarter is closed (409).
pub const CLOSING_CLOSED: &str = "closing-closed";
/// Reports that count in the quarter were not delivered yet (409).
pub const CLOSING_UNDELIVERED: &str = "closing-undelivered";
/// The year's privacy budget does not cover the quarter (409).
pub const CLOSING_BUDGET: &str = "closing-budget";
/// What would be published is not what was read (409).
pub const CLOSING_CHANGED: &str = "closing-changed";
/// Nobody proposed the closing, or too long ago (409).
pub const CLOSING_NOT_PROPOSED: &str = "closing-not-proposed";
/// Another operator proposed just that (409).
pub const CLOSING_PROPOSED: &str = "closing-proposed";
/// Whoever proposed a closing cannot confirm it (409).
pub const CLOSING_SAME_PERSON: &str = "closing-same-person";
/// Whoever was invited when it was proposed, or later, cannot confirm it (409).
pub const CLOSING_NEW_PERSON: &str = "closing-new-person";
/// The quarter can be closed on the service's computer only (409).
pub const CLOSING_HOST: &str = "closing-host";
/// The service failed; try again later (500).
pub const INTERNAL: &str = "internal";
/// The service is busy or its database away; try again (503).
pub const UNAVAILABLE: &str = "unavailable";

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:payung:problem:<slug>`; stable, made for programs.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^urn:payung:problem:[a-z-]+$"))]
    pub kind: String,
    /// One fixed sentence for people.
    pub title: String,
    /// HTTP status.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// What to do about it, fixed text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// The slug of the type; the whole type when it is of another family.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.kind.strip_prefix(PROBLEM_PREFIX).unwrap_or(&self.kind)
    }
}

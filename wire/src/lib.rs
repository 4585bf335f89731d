//! All that comes in from outside: the JSON of the HTTP interface (under `/v1`), its problems, and the rows of a CSV file.
//!
//! Service and terminal share these shapes.
//!
//! Bytes are base64url without padding, ids 32 lower-case hexadecimal digits, days YYYY-MM-DD. Unknown fields of a
//! request are refused, unknown fields of an answer are ignored, so that an older terminal can talk to a newer service.
//! Errors are problem+json (RFC 9457), see [`problem`].
#![forbid(unsafe_code)]

pub mod access;
pub mod cards;
pub mod method;
pub mod problem;
pub mod proof;
pub mod records;
pub mod registry;
pub mod rows;

pub use access::*;
pub use cards::*;
pub use method::Method;
pub use problem::Problem;
pub use proof::{ANSWER_HEADER, REQUEST_HEADER, RequestProof};
pub use records::*;
pub use registry::*;

use serde::{Deserialize, Serialize};

/// A body or answer without content: `{}`. An empty body is read as the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Header that carries a terminal's signature over a request, base64url of 64 bytes.
pub const SIGNATURE_HEADER: &str = "payung-signature";

/// What a terminal signs for every request with `TerminalKey::sign_request`:
/// `method || " " || target || "\n" || BLAKE3(body) || session token hash`.
///
/// `method` is upper case; `target` is path and query as sent (`/v1/roster?after=3`); an absent body counts as empty;
/// `token_hash` is the hash of the bearer token as the service stores it.
#[must_use]
pub fn request_message(method: &str, target: &str, body: &[u8], token_hash: &[u8; 32]) -> Vec<u8> {
    let mut message = Vec::with_capacity(method.len() + target.len() + 66);
    message.extend_from_slice(method.as_bytes());
    message.push(b' ');
    message.extend_from_slice(target.as_bytes());
    message.push(b'\n');
    message.extend_from_slice(&crypto::digest::hash(body));
    message.extend_from_slice(token_hash);
    message
}

/// What a terminal signs at the end of a log-in with `TerminalKey::sign_login`: `attempt || ke3`.
#[must_use]
pub fn login_message(attempt: &crypto::id::AttemptId, ke3: &[u8; 64]) -> Vec<u8> {
    [&attempt.as_bytes()[..], &ke3[..]].concat()
}

#[cfg(test)]
mod tests;

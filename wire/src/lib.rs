//! All that comes in from outside: the JSON of the HTTP interface (under `/v1`), its problems, the rows of a CSV file, and what
//! people type.
//!
//! Service and terminal share these shapes.
//!
//! Bytes are base64url without padding, ids 32 lower-case hexadecimal digits, days YYYY-MM-DD. Unknown fields of a
//! request are refused, unknown fields of an answer are ignored, so that an older terminal can talk to a newer service.
//! Errors are problem+json (RFC 9457), see [`problem`].
#![forbid(unsafe_code)]

pub mod access;
pub mod allowances;
pub mod buckets;
pub mod cards;
pub mod closing;
mod composed;
pub mod edited;
#[cfg(feature = "openapi")]
pub mod form;
pub mod method;
pub mod pin;
pub mod problem;
pub mod proof;
pub mod records;
pub mod registry;
pub mod rows;
pub mod trust;
pub mod typed;
pub mod upkeep;

pub use access::*;
pub use allowances::*;
pub use buckets::{BUCKETS_TYPE, Bucket, ENVELOPE_BYTES, Fetched, Prefix};
pub use cards::*;
pub use closing::*;
pub use method::Method;
pub use pin::*;
pub use problem::Problem;
pub use proof::{ANSWER_HEADER, REQUEST_HEADER, RequestProof};
pub use records::*;
pub use registry::*;
pub use trust::*;
pub use upkeep::*;

use serde::{Deserialize, Serialize};

/// A body or answer without content: `{}`. An empty body is read as the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Empty {}

#[cfg(test)]
mod tests;

//! What the integration tests share: a whole programme in a temporary folder, on either database.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failure must stop the test"
)]

pub mod adversary;
pub mod forensic;
pub mod heard;
pub mod schema;
pub mod search;
pub mod world;

pub use world::World;

/// Counts everybody's events in the statistics database: each takes 36 bytes of a history, and the codes of one person's
/// results less than 31 together.
pub const EVENTS: &str =
    "SELECT CAST(COALESCE(SUM(length(history) / 36), 0) AS BIGINT) FROM person";

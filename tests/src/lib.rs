//! What the integration tests share: a whole programme in a temporary folder, on either database.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failure must stop the test"
)]

pub mod adversary;
pub mod search;
pub mod world;

pub use world::World;

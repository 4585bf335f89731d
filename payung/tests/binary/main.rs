//! The real binary, which the test build has made, as a process of its own.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure must stop the test"
)]

mod audit;
#[cfg(unix)]
mod held;
#[cfg(unix)]
mod serve;

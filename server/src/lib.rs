//! The service: a data folder with its keys, the two roles opened on it, served, and joined by HTTP.
//!
//! This is the only room that knows both `identity` and `analytics` and runs them: the forwarder takes sealed, shuffled items
//! from the one and posts them to the other. The command line, the demo, the tests and the benchmark start the same service
//! from here, in process; nothing here prints or asks.
#![forbid(unsafe_code)]

mod closing;
pub mod connections;
pub mod datadir;
pub mod error;
pub mod forward;
pub mod found;
mod http;
pub mod local;
pub mod open;
pub mod options;
pub mod pages;
mod place;
pub mod pull;
pub mod service;
pub mod settings;
mod stamp;
pub mod upkeep;

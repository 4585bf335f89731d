//! What a terminal does, as a library: enrol, sign in, present a card, record
//! a visit, synchronise, issue and replace cards, administer a provider.
//!
//! The order of a day: [`login::sign_in`] opens the state file; [`status`]
//! fetches the status list; [`present::present`] turns a scan into a verdict and
//! a [`present::Person`]; [`local::Local::record`] queues what happened;
//! [`local::Local::sync`] sends and reads; [`state::StateFile::save`] keeps it.
//! The service is never told which card, which client or which report: see the
//! modules for what each hides and from whom.
//!
//! Randomness and the day are arguments; nothing is printed or logged. This
//! crate knows the protocol and HTTP, never the server's code.
#![forbid(unsafe_code)]

pub mod admin;
mod bucket;
mod calls;
pub mod device;
pub mod enroll;
pub mod error;
mod evaluate;
#[cfg(test)]
mod flow;
pub mod http;
pub mod issue;
pub mod local;
pub mod login;
pub mod present;
pub mod queue;
pub mod report;
pub mod roster;
pub mod rules;
pub mod session;
mod staff_key;
pub mod state;
pub mod status;

pub use error::Error;
pub use http::{Connection, Options};
pub use local::Local;
pub use session::Session;

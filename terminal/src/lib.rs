//! What a terminal does, as a library: enrol, sign in, present a card, record
//! a visit, synchronise, issue and replace cards, administer a provider.
//!
//! The order of a day: [`login`] opens what the terminal keeps ([`state`]);
//! [`status`] fetches the status list, [`envelopes`] every envelope that changed; [`present::present`] turns a scan into a
//! verdict and a [`present::Person`]; [`local::Local::record`] queues what
//! happened; [`local::Local::sync`] sends and reads; [`state::Open::save`] keeps
//! it. The service is never told which card, which client or which report: see
//! the modules for what each hides and from whom.
//!
//! No socket, no file, no thread, no clock, no randomness of its own: the host
//! (a desk, a browser) lends a [`transport::Transport`] and a [`keep::Keep`] and
//! hands in the day and the random source. Nothing is printed or logged. This
//! crate knows the protocol and its JSON, never the server's code.
#![forbid(unsafe_code)]

mod acks;
pub mod admin;
pub mod answer;
pub mod bind;
mod bucket;
mod calls;
pub mod closing;
pub mod colleagues;
mod decoy;
pub mod device;
mod drain;
pub mod enroll;
mod entry;
pub mod envelopes;
pub mod error;
mod evaluate;
pub mod fingerprint;
mod handed;
pub mod holders;
pub mod invited;
pub mod issue;
mod jotted;
pub mod keep;
pub mod later;
pub mod local;
pub mod lock;
pub mod login;
pub mod notice;
pub mod outside;
mod pin;
pub mod present;
pub mod proof;
pub mod queue;
pub mod reopen;
pub mod replace;
pub mod report;
pub mod roster;
pub mod rules;
pub mod session;
mod staff_key;
pub mod state;
pub mod status;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
mod told;
pub mod transport;
pub mod withdraw;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use local::Local;
pub use session::Session;

//! A terminal on this machine: what the room `terminal` asks of its host, with what an operating system has.
//!
//! [`http`] is the way to the server, [`mod@file`] keeps its bytes, [`day`] says which day it is at a site, [`sign_in`] runs the steps of enrolment and sign-in and gives Argon2id a thread of
//! its own; [`replay`] plays a table through all of it. Nothing of the protocol is decided here.
#![forbid(unsafe_code)]

pub mod day;
pub mod file;
pub mod http;
pub mod replay;
pub mod sign_in;

pub use file::StateFile;
pub use http::{Connection, Options};

/// A signed-in person at a terminal of this machine.
pub type Session = terminal::Session<Connection>;

#[cfg(test)]
mod tests;

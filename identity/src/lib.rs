//! Cards, evaluation, envelopes, staff, terminals, rosters and the outbox.
//!
//! ```text
//! invitation --register--> staff + terminal --log-in--> session --proved request--> everything else
//! commitments --blanks--> signed blanks;  card --evaluate--> envelope --evaluate--> pseudonyms (on the terminal)
//! reports --intake--> outbox --take_batch (reshuffled)--> statistics role --acknowledge--> gone
//! ```
//!
//! **What this room never has:** a card secret, an identity secret, a pseudonym, a roster entry in clear, a report in
//! clear, an address or user agent of a caller, a time finer than a day on disk. It does not know that a statistics
//! store exists beyond two public keys.
//!
//! Functions take an [`App`] and plain values and can be called by the command line; `http` only wraps them.
#![forbid(unsafe_code)]

mod app;
mod error;
mod guard;
mod memory;
mod pen;

pub mod access;
pub mod cards;
pub mod closings;
pub mod domains;
pub mod http;
pub mod keys;
pub mod records;
pub mod registry;
pub mod trust;

pub use app::App;
pub use error::Refusal;
pub use guard::audit::Actor;
pub use guard::caps;
pub use guard::forget::confirm_day;
pub use guard::limits::{Caps, Limits};
pub use http::router;
pub use keys::IdentityKeys;
pub use memory::beside::Beside;
pub use pen::Beat;

#[cfg(test)]
mod tests;

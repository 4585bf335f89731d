//! Protocol mathematics and wire formats: no I/O, no async, no clock of its own.
//!
//! One group everywhere (ristretto255), one key per domain (RFC 9497, VOPRF mode), BLAKE3 for every derived key and
//! tag, XChaCha20-Poly1305 for everything sealed under a shared key, HPKE (RFC 9180) for everything sealed to
//! somebody, Ed25519 for everything signed, OPAQUE (RFC 9807) for everything behind a password.
//!
//! Randomness and today's date are always arguments. Parsers refuse what is not canonical. No error repeats the
//! input it refused, so every error may be logged.
#![forbid(unsafe_code)]

// Foundations.
pub mod b64;
pub mod day;
pub mod digest;
pub mod error;
pub mod hex;
pub mod id;
pub mod label;
pub mod rng;
pub mod seal;
pub mod secret;
pub mod sign;
mod stretch;

// Primitives of the protocol.
pub mod domain;
pub mod factor;
pub mod handover;
pub mod hpke;
pub mod invitation;
pub mod json;
pub mod keyfile;
pub mod login;
pub mod opaque;
pub mod pin;
pub mod reopen;
pub mod request;
pub mod token;
pub mod voprf;

// Wire formats and what is made of the primitives.
pub mod base45;
pub mod bundle;
pub mod card;
pub mod cbor;
pub mod chain;
pub mod cose;
pub mod envelope;
pub mod locker;
mod padding;
pub mod provider;
pub mod pseudonym;
pub mod report;
pub mod roster;
pub mod sorted;
pub mod statistics;
pub mod status;
pub mod trust;
pub mod verdict;
pub mod witness;

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub mod vectors;

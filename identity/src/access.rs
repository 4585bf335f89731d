//! Who may come in: invitations, registration, log-in, sessions, colleagues and the revocation of both halves.

pub(crate) mod attempt;
pub(crate) mod begin;
pub(crate) mod day;
pub(crate) mod door;
pub(crate) mod guess;
pub(crate) mod handle;
pub(crate) mod login;
pub(crate) mod party;
pub(crate) mod pin;
pub(crate) mod pins;
pub(crate) mod registration;
pub(crate) mod restored;
pub(crate) mod sign_in;
pub(crate) mod staff;
pub(crate) mod tags;

pub mod invitation;
pub mod names;
pub mod session;
pub mod terminals;

//! Who may come in: invitations, registration, log-in, sessions, colleagues and the revocation of both halves.

pub(crate) mod attempt;
pub(crate) mod handle;
pub(crate) mod login;
pub(crate) mod registration;
pub(crate) mod staff;

pub mod invitation;
pub mod session;

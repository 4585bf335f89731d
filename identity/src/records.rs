//! What terminals write: roster entries this room cannot read, and reports on their way to the statistics store.

pub(crate) mod intake;
pub(crate) mod laying;
pub(crate) mod places;
pub(crate) mod roster;

pub mod outbox;

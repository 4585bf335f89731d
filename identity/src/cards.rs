//! What a card needs of the service: blanks, evaluation, the envelope of its identity secret, the status list.

pub(crate) mod bitmap;
pub(crate) mod buckets;
pub(crate) mod changes;
pub(crate) mod envelopes;
pub(crate) mod evaluate;
pub(crate) mod revision;

pub mod blanks;
pub mod status;

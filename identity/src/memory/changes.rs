//! Changes of envelopes that wait for their moment. Nobody in the queue was answered yet.

use crypto::envelope::{self, SEALED_BYTES};
use crypto::id::EnvelopeId;
use crypto::json::Hidden;
use crypto::secret::Secret;

use super::together::{Asked, Together};
use crate::Refusal;

/// An envelope that is to be put.
#[derive(Clone)]
pub(crate) struct New {
    pub(crate) id: EnvelopeId,
    pub(crate) sealed: Box<[u8; SEALED_BYTES]>,
    pub(crate) delete_hash: [u8; 32],
}

/// An envelope that is to be deleted, and the hash of the token that was shown for it.
pub(crate) struct Old {
    pub(crate) id: EnvelopeId,
    pub(crate) shown: Secret<32>,
}

impl Old {
    pub(crate) fn new(id: EnvelopeId, token: &Hidden<32>) -> Self {
        let shown = Secret::new(envelope::delete_token_hash(token.expose()));
        Self { id, shown }
    }
}

/// What a caller wants.
pub(crate) enum Wanted {
    Put(New),
    Replace(Old, New),
    Delete(Old),
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// A new envelope lies there.
    Created,
    /// The same bytes were there already.
    Same,
    /// The old one is gone, and nothing took its place.
    Deleted,
    /// The old one was gone before.
    Gone,
}

/// One caller's change.
pub(crate) struct Job {
    pub(crate) wanted: Wanted,
    /// A new envelope is within the terminal's limit.
    pub(crate) paid: bool,
}

/// A change and whoever waits for it.
pub(crate) type Waiting = Asked<Job, Result<Done, Refusal>>;
/// Changes that wait for their moment.
pub(crate) type Queue = Together<Waiting>;

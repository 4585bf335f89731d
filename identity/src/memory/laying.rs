//! The queue of reports on their way to the disk. It is never a buffer of accepted things: nobody in it was answered yet.

use std::sync::Arc;

use store::DbError;

use super::together::{Asked, Together};

/// A report in the form in which it waits in the outbox.
pub(crate) struct Waiting {
    /// Its random key.
    pub(crate) key: [u8; 16],
    /// `ElGamal` pair and sealed report, sealed once more.
    pub(crate) sealed: Vec<u8>,
}

/// A report ready to be laid down.
pub(crate) struct Prepared {
    /// Keyed hash of the submission id, to know a repetition.
    pub(crate) hash: [u8; 16],
    /// The sealed report under its random key.
    pub(crate) waiting: Waiting,
}

/// One caller's reports, answered when they are on the disk.
pub(crate) type Waits = Asked<Vec<Prepared>, Result<(), DbError>>;

/// The queue of all callers.
#[derive(Default)]
pub(crate) struct Laying {
    pub(crate) queue: Arc<Together<Waits>>,
}

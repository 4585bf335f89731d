//! Roster entries that wait for their moment. Nobody in the queue was answered yet.

use crypto::id::ProviderId;
use store::DbError;
use wire::{NewEntry, RosterAck};

use super::together::{Asked, Together};

/// One caller's entries.
pub(crate) struct Job {
    pub(crate) provider: ProviderId,
    pub(crate) entries: Vec<NewEntry>,
}

/// Entries and whoever waits for them.
pub(crate) type Waiting = Asked<Job, Result<Vec<RosterAck>, DbError>>;
/// Entries that wait for their moment.
pub(crate) type Queue = Together<Waiting>;

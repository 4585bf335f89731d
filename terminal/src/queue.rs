//! What waits to be sent: roster entries and reports, already sealed.
//!
//! Exactly once is made of two halves. The server keeps one row per id, so
//! sending again is harmless; this queue forgets an item only when the server
//! has acknowledged that very id. A lost request, a lost answer, a repeated or
//! a late answer therefore change nothing. An item the server refuses for
//! itself is set aside, never dropped, so that it does not block the others.
//! Limits: order inside one kind is kept when sending, but the server may see
//! batches again after a crash; the queue holds sealed bytes only.

use crypto::b64::{B64, Fixed};
use crypto::id::{EntryId, SubmissionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One roster entry, sealed under the provider's roster key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedEntry {
    /// Chosen here at random; the server's and the queue's only key.
    pub id: EntryId,
    /// Sealed bytes: 24-byte nonce, ciphertext of a padded entry, tag.
    pub sealed: B64,
}

/// One statistics submission: ciphertexts for the statistics store alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedReport {
    /// Random, never the report's own id, which only the store may see.
    pub id: SubmissionId,
    /// ElGamal ciphertext of the person, 64 bytes.
    pub elgamal: Fixed<64>,
    /// HPKE ciphertext of the report, one fixed length for all reports.
    pub body: B64,
}

/// Something with an id that the server acknowledges.
pub trait Queued {
    /// The id's type.
    type Id: Copy + Ord;
    /// Where the server says that it lies.
    type Place: Copy;
    /// The id under which the server keeps it.
    fn id(&self) -> Self::Id;
}

/// An acknowledgement: which item, and where the server says that it lies.
pub type Ack<T> = (<T as Queued>::Id, <T as Queued>::Place);

impl Queued for QueuedEntry {
    type Id = EntryId;
    /// Its number in the provider's log.
    type Place = u64;
    fn id(&self) -> EntryId {
        self.id
    }
}

impl Queued for QueuedReport {
    type Id = SubmissionId;
    /// Reports lie in no order.
    type Place = ();
    fn id(&self) -> SubmissionId {
        self.id
    }
}

/// First in, first out; an item leaves by acknowledgement or is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue<T> {
    waiting: Vec<T>,
    refused: Vec<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            refused: Vec::new(),
        }
    }
}

impl<T: Queued + Clone> Queue<T> {
    /// Adds an item; one with an id already here is ignored.
    pub fn push(&mut self, item: T) {
        if self.find(item.id()).is_none() {
            self.waiting.push(item);
        }
    }

    /// The oldest items, at most `limit`. They stay until acknowledged.
    #[must_use]
    pub fn batch(&self, limit: usize) -> Vec<T> {
        self.waiting.iter().take(limit).cloned().collect()
    }

    /// Lets go of what the server has acknowledged, and hands it over with its
    /// place; unknown ids are ignored.
    pub fn acknowledge(&mut self, acks: &[Ack<T>]) -> Vec<(T, T::Place)> {
        let places: BTreeMap<T::Id, T::Place> = acks.iter().copied().collect();
        let mut left = Vec::new();
        for item in std::mem::take(&mut self.waiting) {
            match places.get(&item.id()) {
                Some(place) => left.push((item, *place)),
                None => self.waiting.push(item),
            }
        }
        left
    }

    /// The item of this id, whether it waits or was set aside.
    #[must_use]
    pub fn find(&self, id: T::Id) -> Option<&T> {
        self.all().find(|item| item.id() == id)
    }

    /// Sets one item aside because the server refuses it for itself.
    pub fn set_aside(&mut self, id: T::Id) {
        if let Some(at) = self.waiting.iter().position(|item| item.id() == id) {
            let item = self.waiting.remove(at);
            self.refused.push(item);
        }
    }

    /// Forgets an item that waits or was set aside; false when it is not here.
    pub fn remove(&mut self, id: T::Id) -> bool {
        let before = self.waiting.len() + self.refused.len();
        self.waiting.retain(|item| item.id() != id);
        self.refused.retain(|item| item.id() != id);
        self.waiting.len() + self.refused.len() < before
    }

    /// Puts what was set aside back at the end, for another try.
    pub fn retry_refused(&mut self) {
        self.waiting.append(&mut self.refused);
    }

    /// How many items wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Everything that is here with whether it was refused, oldest first.
    pub fn items(&self) -> impl Iterator<Item = (&T, bool)> {
        let waiting = self.waiting.iter().map(|item| (item, false));
        waiting.chain(self.refused.iter().map(|item| (item, true)))
    }

    /// How many items were refused and are kept for a person to look at.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.len()
    }

    fn all(&self) -> impl Iterator<Item = &T> {
        self.waiting.iter().chain(&self.refused)
    }
}

#[cfg(test)]
mod tests;

//! Buckets as they were answered, changed when an envelope comes or goes in them.
//!
//! **The stamp.** The database holds one random number, the stamp, which every transaction that puts or deletes an envelope
//! replaces. What is kept is as true as the stamp it was last compared with. Before its commit such a transaction leaves a
//! [`Link`] here: from which stamp to which, and what it changes. So when the stamp has moved, the links lead back from the
//! new one to the old, and the same changes are made to what is kept, the oldest first. A transaction that was rolled back
//! leaves a link to a stamp that nobody will ever read. Where the links do not lead back, another process was the writer,
//! and everything is dropped.
//!
//! **Newer than its stamp.** An answer is read after its stamp was, so it may hold a change already that the links bring
//! again. To put an envelope that is there, or to remove one that is not, changes nothing.
//!
//! **Why the database does not say which bucket.** A number for each bucket would outlive the envelope: beside the
//! envelopes that are left, it would tell in which bucket a card was killed.
//!
//! **Limits.** Every change of another process costs everything that is kept. At most [`MOST_BYTES`] of answers are kept; when they run out, those that were kept first go first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use crypto::id::EnvelopeId;
use store::DbError;
use tokio::sync::oneshot;
use wire::{Bucket, Prefix, SealedEnvelope};

/// Bytes of answers kept; an envelope is some 190, and answers of two lengths of prefix may lie beside each other.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// Bytes that an answer takes beside its own.
const OVERHEAD: usize = 256;
/// Links kept. Beyond that nobody has asked for a bucket for a long time, and what is kept is not worth much.
const MOST_LINKS: usize = 1_024;

/// Somebody who waits for the next reading of the stamp.
pub(crate) type Asker = oneshot::Sender<Result<i64, DbError>>;

/// What a transaction does to the envelopes.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// This one comes.
    Came(SealedEnvelope),
    /// The one of this id goes.
    Went(EnvelopeId),
}

impl Change {
    const fn id(&self) -> &EnvelopeId {
        match self {
            Self::Came(envelope) => &envelope.id,
            Self::Went(id) => id,
        }
    }

    /// Makes the change in a bucket, whose envelopes stand in the order of their ids.
    fn make(&self, envelopes: &mut Vec<SealedEnvelope>) {
        let at = envelopes.binary_search_by(|it| it.id.cmp(self.id()));
        match (self, at) {
            (Self::Came(new), Err(at)) => envelopes.insert(at, new.clone()),
            (Self::Went(_), Ok(at)) => {
                envelopes.remove(at);
            }
            (Self::Came(_), Ok(_)) | (Self::Went(_), Err(_)) => {}
        }
    }
}

/// One change of the envelopes by this process, committed or not.
#[derive(Debug)]
pub(crate) struct Link {
    /// The stamp that the change replaces.
    pub(crate) before: i64,
    /// The stamp that it sets.
    pub(crate) after: i64,
    /// What it changes.
    pub(crate) change: Change,
}

/// Every answer that is kept.
pub(crate) struct Buckets {
    most_bytes: usize,
    kept: Mutex<Kept>,
}

/// What is kept, as true as `stamp`.
#[derive(Default)]
struct Kept {
    stamp: i64,
    /// By the stamp that the change set.
    links: HashMap<i64, Link>,
    answers: HashMap<Prefix, Answer>,
    /// Prefixes by the number under which their answer was kept: the oldest first.
    order: BTreeMap<u64, Prefix>,
    numbers: u64,
    bytes: usize,
}

struct Answer {
    number: u64,
    /// Bits of a prefix that were allowed when it was made; the answer says so.
    bits: u8,
    json: Bytes,
}

impl Default for Buckets {
    fn default() -> Self {
        Self::of_at_most(MOST_BYTES)
    }
}

impl Buckets {
    fn of_at_most(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a change that is about to be committed. Call it before the commit: afterwards another may read the stamp first.
    pub(crate) fn note(&self, link: Link) {
        let mut kept = self.kept();
        if kept.links.len() >= MOST_LINKS {
            kept.links.clear();
        }
        kept.links.insert(link.after, link);
    }

    /// Makes what is kept true again. `stamp` was read from the database just now; readings must come in their order.
    pub(crate) fn catch_up(&self, stamp: i64) {
        self.kept().catch_up(stamp, self.most_bytes);
    }

    /// The answer for a prefix, made when `bits` bits were allowed, as true as the last stamp that was caught up with.
    pub(crate) fn get(&self, prefix: Prefix, bits: u8) -> Option<Bytes> {
        let kept = self.kept();
        let answer = kept.answers.get(&prefix);
        answer
            .filter(|answer| answer.bits == bits)
            .map(|answer| answer.json.clone())
    }

    /// Keeps an answer that was made after `stamp` was read, unless the stamp has moved since.
    pub(crate) fn put(&self, stamp: i64, prefix: Prefix, bits: u8, json: Bytes) {
        let mut kept = self.kept();
        if kept.stamp == stamp {
            kept.put(prefix, bits, json, self.most_bytes);
        }
    }
}

impl Kept {
    fn catch_up(&mut self, stamp: i64, most_bytes: usize) {
        let mut changes = Vec::new();
        let mut at = stamp;
        while at != self.stamp {
            let Some(link) = self.links.remove(&at) else {
                self.clear();
                changes.clear();
                break;
            };
            changes.push(link.change);
            at = link.before;
        }
        self.stamp = stamp;
        for change in changes.iter().rev() {
            for bits in 0..=Prefix::MOST_BITS {
                self.change(Prefix::of(change.id(), bits), change);
            }
        }
        self.limit(most_bytes);
    }

    /// Makes a change in the answer for this prefix, if one is kept. One that nothing is left in is not kept any longer.
    fn change(&mut self, prefix: Prefix, change: &Change) {
        let Some(answer) = self.answers.get_mut(&prefix) else {
            return;
        };
        match changed(&answer.json, change) {
            Some(json) => {
                self.bytes = self.bytes - answer.json.len() + json.len();
                answer.json = json;
            }
            None => self.remove(prefix),
        }
    }

    fn put(&mut self, prefix: Prefix, bits: u8, json: Bytes, most_bytes: usize) {
        self.remove(prefix);
        self.bytes += json.len() + OVERHEAD;
        self.numbers += 1;
        let number = self.numbers;
        self.order.insert(number, prefix);
        let answer = Answer { number, bits, json };
        self.answers.insert(prefix, answer);
        self.limit(most_bytes);
    }

    /// Drops the oldest until what is left has room.
    fn limit(&mut self, most_bytes: usize) {
        while self.bytes > most_bytes {
            let Some((_, &oldest)) = self.order.first_key_value() else {
                break;
            };
            self.remove(oldest);
        }
    }

    fn remove(&mut self, prefix: Prefix) {
        if let Some(answer) = self.answers.remove(&prefix) {
            self.order.remove(&answer.number);
            self.bytes -= answer.json.len() + OVERHEAD;
        }
    }

    fn clear(&mut self) {
        self.answers.clear();
        self.order.clear();
        self.bytes = 0;
    }
}

/// An answer after a change; none when no envelope is left, or when it cannot be read.
fn changed(json: &[u8], change: &Change) -> Option<Bytes> {
    let mut bucket: Bucket = serde_json::from_slice(json).ok()?;
    change.make(&mut bucket.envelopes);
    if bucket.envelopes.is_empty() {
        return None;
    }
    Some(Bytes::from(serde_json::to_vec(&bucket).ok()?))
}

#[cfg(test)]
mod tests;

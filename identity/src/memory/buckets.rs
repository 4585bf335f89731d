//! Buckets as they were answered, each kept until an envelope comes or goes in it.
//!
//! **The stamp.** The database holds one random number, the stamp, which every transaction that puts or deletes an envelope
//! replaces. What is kept is as true as the stamp it was last compared with. Before its commit such a transaction leaves a
//! [`Link`] here: from which stamp to which, and which envelope. So when the stamp has moved, the links lead back from the
//! new one to the old, and exactly the buckets on the way are dropped. A transaction that was rolled back leaves a link to
//! a stamp that nobody will ever read. Where the links do not lead back, another process was the writer, and everything is
//! dropped.
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
use wire::Prefix;

/// Bytes of answers kept; an envelope is some 190, and answers of two lengths of prefix may lie beside each other.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// Bytes that an answer takes beside its own.
const OVERHEAD: usize = 256;
/// Links kept. Beyond that nobody has asked for a bucket for a long time, and what is kept is not worth much.
const MOST_LINKS: usize = 1_024;

/// Somebody who waits for the next reading of the stamp.
pub(crate) type Asker = oneshot::Sender<Result<i64, DbError>>;

/// One change of an envelope by this process, committed or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// The stamp that the change replaces.
    pub(crate) before: i64,
    /// The stamp that it sets.
    pub(crate) after: i64,
    /// The envelope that comes or goes.
    pub(crate) envelope: EnvelopeId,
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

    /// Drops what is no longer true. `stamp` was read from the database just now; readings must come in their order.
    pub(crate) fn catch_up(&self, stamp: i64) {
        self.kept().catch_up(stamp);
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
    fn catch_up(&mut self, stamp: i64) {
        let mut changed = Vec::new();
        let mut at = stamp;
        while at != self.stamp {
            let Some(link) = self.links.remove(&at) else {
                self.clear();
                break;
            };
            changed.push(link.envelope);
            at = link.before;
        }
        self.stamp = stamp;
        for envelope in changed {
            for bits in 0..=Prefix::MOST_BITS {
                self.remove(Prefix::of(&envelope, bits));
            }
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

#[cfg(test)]
mod tests;

//! Buckets as they were read, and digests of them, changed when an envelope comes or goes in them.
//!
//! **The stamp.** The database holds one random number, the stamp, which every transaction that puts or deletes an envelope
//! replaces. What is kept is as true as the stamp it was last compared with. Before its commit such a transaction leaves a
//! [`Link`] here: from which stamp to which, and what it changes. So when the stamp has moved, the links lead back from the
//! new one to the old, and the same changes are made to what is kept, the oldest first; of the digests, only those of the
//! changed buckets are forgotten and made again. A transaction that was rolled back
//! leaves a link to a stamp that nobody will ever read. Where the links do not lead back, another process was the writer,
//! and everything is dropped.
//!
//! **Newer than its stamp.** A bucket is read after its stamp was, so it may hold a change already that the links bring
//! again. To put an envelope that is there, or to remove one that is not, changes nothing.
//!
//! **Why the database does not say which bucket.** A number for each bucket would outlive the envelope: beside the
//! envelopes that are left, it would tell in which bucket a card was killed.
//!
//! **Limits.** Every change of another process costs everything that is kept. At most [`MOST_BYTES`] of buckets are kept; when they run out, those that were kept first go first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::envelope::{DIGEST_BYTES, SEALED_BYTES};
use crypto::id::EnvelopeId;
use store::DbError;
use tokio::sync::oneshot;
use wire::{Bucket, Prefix};

/// Bytes of buckets kept; an envelope is 121, and buckets of several lengths of prefix may lie beside each other.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// Bytes that a bucket takes beside its own.
const OVERHEAD: usize = 256;
/// Links kept. Beyond that nobody has asked for a bucket for a long time, and what is kept is not worth much.
const MOST_LINKS: usize = 1_024;

/// Somebody who waits for the next reading of the stamp.
pub(crate) type Asker = oneshot::Sender<Result<i64, DbError>>;

/// What a transaction does to one envelope.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// This one comes.
    Came(EnvelopeId, Box<[u8; SEALED_BYTES]>),
    /// The one of this id goes.
    Went(EnvelopeId),
}

impl Change {
    const fn id(&self) -> &EnvelopeId {
        match self {
            Self::Came(id, _) | Self::Went(id) => id,
        }
    }

    fn make(&self, bucket: &mut Bucket) {
        match self {
            Self::Came(id, sealed) => bucket.insert(id, sealed),
            Self::Went(id) => bucket.remove(id),
        }
    }
}

/// What one transaction of this process does, committed or not.
#[derive(Debug)]
pub(crate) struct Link {
    /// The stamp that it replaces.
    pub(crate) before: i64,
    /// The stamp that it sets.
    pub(crate) after: i64,
    /// What it changes.
    pub(crate) changes: Vec<Change>,
}

/// Every bucket that is kept.
pub(crate) struct Buckets {
    most_bytes: usize,
    kept: Mutex<Kept>,
}

/// What is kept, as true as `stamp`.
#[derive(Default)]
struct Kept {
    stamp: i64,
    /// By the stamp that the transaction set.
    links: HashMap<i64, Link>,
    buckets: HashMap<Prefix, Numbered>,
    /// Prefixes by the number under which their bucket was kept: the oldest first.
    order: BTreeMap<u64, Prefix>,
    numbers: u64,
    bytes: usize,
    /// Digests of the buckets that terminals keep, by their number.
    digests: HashMap<u8, [u8; DIGEST_BYTES]>,
}

struct Numbered {
    number: u64,
    bucket: Arc<Bucket>,
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

    /// Notes what is about to be committed. Call it before the commit: afterwards another may read the stamp first.
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

    /// The bucket of a prefix, as true as the last stamp that was caught up with.
    pub(crate) fn get(&self, prefix: Prefix) -> Option<Arc<Bucket>> {
        let kept = self.kept();
        kept.buckets.get(&prefix).map(|it| Arc::clone(&it.bucket))
    }

    /// Keeps a bucket that was read after `stamp` was, unless the stamp has moved since.
    pub(crate) fn put(&self, stamp: i64, prefix: Prefix, bucket: Arc<Bucket>) {
        let mut kept = self.kept();
        if kept.stamp == stamp {
            kept.put(prefix, bucket, self.most_bytes);
        }
    }

    /// The digests that are kept, by the number of their bucket.
    pub(crate) fn digests(&self) -> HashMap<u8, [u8; DIGEST_BYTES]> {
        self.kept().digests.clone()
    }

    /// Keeps the digest of a bucket that was read after `stamp` was, unless the stamp has moved since.
    pub(crate) fn put_digest(&self, stamp: i64, number: u8, digest: [u8; DIGEST_BYTES]) {
        let mut kept = self.kept();
        if kept.stamp == stamp {
            kept.digests.insert(number, digest);
        }
    }
}

impl Kept {
    fn catch_up(&mut self, stamp: i64, most_bytes: usize) {
        let mut links = Vec::new();
        let mut at = stamp;
        while at != self.stamp {
            let Some(link) = self.links.remove(&at) else {
                self.clear();
                links.clear();
                break;
            };
            at = link.before;
            links.push(link);
        }
        self.stamp = stamp;
        for change in links.iter().rev().flat_map(|link| &link.changes) {
            self.digests.remove(&change.id().as_bytes()[0]);
            for bits in Prefix::SYNC_BITS..=Prefix::MOST_BITS {
                self.change(Prefix::of(change.id(), bits), change);
            }
        }
        self.limit(most_bytes);
    }

    /// Makes a change in the bucket of this prefix, if it is kept.
    fn change(&mut self, prefix: Prefix, change: &Change) {
        if let Some(numbered) = self.buckets.get_mut(&prefix) {
            self.bytes -= numbered.bucket.as_bytes().len();
            change.make(Arc::make_mut(&mut numbered.bucket));
            self.bytes += numbered.bucket.as_bytes().len();
        }
    }

    fn put(&mut self, prefix: Prefix, bucket: Arc<Bucket>, most_bytes: usize) {
        self.remove(prefix);
        self.bytes += bucket.as_bytes().len() + OVERHEAD;
        self.numbers += 1;
        let number = self.numbers;
        self.order.insert(number, prefix);
        self.buckets.insert(prefix, Numbered { number, bucket });
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
        if let Some(numbered) = self.buckets.remove(&prefix) {
            self.order.remove(&numbered.number);
            self.bytes -= numbered.bucket.as_bytes().len() + OVERHEAD;
        }
    }

    fn clear(&mut self) {
        self.buckets.clear();
        self.order.clear();
        self.bytes = 0;
        self.digests.clear();
    }
}

#[cfg(test)]
mod tests;

//! What the server said that it keeps, until it was read back.
//!
//! An acknowledgement is a word: a server can say it and drop the entry before anybody has read it. So an entry that left
//! the queue lies here under the number that was named, until the page of the log that covers this number was read. When
//! that shows the same id with the same bytes, the entry stands, in the chain that colleagues compare ([`crate::told`]).
//! When it shows something else there, or nothing, or the entry elsewhere, that is an alarm that stays, and an entry that
//! was not read waits to be sent again; its id makes that harmless.
//!
//! Bound: an entry lies in the queue or here, never in both, and nothing lies here once the log was read to its
//! end; so there is never more than was recorded since then. Limit: a server that shows an entry to this terminal alone is
//! found by what colleagues enter, not here.

use crate::queue::{Queue, QueuedEntry};
use crypto::sorted::Map;
use serde::{Deserialize, Serialize};
use wire::LoggedEntry;

/// Entries that were acknowledged, and whether one was missing.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Acks {
    /// By the number that was named, beyond what was read.
    named: Map<u64, QueuedEntry>,
    /// Those that were not there, to be sent again.
    again: Vec<QueuedEntry>,
    /// Once true, always: something that was acknowledged was not there.
    pub(crate) alarm: bool,
}

impl Acks {
    /// Keeps an entry that was acknowledged under a number. What was `read` has not shown it, and no number is two entries'.
    pub(crate) fn keep(&mut self, read: u64, entry: QueuedEntry, seq: u64) {
        if seq <= read || self.named.contains_key(&seq) {
            self.miss(entry);
        } else {
            self.named.insert(seq, entry);
        }
    }

    /// Compares the next entry of the log with what was acknowledged and with what waits. Answers how many were not
    /// there.
    pub(crate) fn read_back(
        &mut self,
        queue: &mut Queue<QueuedEntry>,
        sent: &LoggedEntry,
    ) -> usize {
        let here = self.named.remove(&sent.seq);
        if here.as_ref().is_some_and(|entry| stands(entry, sent)) {
            return 0;
        }
        let elsewhere = self.named.iter().find(|(_, it)| it.id == sent.id);
        let elsewhere = elsewhere.map(|(seq, _)| *seq);
        let elsewhere = elsewhere.and_then(|seq| self.named.remove(&seq));
        let mut missed = 0;
        for entry in here.into_iter().chain(elsewhere) {
            self.miss(entry);
            missed += 1;
        }
        // What is in the log need not be sent, whatever was said of it.
        self.again.retain(|entry| !stands(entry, sent));
        match queue.find(sent.id).map(|entry| stands(entry, sent)) {
            Some(true) => {
                queue.remove(sent.id);
            }
            Some(false) => {
                self.alarm = true;
                missed += 1;
            }
            None => {}
        }
        missed
    }

    /// The log was read to its end: what was named beyond it is not there. Answers how many were not.
    pub(crate) fn end(&mut self) -> usize {
        let beyond = std::mem::take(&mut self.named);
        let missed = beyond.len();
        beyond.into_values().for_each(|entry| self.miss(entry));
        missed
    }

    fn miss(&mut self, entry: QueuedEntry) {
        self.alarm = true;
        self.again.push(entry);
    }

    /// Puts those that were not there back into the queue.
    pub(crate) fn queue_again(&mut self, queue: &mut Queue<QueuedEntry>) {
        self.again.drain(..).for_each(|entry| queue.push(entry));
    }

    /// How many are to be sent again.
    pub(crate) fn again(&self) -> usize {
        self.again.len()
    }
}

/// Whether the log shows this entry, byte for byte.
fn stands(entry: &QueuedEntry, sent: &LoggedEntry) -> bool {
    entry.id == sent.id && entry.sealed == sent.sealed
}

#[cfg(test)]
mod tests;

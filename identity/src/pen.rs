//! One pen for everything that clients cause to be written, and a beat for when each kind of rows has it.
//!
//! What is written beside what tells a reader of the disk whose client somebody is: an envelope, a roster entry and a count
//! of a terminal in one transaction, or one after another in the log of writes. So each kind has a moment of its own in
//! every beat, at least [`Beat::apart`] from the others; in it, what callers asked for since the last one is written,
//! envelopes, entries and reports together and in random order, indices and counts one caller after the other, and they are
//! answered when it is on the disk. Before and after, SQLite's log of writes is
//! emptied, so that a copy of the files never holds two kinds. Nothing is accepted before it is written: who waits for a
//! moment waits in memory, and is told when nothing came of it.
//!
//! A beat of nothing ([`Beat::NONE`]) is for commands, replays, tests and benchmarks: everything is written at once.

use std::time::Duration;

use store::Store;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

/// How far moments lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// From one moment of a kind to its next.
    pub every: Duration,
    /// From the moment of one kind to that of the next kind.
    pub apart: Duration,
}

impl Beat {
    /// No moments: for commands, replays, tests and benchmarks.
    pub const NONE: Self = Self {
        every: Duration::ZERO,
        apart: Duration::ZERO,
    };
    /// A service's: every kind every five seconds, a second from the next.
    pub const SERVICE: Self = Self {
        every: Duration::from_secs(5),
        apart: Duration::from_secs(1),
    };
}

/// Kinds of rows, in the order of their moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Envelopes.
    Envelopes,
    /// Entries of rosters.
    Rosters,
    /// Reports on their way.
    Reports,
    /// Indices of cards: which are given out, which are withdrawn.
    Indices,
    /// What terminals and providers may do, and what people with power did.
    Counts,
}

/// The pen of one service.
pub(crate) struct Pen {
    beat: Beat,
    start: Instant,
    store: Store,
    held: Mutex<()>,
}

/// The pen in a hand.
pub(crate) struct Held<'a>(Option<(&'a Store, MutexGuard<'a, ()>)>);

impl Pen {
    pub(crate) fn new(beat: Beat, store: Store) -> Self {
        Self {
            beat,
            start: Instant::now(),
            store,
            held: Mutex::default(),
        }
    }

    /// Waits for the next moment of a kind and takes the pen, on an empty log of writes.
    pub(crate) async fn take(&self, phase: Phase) -> Held<'_> {
        if self.beat == Beat::NONE {
            return Held(None);
        }
        tokio::time::sleep(self.wait(phase)).await;
        let held = self.held.lock().await;
        empty(&self.store).await;
        Held(Some((&self.store, held)))
    }

    /// From now to the next moment of a kind.
    fn wait(&self, phase: Phase) -> Duration {
        until(self.beat, self.start.elapsed(), phase)
    }
}

impl Held<'_> {
    /// Empties the log of writes, unless somebody reads from it, and gives the pen away.
    pub(crate) async fn put_down(self) {
        if let Some((store, _held)) = self.0 {
            empty(store).await;
        }
    }
}

/// Tries once; what is left of the log goes with the next moment, or with the minute.
async fn empty(store: &Store) {
    if let Err(error) = store.try_tidy().await {
        tracing::warn!(%error, "the write-ahead log was not emptied; trying again");
    }
}

/// From `elapsed` after the start to the next moment of a kind.
fn until(beat: Beat, elapsed: Duration, phase: Phase) -> Duration {
    let every = beat.every.as_nanos().max(1);
    let moment = beat.apart.as_nanos() * phase as u128;
    let wait = (moment % every + every - elapsed.as_nanos() % every) % every;
    Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Phase; 5] = [
        Phase::Envelopes,
        Phase::Rosters,
        Phase::Reports,
        Phase::Indices,
        Phase::Counts,
    ];

    #[test]
    fn kinds_have_moments_a_second_apart_whenever_somebody_comes() {
        let beat = Beat::SERVICE;
        for late in (0..20_000).step_by(7) {
            let elapsed = Duration::from_millis(late);
            for (n, phase) in (0..).zip(ALL) {
                let wait = until(beat, elapsed, phase);
                assert!(wait < beat.every);
                let moment = (elapsed + wait).as_nanos() % beat.every.as_nanos();
                assert_eq!(moment, (beat.apart * n).as_nanos(), "{phase:?}");
            }
        }
    }
}

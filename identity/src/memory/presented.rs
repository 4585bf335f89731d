//! Presentations that were counted, and are not written down yet for the balance of reports.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::day::Day;
use crypto::id::TerminalId;
use crypto::rng::{self, Rng};

/// Terminal and day to presentations.
pub(crate) type Made = BTreeMap<(TerminalId, Day), u32>;

/// Presentations on their way to the disk, the same under one id until they are surely there: a commit whose answer was
/// lost is tried again and counts once.
#[derive(Clone)]
pub(crate) struct Batch {
    /// Random; it is written down with them.
    pub(crate) id: [u8; 16],
    /// The day of its first try.
    pub(crate) day: Day,
    pub(crate) made: Made,
}

/// What is counted, and what is on its way.
#[derive(Default)]
pub(crate) struct Presented(Mutex<(Made, Option<Batch>)>);

impl Presented {
    fn all(&self) -> MutexGuard<'_, (Made, Option<Batch>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, terminal: TerminalId, day: Day, amount: u32) {
        let mut all = self.all();
        let made = all.0.entry((terminal, day)).or_insert(0);
        *made = made.saturating_add(amount);
    }

    /// What is to be written down: what was on its way before, else all that was counted since.
    pub(crate) fn take(&self, day: Day, rng: &mut impl Rng) -> Option<Batch> {
        let mut all = self.all();
        let (made, under_way) = &mut *all;
        if under_way.is_none() && !made.is_empty() {
            *under_way = Some(Batch {
                id: rng::bytes(rng),
                day,
                made: std::mem::take(made),
            });
        }
        under_way.clone()
    }

    /// A batch is on the disk.
    pub(crate) fn written(&self, batch: &Batch) {
        let mut all = self.all();
        if all.1.as_ref().is_some_and(|one| one.id == batch.id) {
            all.1 = None;
        }
    }
}

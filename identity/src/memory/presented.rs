//! Presentations that were counted, and are not written down yet for the balance of reports.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crypto::day::Day;
use crypto::id::TerminalId;

/// Terminal and day to presentations.
#[derive(Default)]
pub(crate) struct Presented(Mutex<BTreeMap<(TerminalId, Day), u32>>);

impl Presented {
    pub(crate) fn add(&self, terminal: TerminalId, day: Day, amount: u32) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = all.entry((terminal, day)).or_insert(0);
        *made = made.saturating_add(amount);
    }

    /// Hands all of it over, to be written down.
    pub(crate) fn take(&self) -> BTreeMap<(TerminalId, Day), u32> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// Takes back what could not be written down.
    pub(crate) fn put_back(&self, made: BTreeMap<(TerminalId, Day), u32>) {
        for ((terminal, day), amount) in made {
            self.add(terminal, day, amount);
        }
    }
}

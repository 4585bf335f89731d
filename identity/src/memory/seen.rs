//! Who signed in where today, before it is written down.
//!
//! A row written at the log-in would lie in the order of commits beside what clients cause, and so tell when within the day
//! somebody came. So the notes of a day are written together, in the order of their keyed tags, when the day is over or
//! the service stops. A crash loses them: what is then written there is an older day.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crypto::day::Day;
use crypto::id::{StaffId, TerminalId};

/// One member of staff at one terminal.
#[derive(Clone, Copy)]
pub(crate) struct SignIn {
    pub(crate) terminal: TerminalId,
    pub(crate) staff: StaffId,
    /// The last day of it.
    pub(crate) day: Day,
}

/// By keyed tag of name and terminal.
type ByPair = BTreeMap<[u8; 32], SignIn>;

/// Notes that wait.
#[derive(Default)]
pub(crate) struct Seen(Mutex<ByPair>);

impl Seen {
    fn all(&self) -> std::sync::MutexGuard<'_, ByPair> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, pair: [u8; 32], sign_in: SignIn) {
        self.all().insert(pair, sign_in);
    }

    /// Whether a note of this pair waits.
    pub(crate) fn has(&self, pair: &[u8; 32]) -> bool {
        self.all().contains_key(pair)
    }

    /// The day of the note of this person and terminal, where one waits.
    pub(crate) fn day(&self, staff: StaffId, terminal: TerminalId) -> Option<Day> {
        let all = self.all();
        let mut notes = all.values();
        let note = notes.find(|it| it.staff == staff && it.terminal == terminal);
        note.map(|it| it.day)
    }

    /// Every note that waits.
    pub(crate) fn waiting(&self) -> Vec<([u8; 32], SignIn)> {
        self.all().iter().map(|(pair, it)| (*pair, *it)).collect()
    }

    /// Takes notes away that were written down, unless a later day was noted meanwhile.
    pub(crate) fn written(&self, notes: &[([u8; 32], SignIn)]) {
        let mut all = self.all();
        for (pair, note) in notes {
            if all.get(pair).is_some_and(|it| it.day == note.day) {
                all.remove(pair);
            }
        }
    }
}

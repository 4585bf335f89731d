//! Portions of a day's presentations or reports that were taken from the database in advance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crypto::day::Day;
use crypto::id::TerminalId;

/// Terminal to day and what is left of the portion.
#[derive(Default)]
pub(crate) struct Portions(Mutex<HashMap<TerminalId, (Day, u32)>>);

impl Portions {
    /// Takes `amount` if that much is left of today's portion.
    pub(crate) fn take(&self, terminal: TerminalId, day: Day, amount: u32) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&terminal) {
            Some((of, left)) if *of == day && *left >= amount => {
                *left -= amount;
                true
            }
            _ => false,
        }
    }

    /// Takes up to `most` of what is left of today's portion; answers how many.
    pub(crate) fn take_most(&self, terminal: TerminalId, day: Day, most: u32) -> u32 {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&terminal) {
            Some((of, left)) if *of == day => {
                let taken = most.min(*left);
                *left -= taken;
                taken
            }
            _ => 0,
        }
    }

    /// What is left of today's portion.
    pub(crate) fn left(&self, terminal: TerminalId, day: Day) -> u32 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(&terminal) {
            Some((of, left)) if *of == day => *left,
            _ => 0,
        }
    }

    /// Adds a portion of today; what is left of another day is dropped.
    pub(crate) fn add(&self, terminal: TerminalId, day: Day, portion: u32) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.entry(terminal).or_insert((day, 0));
        let kept = if entry.0 == day { entry.1 } else { 0 };
        *entry = (day, kept + portion);
    }
}

//! How many changes of each terminal wait for their moment, so that one terminal does not hold up the others.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::id::TerminalId;

use crate::Refusal;

/// Seconds a caller is told to wait that has as many waiting as it may: a beat.
const WAIT: u32 = 5;

/// Terminal to how many wait.
#[derive(Default)]
pub(crate) struct Crowd(Mutex<HashMap<TerminalId, u32>>);

/// The place of one that waits; it is free when this is dropped.
pub(crate) struct Place<'a> {
    crowd: &'a Crowd,
    terminal: TerminalId,
}

impl Crowd {
    fn all(&self) -> MutexGuard<'_, HashMap<TerminalId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, if fewer than `most` of this terminal wait.
    ///
    /// # Errors
    /// [`Refusal::Limit`].
    pub(crate) fn enter(&self, terminal: TerminalId, most: u32) -> Result<Place<'_>, Refusal> {
        let mut all = self.all();
        let waiting = all.entry(terminal).or_insert(0);
        if *waiting >= most {
            return Err(Refusal::Limit { retry_after: WAIT });
        }
        *waiting += 1;
        Ok(Place {
            crowd: self,
            terminal,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.crowd.all();
        if let Some(waiting) = all.get_mut(&self.terminal) {
            *waiting = waiting.saturating_sub(1);
            if *waiting == 0 {
                all.remove(&self.terminal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_has_its_places_and_gets_them_back() {
        let crowd = Crowd::default();
        let (one, other) = (
            TerminalId::from_bytes([1; 16]),
            TerminalId::from_bytes([2; 16]),
        );
        let (first, second) = (crowd.enter(one, 2), crowd.enter(one, 2));
        assert!(first.is_ok() && second.is_ok() && crowd.enter(one, 2).is_err());
        assert!(crowd.enter(other, 2).is_ok());
        drop(first);
        assert!(crowd.enter(one, 2).is_ok());
    }
}

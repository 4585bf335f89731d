//! How many evaluations under the domains of providers and of mail each terminal still has: three come with every counted
//! card and every card that came to life.
//!
//! In memory only: the sessions that could use them are gone with the process too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crypto::id::TerminalId;

/// Evaluations for one card: the identity secret, the one before it, the locker.
const EACH: u32 = 3;

/// Terminal to evaluations left.
#[derive(Default)]
pub(crate) struct Credits(Mutex<HashMap<TerminalId, u32>>);

impl Credits {
    /// Adds what comes with `cards` cards; never more than what comes with `most`.
    pub(crate) fn earn(&self, terminal: TerminalId, cards: u32, most: u32) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(terminal).or_insert(0);
        let more = left.saturating_add(cards.saturating_mul(EACH));
        *left = more.min(most.saturating_mul(EACH));
    }

    /// Takes `amount` evaluations, or none when there are not so many.
    pub(crate) fn spend(&self, terminal: TerminalId, amount: u32) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&terminal) {
            Some(left) if *left >= amount => {
                *left -= amount;
                true
            }
            _ => amount == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_come_with_a_card_and_no_more_than_a_day_of_cards_is_saved() {
        let (credits, own) = (Credits::default(), TerminalId::from_bytes([1; 16]));
        let other = TerminalId::from_bytes([2; 16]);
        assert!(credits.spend(own, 0) && !credits.spend(own, 1));
        credits.earn(own, 2, 10);
        assert!(!credits.spend(own, 7), "nothing of it is taken");
        assert!(credits.spend(own, 6) && !credits.spend(own, 1));
        credits.earn(own, 8, 10);
        credits.earn(own, 8, 10);
        assert!(!credits.spend(own, 31) && credits.spend(own, 30));
        assert!(!credits.spend(other, 1));
    }
}

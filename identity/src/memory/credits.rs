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
    /// Adds what comes with `cards` cards, less what is `owed` for evaluations that were let through with them; never more than what comes
    /// with `most`.
    pub(crate) fn earn(&self, terminal: TerminalId, cards: u32, owed: u32, most: u32) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(terminal).or_insert(0);
        let more = left.saturating_add(cards.saturating_mul(EACH));
        *left = more.saturating_sub(owed).min(most.saturating_mul(EACH));
    }

    /// Puts aside what is left of `amount` evaluations; what is missing is owed, and must be covered by what `cards` cards of the same
    /// request will bring. Answers what was put aside, or nothing, and then nothing was.
    pub(crate) fn hold(&self, terminal: TerminalId, amount: u32, cards: u32) -> Option<u32> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(terminal).or_insert(0);
        let held = amount.min(*left);
        if amount - held > cards.saturating_mul(EACH) {
            return None;
        }
        *left -= held;
        Some(held)
    }

    /// Gives back what was put aside for a request that was refused.
    pub(crate) fn give_back(&self, terminal: TerminalId, held: u32) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(terminal).or_insert(0);
        *left = left.saturating_add(held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_come_with_a_card_and_no_more_than_a_day_of_cards_is_saved() {
        let (credits, own) = (Credits::default(), TerminalId::from_bytes([1; 16]));
        let other = TerminalId::from_bytes([2; 16]);
        let spend = |terminal, amount| credits.hold(terminal, amount, 0).is_some();
        assert!(spend(own, 0) && !spend(own, 1));
        credits.earn(own, 2, 0, 10);
        assert!(!spend(own, 7), "nothing of it is taken");
        assert!(spend(own, 6) && !spend(own, 1));
        credits.earn(own, 8, 0, 10);
        credits.earn(own, 8, 0, 10);
        assert!(!spend(own, 31) && spend(own, 30));
        assert!(!spend(other, 1));
    }

    #[test]
    fn what_is_owed_for_cards_of_the_same_request_is_theirs() {
        let (credits, own) = (Credits::default(), TerminalId::from_bytes([1; 16]));
        assert_eq!(credits.hold(own, 4, 1), None);
        assert_eq!(credits.hold(own, 3, 1), Some(0));
        // Nobody else can use it before the cards are counted.
        assert_eq!(credits.hold(own, 1, 0), None);
        credits.earn(own, 1, 3, 10);
        assert_eq!(credits.hold(own, 1, 0), None);
        credits.earn(own, 1, 0, 10);
        assert_eq!(credits.hold(own, 5, 1), Some(3));
        credits.give_back(own, 3);
        assert_eq!(credits.hold(own, 3, 0), Some(3));
    }
}

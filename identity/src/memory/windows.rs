//! Windows of a minute: how often something was done under a key since the minute began.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::Refusal;

/// Seconds of a window.
const WINDOW: i64 = 60;

/// Counts per key, of one minute at a time: what was counted before is dropped when a minute begins, so that counting
/// costs the same however many names are tried.
#[derive(Default)]
pub(crate) struct Windows(Mutex<Minute>);

#[derive(Default)]
struct Minute {
    number: i64,
    counts: HashMap<[u8; 32], u32>,
}

impl Windows {
    /// Counts `amount` for `key` in the minute of `now`, or refuses it whole.
    pub(crate) fn take(
        &self,
        key: [u8; 32],
        amount: u32,
        limit: u32,
        now: i64,
    ) -> Result<(), Refusal> {
        let number = now.div_euclid(WINDOW);
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number != number {
            *minute = Minute {
                number,
                counts: HashMap::new(),
            };
        }
        let count = minute.counts.entry(key).or_insert(0);
        let sum = count.saturating_add(amount);
        if sum > limit {
            let wait = WINDOW - now.rem_euclid(WINDOW);
            return Err(Refusal::Limit {
                retry_after: u32::try_from(wait).unwrap_or(60),
            });
        }
        *count = sum;
        Ok(())
    }

    /// Takes off again what another limit refused.
    pub(crate) fn give_back(&self, key: [u8; 32], amount: u32, now: i64) {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number == now.div_euclid(WINDOW)
            && let Some(count) = minute.counts.get_mut(&key)
        {
            *count = count.saturating_sub(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_minute_has_its_limit_and_the_next_one_its_own() {
        let windows = Windows::default();
        let (key, other) = ([1; 32], [2; 32]);
        assert_eq!(windows.take(key, 29, 30, 60), Ok(()));
        assert_eq!(
            windows.take(key, 2, 30, 90),
            Err(Refusal::Limit { retry_after: 30 })
        );
        assert_eq!(windows.take(key, 1, 30, 119), Ok(()));
        assert_eq!(windows.take(other, 30, 30, 119), Ok(()));
        assert_eq!(windows.take(key, 30, 30, 120), Ok(()));
        windows.give_back(key, 1, 119);
        assert!(windows.take(key, 1, 30, 121).is_err(), "of a minute before");
        windows.give_back(key, 1, 121);
        assert_eq!(windows.take(key, 1, 30, 121), Ok(()));
    }
}

//! How many envelopes there are: counted once a day, followed in between. Only its logarithm is used.

use std::sync::{Mutex, PoisonError};

use crypto::day::Day;

/// The count and the day on which it was counted.
#[derive(Default)]
pub(crate) struct EnvelopeCount(Mutex<Option<(Day, i64)>>);

impl EnvelopeCount {
    pub(crate) fn get(&self, today: Day) -> Option<i64> {
        let count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count
            .filter(|(day, _)| *day == today)
            .map(|(_, count)| count)
    }

    pub(crate) fn set(&self, today: Day, count: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((today, count));
    }

    pub(crate) fn change(&self, by: i64) {
        if let Some((_, count)) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
        {
            *count += by;
        }
    }
}

//! By which sure day this process forgot last.

use std::sync::atomic::{AtomicI32, Ordering};

use crypto::day::Day;

/// None before the first time.
pub(crate) struct Forgotten(AtomicI32);

impl Default for Forgotten {
    fn default() -> Self {
        Self(AtomicI32::new(i32::MIN))
    }
}

impl Forgotten {
    pub(crate) fn is(&self, sure: Day) -> bool {
        self.0.load(Ordering::Relaxed) == sure.number()
    }

    pub(crate) fn set(&self, sure: Day) {
        self.0.store(sure.number(), Ordering::Relaxed);
    }
}

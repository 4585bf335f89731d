//! The status list signed last.

use std::sync::{Arc, Mutex, PoisonError};

use crypto::day::Day;

/// The last signed token, if any was.
#[derive(Default)]
pub(crate) struct StatusCache(Mutex<Option<Kept>>);

struct Kept {
    day: Day,
    revision: i64,
    token: Arc<[u8]>,
}

impl StatusCache {
    /// The token, if it is of this day and revision.
    pub(crate) fn of(&self, day: Day, revision: i64) -> Option<Arc<[u8]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|it| it.day == day && it.revision == revision)
            .map(|it| Arc::clone(&it.token))
    }

    pub(crate) fn keep(&self, day: Day, revision: i64, token: Arc<[u8]>) {
        let fresh = Kept {
            day,
            revision,
            token,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
    }
}

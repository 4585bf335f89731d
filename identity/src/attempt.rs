//! Log-ins that have begun: the OPAQUE state between KE2 and KE3, in memory, for a minute, for one try.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crypto::id::{AttemptId, StaffId, TerminalId};
use crypto::opaque::LoginState;

/// Seconds an attempt can be finished.
pub(crate) const LIFETIME: i64 = 60;
/// Attempts kept at once; the oldest gives way, so that a flood cannot lock honest terminals out for long.
const MOST: usize = 4_096;

/// One log-in that has begun. Unknown names have no staff, unknown terminals no key: both fail at the end.
pub(crate) struct Attempt {
    pub(crate) state: LoginState,
    pub(crate) staff: Option<StaffId>,
    pub(crate) terminal: TerminalId,
    pub(crate) terminal_public: Option<[u8; 32]>,
    pub(crate) ends: i64,
}

#[derive(Default)]
struct Inner {
    by_id: HashMap<AttemptId, Attempt>,
    order: VecDeque<AttemptId>,
}

/// Every attempt of this process.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<Inner>);

impl Attempts {
    pub(crate) fn begin(&self, id: AttemptId, attempt: Attempt) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while inner.order.len() >= MOST {
            if let Some(oldest) = inner.order.pop_front() {
                inner.by_id.remove(&oldest);
            }
        }
        inner.order.push_back(id);
        inner.by_id.insert(id, attempt);
    }

    /// Takes an attempt away: it can be finished once, in time.
    pub(crate) fn take(&self, id: &AttemptId, now: i64) -> Option<Attempt> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_id.remove(id).filter(|attempt| attempt.ends > now)
    }
}

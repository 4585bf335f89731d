//! Log-ins that have begun: the OPAQUE state between KE2 and KE3, in memory, for a minute, for one try.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crypto::id::{AttemptId, StaffId, TerminalId};
use crypto::login::Transcript;
use crypto::opaque::{LoginState, Purpose, SessionKey};
use crypto::sign::TerminalKey;
use wire::LoginFinish;

use crate::Refusal;

/// Seconds an attempt can be finished.
pub(crate) const LIFETIME: i64 = 60;
/// Attempts kept at once of each kind, those that can succeed and those that cannot; the oldest of its kind gives way, so
/// that a flood of strangers pushes out no honest terminal.
const MOST: usize = 4_096;

/// One log-in that has begun.
pub(crate) struct Attempt<G> {
    pub(crate) state: LoginState,
    /// What was said so far: the terminal signs it together with KE3.
    pub(crate) transcript: Transcript,
    /// The person and the terminal's public key; `None` for an unknown name or terminal, which fails at the end.
    pub(crate) who: Option<(StaffId, [u8; 32])>,
    pub(crate) terminal: TerminalId,
    /// What was counted, to be given back.
    pub(crate) given: G,
    pub(crate) ends: i64,
}

/// A log-in that succeeded.
pub(crate) struct Proved<G> {
    pub(crate) staff: StaffId,
    pub(crate) terminal: TerminalId,
    pub(crate) key: SessionKey,
    pub(crate) given: G,
}

impl<G> Attempt<G> {
    /// Whose it was, once secret and terminal are proved. Both checks run in every case; nothing is signed by `nobody`.
    ///
    /// # Errors
    /// [`Refusal::Unauthorised`] for every reason alike.
    pub(crate) fn prove(
        self,
        purpose: Purpose,
        nobody: [u8; 32],
        request: &LoginFinish,
    ) -> Result<Proved<G>, Refusal> {
        let message = self.transcript.with(&request.ke3.0);
        let public = self.who.map_or(nobody, |(_, public)| public);
        let signed = TerminalKey::verify_login(&public, &message, &request.signature.0).is_ok();
        let secret = self.state.finish(purpose, &request.ke3.0);
        let (Some((staff, _)), true, Ok(key)) = (self.who, signed, secret) else {
            return Err(Refusal::Unauthorised);
        };
        Ok(Proved {
            staff,
            terminal: self.terminal,
            key,
            given: self.given,
        })
    }
}

struct Inner<G> {
    by_id: HashMap<AttemptId, Attempt<G>>,
    hopeful: VecDeque<AttemptId>,
    hopeless: VecDeque<AttemptId>,
}

/// Every attempt of this process, of one purpose.
pub(crate) struct Attempts<G>(Mutex<Inner<G>>);

impl<G> Default for Attempts<G> {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            by_id: HashMap::new(),
            hopeful: VecDeque::new(),
            hopeless: VecDeque::new(),
        }))
    }
}

impl<G> Attempts<G> {
    pub(crate) fn begin(&self, id: AttemptId, attempt: Attempt<G>) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner {
            by_id,
            hopeful,
            hopeless,
        } = &mut *inner;
        let order = if attempt.who.is_some() {
            hopeful
        } else {
            hopeless
        };
        while order.len() >= MOST {
            if let Some(oldest) = order.pop_front() {
                by_id.remove(&oldest);
            }
        }
        order.push_back(id);
        by_id.insert(id, attempt);
    }

    /// Forgets what can no longer be finished.
    pub(crate) fn sweep(&self, now: i64) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner {
            by_id,
            hopeful,
            hopeless,
        } = &mut *inner;
        by_id.retain(|_, attempt| attempt.ends > now);
        hopeful.retain(|id| by_id.contains_key(id));
        hopeless.retain(|id| by_id.contains_key(id));
    }

    /// What is remembered of attempts, in whatever form.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_id.len() + inner.hopeful.len() + inner.hopeless.len()
    }

    /// Ends what began at a terminal.
    pub(crate) fn end_terminal(&self, terminal: TerminalId) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner
            .by_id
            .retain(|_, attempt| attempt.terminal != terminal);
    }

    /// Takes an attempt away: it can be finished once, in time.
    pub(crate) fn take(&self, id: &AttemptId, now: i64) -> Option<Attempt<G>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_id.remove(id).filter(|attempt| attempt.ends > now)
    }
}

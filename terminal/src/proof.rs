//! Proves a session's requests, and believes its answers.
//!
//! Every request takes the next number, one that is sent again after a lost
//! answer too: a number is good for one request, and of two answers to it
//! somebody in between could choose. A success counts only with its MAC, and so
//! does every refusal that is acted upon ("deleted already", "somebody else's").
//! What comes without one can only be a failure: before it has found a session
//! the service has no keys, and a proxy never has any. See `crypto::request`.

use crate::answer::Answer;
use crate::error::Error;
use crypto::id::SessionId;
use crypto::request::{self, RequestKeys};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use wire::{Method, RequestProof};
use zeroize::Zeroizing;

/// The name, the keys and the count of a session; the keys are wiped on drop.
pub struct Prover {
    session: SessionId,
    keys: RequestKeys,
    last: AtomicU64,
}

impl Prover {
    pub(crate) fn new(session: SessionId, keys: RequestKeys) -> Self {
        Self {
            session,
            keys,
            last: AtomicU64::new(request::LOGIN),
        }
    }

    /// To be sealed while the device is locked: the session, its keys, and the last number that was used.
    pub(crate) fn fold(&self) -> (SessionId, &RequestKeys, u64) {
        (self.session, &self.keys, self.last.load(Ordering::Relaxed))
    }

    /// What [`Self::fold`] gave, with the numbers going on.
    pub(crate) fn unfold(session: SessionId, keys: RequestKeys, last: u64) -> Self {
        Self {
            session,
            keys,
            last: AtomicU64::new(last),
        }
    }

    /// The proof of one request under the next number. Make it when the request
    /// is sent, not before: the service takes no number that lies 256 behind.
    #[must_use]
    pub fn prove(&self, method: Method, path: &str, body: &[u8]) -> RequestProof {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mac = self.keys.request(&request::Request {
            session: &self.session,
            number,
            method: method.as_str(),
            target: path,
            body,
        });
        RequestProof {
            session: self.session,
            number,
            mac,
        }
    }

    /// The answer to the request of this number, or to the log-in, if it may be
    /// acted upon. Of a failure without proof the status and the wait are left.
    ///
    /// # Errors
    /// `Unproven` when the MAC is wrong, or missing where there must be one.
    pub(crate) fn believe(&self, number: u64, answer: Answer) -> Result<Answer, Error> {
        let Some(mac) = answer.proof else {
            return failed(&answer).ok_or(Error::Unproven);
        };
        let said = request::Answer {
            session: &self.session,
            number,
            status: answer.status,
            body: &answer.body,
        };
        self.keys
            .check_answer(&said, &mac)
            .map_err(|_| Error::Unproven)?;
        Ok(answer)
    }
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prover(..)")
    }
}

/// What anybody may say: that it did not work.
fn failed(answer: &Answer) -> Option<Answer> {
    matches!(answer.status, 401 | 413 | 429 | 500..=599).then(|| Answer {
        status: answer.status,
        retry_after: answer.retry_after,
        proof: answer.proof,
        body: Zeroizing::default(),
    })
}

//! Requests prove their session, once each: a MAC over every request and one over its answer, under keys of the log-in.
//!
//! A session has a name that is no secret ([`SessionId`]) and two keys that never travel: both sides derive them from the
//! OPAQUE session key, the terminal and the member of staff. A request carries the session's name, a number, and a MAC
//! over all that the service acts upon; its answer carries a MAC over the request's number, status and body. So whoever
//! ends TLS in between can withhold, and can neither invent, alter, repeat nor exchange. A number is good for one
//! request ([`Window`]); number 0 is no request's and stands for the answer that ends the log-in.
//!
//! Limit: a MAC convinces the two sides alone. Nobody can show a third party that a terminal sent a request.
//! Source: RFC 9807, section 2.2.2 (session key); RFC 6347, section 4.1.2.6 (window).

use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::digest;
use crate::id::{SessionId, StaffId, TerminalId};
use crate::label::{self, Label};
use crate::opaque::SessionKey;
use crate::secret::Secret;

mod window;

pub use window::{SIZE, Window};

/// The number of the answer that ends a log-in; no request bears it.
pub const LOGIN: u64 = 0;

/// The MAC does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this does not prove its session: refuse it")]
pub struct Unproven;

/// A BLAKE3 MAC, 32 bytes. It is sent in the clear; comparing takes the same time whatever differs.
#[derive(Clone, Copy, Eq)]
pub struct Mac([u8; 32]);

impl Mac {
    /// As received.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To be sent.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn fits(self, other: Self) -> Result<(), Unproven> {
        (self == other).then_some(()).ok_or(Unproven)
    }
}

impl PartialEq for Mac {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mac(..)")
    }
}

/// What a request's MAC covers.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The session that it claims.
    pub session: &'a SessionId,
    /// Its number within the session, from 1 on.
    pub number: u64,
    /// Method, upper case.
    pub method: &'a str,
    /// Path and query exactly as sent, such as `/v1/roster?after=3`.
    pub target: &'a str,
    /// The body's bytes; none count as empty.
    pub body: &'a [u8],
}

/// What an answer's MAC covers.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The session of the request.
    pub session: &'a SessionId,
    /// The number of the request, or [`LOGIN`].
    pub number: u64,
    /// HTTP status.
    pub status: u16,
    /// The body's bytes, before any encoding on the way.
    pub body: &'a [u8],
}

/// The two keys of a session, 32 bytes each, in memory on both sides and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKeys {
    request: Secret<32>,
    answer: Secret<32>,
}

impl RequestKeys {
    /// The keys of the session that a log-in of this person at this terminal began.
    #[must_use]
    pub fn derive(log_in: &SessionKey, terminal: &TerminalId, staff: &StaffId) -> Self {
        let parts = [
            &log_in.0.expose()[..],
            terminal.as_bytes(),
            staff.as_bytes(),
        ];
        let key = |label: Label| Secret::new(digest::derive_parts(label, &parts));
        Self {
            request: key(label::REQUEST_KEY),
            answer: key(label::ANSWER_KEY),
        }
    }

    /// Both keys, to be sealed while the device of the session is locked; 64 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<64> {
        let mut both = zeroize::Zeroizing::new([0; 64]);
        both[..32].copy_from_slice(self.request.expose());
        both[32..].copy_from_slice(self.answer.expose());
        Secret::new(*both)
    }

    /// What [`Self::to_bytes`] gave.
    #[must_use]
    pub fn from_bytes(both: &Secret<64>) -> Self {
        let half = |at: usize| {
            let mut key = zeroize::Zeroizing::new([0; 32]);
            key.copy_from_slice(&both.expose()[at..at + 32]);
            Secret::new(*key)
        };
        Self {
            request: half(0),
            answer: half(32),
        }
    }

    /// The MAC of a request: over session, number (8 bytes, big endian), method, target and the BLAKE3 hash of the body,
    /// each after its length.
    #[must_use]
    pub fn request(&self, request: &Request<'_>) -> Mac {
        let parts = [
            &request.session.as_bytes()[..],
            &request.number.to_be_bytes(),
            request.method.as_bytes(),
            request.target.as_bytes(),
            &digest::hash(request.body),
        ];
        Mac(digest::keyed_parts(self.request.expose(), &parts))
    }

    /// Checks what came with a request.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn check_request(&self, request: &Request<'_>, mac: &Mac) -> Result<(), Unproven> {
        self.request(request).fits(*mac)
    }

    /// The MAC of an answer: over session, number (8 bytes, big endian), status (2 bytes, big endian) and body, each
    /// after its length. Make one for each number at most: two would let whoever is in between choose.
    #[must_use]
    pub fn answer(&self, answer: &Answer<'_>) -> Mac {
        let parts = [
            &answer.session.as_bytes()[..],
            &answer.number.to_be_bytes(),
            &answer.status.to_be_bytes(),
            answer.body,
        ];
        Mac(digest::keyed_parts(self.answer.expose(), &parts))
    }

    /// Checks what came with an answer.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn check_answer(&self, answer: &Answer<'_>, mac: &Mac) -> Result<(), Unproven> {
        self.answer(answer).fits(*mac)
    }
}

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;

//! One answer of the identity role: a body, or a problem as a typed error.
//!
//! Of a refusal only the status, a short slug and the wait are believed; the
//! server's words go no further. Source: RFC 9457 for problems, RFC 9110 section
//! 10.2.3 for Retry-After.

use crate::error::{Error, ProblemKind};
use crypto::json;
use crypto::request::Mac;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;
use wire::NotClosed;
use wire::problem::{self, Problem};
use zeroize::Zeroizing;

/// Wait when a 429 names no time, seconds.
const DEFAULT_WAIT: u64 = 1;
/// Longest wait believed, seconds.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

/// What came back.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status, 100 to 599.
    pub status: u16,
    /// Retry-After, where it is a number of seconds.
    pub retry_after: Option<u64>,
    /// The MAC of the header [`wire::ANSWER_HEADER`], where there is one of the
    /// right form.
    pub proof: Option<Mac>,
    /// The whole body. It may hold a key, and is wiped on drop.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Answer {
    /// Without the body, which may hold an invitation or a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl Answer {
    /// The body of a success.
    ///
    /// # Errors
    /// What the status and the problem's type say.
    pub fn checked(self) -> Result<Zeroizing<Vec<u8>>, Error> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let kind = json::read::<Problem>(&self.body)
            .map(|problem| ProblemKind::from_type(&problem.kind))
            .unwrap_or_default();
        if let Some(why) = kind.slug().and_then(NotClosed::from_slug) {
            return Err(why.into());
        }
        Err(match (kind.slug(), self.status) {
            (Some(problem::INVITATION), _) => Error::Invitation,
            (Some(problem::HANDLE_TAKEN), _) => Error::HandleTaken,
            (Some(problem::LOCKED), _) => Error::Locked,
            (Some(problem::NO_PIN), _) => Error::PinOver,
            (Some(problem::PASSWORD_NEEDED), _) => Error::PasswordNeeded,
            (Some(problem::PROVIDER_LIMIT), _) => Error::ProviderLimit,
            (Some(problem::PROGRAMME_LIMIT), _) => Error::ProgrammeLimit,
            (_, 401) => Error::NotSignedIn,
            (_, 403) => Error::NotAllowed,
            (_, 404) => Error::NotFound,
            (_, 409) => Error::Conflict,
            (_, 429) => Error::Limited {
                retry_after: self.wait(),
            },
            (_, status) => Error::Refused { status, kind },
        })
    }

    fn wait(&self) -> Duration {
        let asked = self.retry_after.unwrap_or(DEFAULT_WAIT);
        Duration::from_secs(asked.clamp(1, LONGEST_WAIT))
    }

    /// The body of a success, read as JSON.
    pub(crate) fn json<A: DeserializeOwned>(self) -> Result<A, Error> {
        json::read(&self.checked()?).map_err(|_| Error::Answer)
    }

    /// Success or not, where the answer has no body.
    pub(crate) fn empty(self) -> Result<(), Error> {
        self.checked().map(drop)
    }
}

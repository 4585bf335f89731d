//! What colleagues' entries say of the log of keys that they were shown.
//!
//! A mark on the own log is as it should be, one beside it is an alarm, and one
//! beyond it is kept until the log was read that far: a service that shows two
//! terminals two logs can then neither hide the one nor join them.

use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::sorted::Set;
use crypto::trust::{Mark, Seen, Trust, TrustError};
use serde::{Deserialize, Serialize};

/// Marks that lie ahead, and whether any lay beside.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    ahead: Set<Mark>,
    /// Once true, always.
    pub(crate) alarm: bool,
}

impl Told {
    /// Compares one mark with the own log. False, and an alarm for ever, when it
    /// lies beside it or when the author's roster was another one.
    pub(crate) fn hear(&mut self, own: &Trust, mark: Mark, same_roster: bool) -> bool {
        let seen = own.compare(&mark);
        if seen == Seen::Ahead {
            self.ahead.insert(mark);
        }
        let good = same_roster && seen != Seen::Forked;
        self.alarm |= !good;
        good
    }

    /// Reads the log further, if a mark lies ahead, and compares again: what the
    /// server does not show now, it showed to somebody else. Answers how many lie
    /// beside.
    ///
    /// # Errors
    /// `Trust` when the server has no longer log that fits; transport errors. The
    /// marks are kept then.
    pub(crate) async fn settle(
        &mut self,
        session: &Session<impl Transport>,
    ) -> Result<usize, Error> {
        let own = session.trust();
        let mut forked = self.count(|mark| own.compare(mark) == Seen::Forked);
        self.alarm |= forked > 0;
        self.ahead.retain(|mark| own.compare(mark) == Seen::Ahead);
        if self.ahead.is_empty() {
            return Ok(forked);
        }
        let (entries, head) = calls::trust_log(session.transport(), own.mark().length).await?;
        // Its age was judged at the sign-in.
        let longer = match own.extended(&entries, &head, head.day) {
            Ok(longer) => longer,
            Err(error) => {
                // Another log is an alarm for ever. What is out of date, shorter or not signed may be one bad answer.
                self.alarm |= matches!(error, TrustError::Forked | TrustError::SecondKey);
                return Err(error.into());
            }
        };
        forked += self.count(|mark| longer.compare(mark) != Seen::Same);
        self.alarm |= forked > 0;
        // One that fits stays until the log that is kept reaches it: nothing of this answer is kept.
        self.ahead.retain(|mark| longer.compare(mark) == Seen::Same);
        Ok(forked)
    }

    fn count(&self, which: impl Fn(&Mark) -> bool) -> usize {
        self.ahead.iter().filter(|mark| which(mark)).count()
    }
}

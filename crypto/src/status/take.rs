//! Which list may take the place of which: by what it says, not by its date.
//!
//! A bit that was set once stays set, and a list never grows shorter, so of two lists the later is the one that says
//! more, also within one day. What can end (a suspension) is therefore no bit of this list. A list from far ahead would
//! shut out every list until then; one day ahead is taken, because the earth has time zones. Limit: who holds the status
//! key can set bits that nobody can clear again under that key; another key in the trust bundle begins anew.

use super::error::StatusError;
use super::token::CheckedStatusList;
use crate::day::Day;
use crate::id::ProgrammeId;

/// Days that a list may be ahead of this device.
const AHEAD_DAYS: i32 = 1;

/// What the list of a programme's cards is called.
#[must_use]
pub fn subject(programme: &ProgrammeId) -> String {
    format!("urn:payung:status:{programme}")
}

impl CheckedStatusList {
    /// Takes a token in place of the list that is kept, if it may take its place: signed under `key`, the list of this
    /// programme, dated tomorrow at the latest and not before the kept one, as long as that at least, and with every bit
    /// set that is set there.
    ///
    /// # Errors
    /// One of [`StatusError`] for each of these; the kept list is then still the best there is.
    pub fn take(
        token: &[u8],
        key: &[u8; 32],
        programme: &ProgrammeId,
        kept: Option<&Self>,
        today: Day,
    ) -> Result<Self, StatusError> {
        let offered = Self::from_token(token, key)?;
        if offered.subject() != subject(programme) {
            return Err(StatusError::Subject);
        }
        if offered.issued() > today.plus(AHEAD_DAYS) {
            return Err(StatusError::Ahead);
        }
        let Some(kept) = kept else {
            return Ok(offered);
        };
        if offered.issued() < kept.issued() {
            return Err(StatusError::Older);
        }
        if !offered.list().covers(kept.list()) {
            return Err(StatusError::TakenBack);
        }
        Ok(offered)
    }
}

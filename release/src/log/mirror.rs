//! The release log for everybody: a copy that anybody keeps shows whether history was rewritten.
//!
//! The programme serves the file as it is. A copy is checked without a database and without the programme: every line is
//! written the one way it is written and follows from the line before; an older copy must be the beginning of the newer one. A
//! programme that measured a quarter a second time and hid the first draw would have to change a line that copies hold.
//!
//! **Limits.** Only somebody who kept a copy, or a signed head, can notice a log that was rewritten whole or shown to others in
//! another form. Copies kept by people who do not trust each other, and compared, are what makes it hard.

use crypto::hex;
use privacy::scope::Subject;

use super::chain::{Entries, Kind};
use super::error::{Broken, MirrorError};
use super::head::{Head, SignedHead};

/// A copy of a log, checked from its first line to its last.
#[derive(Clone, Debug)]
pub struct Mirror<'a> {
    bytes: &'a [u8],
    entries: Entries,
}

impl<'a> Mirror<'a> {
    /// Checks the chain.
    ///
    /// # Errors
    /// [`MirrorError::Chain`], [`MirrorError::Unfinished`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, MirrorError> {
        let entries =
            Entries::read(bytes).map_err(|Broken { line }| MirrorError::Chain { line })?;
        if entries.head().length == bytes.len() as u64 {
            Ok(Self { bytes, entries })
        } else {
            Err(MirrorError::Unfinished)
        }
    }

    /// Where it ends.
    #[must_use]
    pub fn head(&self) -> Head {
        self.entries.head()
    }

    /// Checks that a head of this log was signed with `key`; the head. Lines after it are vouched for by nobody yet.
    ///
    /// # Errors
    /// [`MirrorError::OtherKey`], [`MirrorError::Signature`], [`MirrorError::Shorter`], [`MirrorError::OtherLog`].
    pub fn signed(&self, head: &SignedHead, key: &[u8; 32]) -> Result<Head, MirrorError> {
        let head = head.verify(key)?;
        let length = usize::try_from(head.length).map_err(|_| MirrorError::Shorter)?;
        let begin = self.bytes.get(..length).ok_or(MirrorError::Shorter)?;
        let same = Self::read(begin).is_ok_and(|begin| begin.head() == head);
        same.then_some(head).ok_or(MirrorError::OtherLog)
    }

    /// Checks that an older copy is this one's beginning; the number of lines that came after it.
    ///
    /// # Errors
    /// [`MirrorError::Rewritten`], [`MirrorError::Removed`].
    pub fn continues(&self, older: &Mirror<'_>) -> Result<u64, MirrorError> {
        let lines = |bytes: &'_ [u8]| -> Vec<Vec<u8>> {
            let lines = bytes.split_inclusive(|byte| *byte == b'\n');
            lines.map(<[u8]>::to_vec).collect()
        };
        let (old, new) = (lines(older.bytes), lines(self.bytes));
        if let Some(at) = old.iter().zip(&new).position(|(old, new)| old != new) {
            return Err(MirrorError::Rewritten { line: at + 1 });
        }
        match new.len().checked_sub(old.len()) {
            Some(more) => Ok(more as u64),
            None => Err(MirrorError::Removed {
                lines: (old.len() - new.len()) as u64,
            }),
        }
    }

    /// Checks that the log lists a release; `hash` is BLAKE3 of the JSON release, hex.
    ///
    /// # Errors
    /// [`MirrorError::NotListed`], [`MirrorError::OtherRelease`].
    pub fn lists(&self, subject: Subject, hash: &str) -> Result<(), MirrorError> {
        match self.entries.get(subject, Kind::Released) {
            None => Err(MirrorError::NotListed),
            Some(listed) if hex::encode(&listed) != hash => Err(MirrorError::OtherRelease),
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;

//! The release log for everybody: a copy that anybody keeps shows whether history was rewritten.
//!
//! **Copies.** The programme serves the file as it is. A copy is checked without a database and without the programme: every
//! line is written the one way it is written and follows from the line before; an older copy must be the beginning of the
//! newer one. A programme that measured a quarter a second time and hid the first draw would have to change a line that
//! copies hold.
//!
//! **Head.** Length, number of lines and last hash, signed with the release key. It tells one programme's log from another's and
//! a whole copy from one whose end is missing. The signed text is
//!
//! ```text
//! payung release log head 1
//! length <bytes>
//! lines <number>
//! hash <hex BLAKE3 of the last line, zeros for an empty log>
//! ```
//!
//! Nothing else that the release key signs begins like this (releases begin with a brace or `#`, export signatures with
//! `payung export signature`), so no signature fits in another's place.
//!
//! **Limits.** Only somebody who kept a copy, or a signed head, can notice a log that was rewritten whole or shown to others in
//! another form. Copies kept by people who do not trust each other, and compared, are what makes it hard.

use crypto::b64::Fixed;
use crypto::hex;
use crypto::sign::ReleaseKey;
use privacy::scope::Subject;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Entries, Kind, LogError, parse};

const TITLE: &str = "payung release log head 1";

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes of its whole lines.
    pub length: u64,
    /// Number of lines.
    pub lines: u64,
    /// Hash of the last line; zeros for an empty log.
    pub hash: [u8; 32],
}

impl Head {
    fn text(&self) -> String {
        format!(
            "{TITLE}\nlength {}\nlines {}\nhash {}\n",
            self.length,
            self.lines,
            hex::encode(&self.hash)
        )
    }

    /// Signs it. The same head gives the same bytes.
    #[must_use]
    pub fn sign(&self, key: &ReleaseKey) -> SignedHead {
        SignedHead {
            length: self.length,
            lines: self.lines,
            hash: Fixed(self.hash),
            key: Fixed(key.public()),
            signature: Fixed(key.sign(self.text().as_bytes())),
        }
    }
}

/// A signed head, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    length: u64,
    lines: u64,
    hash: Fixed<32>,
    key: Fixed<32>,
    signature: Fixed<64>,
}

impl SignedHead {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`MirrorError::Head`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MirrorError> {
        serde_json::from_slice(bytes).map_err(|_| MirrorError::Head)
    }

    /// The head, if `key` signed it.
    ///
    /// # Errors
    /// [`MirrorError::OtherKey`], [`MirrorError::Signature`].
    pub fn verify(&self, key: &[u8; 32]) -> Result<Head, MirrorError> {
        if self.key.0 != *key {
            return Err(MirrorError::OtherKey);
        }
        let head = Head {
            length: self.length,
            lines: self.lines,
            hash: self.hash.0,
        };
        ReleaseKey::verify(key, head.text().as_bytes(), &self.signature.0)
            .map_err(|_| MirrorError::Signature)?;
        Ok(head)
    }
}

/// Why a copy is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MirrorError {
    /// A line does not follow.
    #[error(
        "this is not a whole release log: line {line} was changed, moved or put in, or a line before it is missing"
    )]
    Chain {
        /// The first line that does not fit, counted from 1.
        line: usize,
    },
    /// The file ends inside a line.
    #[error("the file ends in the middle of a line: fetch it again")]
    Unfinished,
    /// The head is no head.
    #[error("this is not a signed head of a release log: fetch it again")]
    Head,
    /// Another programme's.
    #[error(
        "the head is signed with another programme's key: check that you have the right file and the right key"
    )]
    OtherKey,
    /// The signature does not fit.
    #[error("the signature of the head does not fit: it was changed")]
    Signature,
    /// Lines of the end are missing.
    #[error(
        "the log is shorter than its signed head says: lines are missing at its end, or it was fetched before the head"
    )]
    Shorter,
    /// The signed log is another one.
    #[error(
        "the log is not the one whose head was signed: it is another programme's, or history was rewritten"
    )]
    OtherLog,
    /// The older copy is not the beginning of the newer.
    #[error(
        "history was rewritten: line {line} of the older copy is not in the newer log as it was; keep both files and show them"
    )]
    Rewritten {
        /// The first line that differs, counted from 1.
        line: usize,
    },
    /// The newer copy ends first.
    #[error(
        "history was rewritten: the newer log lacks the last {lines} lines of the older copy; if the files were not given the wrong way round, keep both and show them"
    )]
    Removed {
        /// How many lines are missing.
        lines: u64,
    },
    /// The release is not there.
    #[error("the log does not list this release: it was never published, or the log is too old")]
    NotListed,
    /// The log has another release of that name.
    #[error(
        "the log lists another release under this quarter and version: this one was not published"
    )]
    OtherRelease,
}

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
        let entries = parse(bytes).map_err(|error| match error {
            LogError::Tampered { line } => MirrorError::Chain { line },
            LogError::Io(_) => MirrorError::Unfinished,
        })?;
        if entries.length == bytes.len() as u64 {
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

//! The release log: a hash-chained file outside the database that remembers what was measured and published.
//!
//! Noise protects people once. A database restored from an older backup would measure a quarter a second time, and the
//! average of two draws says more than either. So every reservation and every release is also a line of a file that is
//! not restored with the database, and closing is refused when the file knows more than the database does.
//!
//! **Format.** `release.log` holds one JSON object a line: `previous` (hash of the line before, zeros for the first), `kind`
//! (`reserved` or `released`), `period`, `version`, `parameters` (hash of the public noise parameters, or of the release)
//! and `hash` (BLAKE3 of `previous` and the four fields). A line counts once its newline is on disk; a tail without one was
//! never acknowledged and is cut off by the next writer. `release.lock` beside it lets one closing run at a time.
//!
//! **Mirrors.** Everything in the file is public and says nothing about people, so anybody may keep a copy: see [`mirror`].
//!
//! **Limits.** Lines removed from the end together with an older database cannot be noticed: keep the folder apart from the
//! database's backups. A mirror notices.

pub mod mirror;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crypto::b64::Fixed;
use crypto::day::Quarter;
use crypto::digest;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use privacy::scope::Subject;

/// The log's file name in the log folder.
pub const FILE: &str = "release.log";
/// The lock's file name in the log folder.
pub const LOCK: &str = "release.lock";

/// What a line says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The budget was debited; noise may have been drawn.
    Reserved,
    /// The release is public.
    Released,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    previous: Fixed<32>,
    kind: Kind,
    period: Quarter,
    version: u32,
    parameters: Fixed<32>,
    hash: Fixed<32>,
}

impl Line {
    fn digest(&self) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(80);
        bytes.extend_from_slice(&self.previous.0);
        bytes.push(match self.kind {
            Kind::Reserved => 1,
            Kind::Released => 2,
        });
        bytes.extend_from_slice(&self.period.number().to_be_bytes());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.parameters.0);
        digest::hash(&bytes)
    }
}

/// The log cannot be used.
#[derive(Debug, Error)]
pub enum LogError {
    /// The operating system refused.
    #[error(
        "the release log cannot be read or written: check the log folder's permissions and free space ({0})"
    )]
    Io(io::ErrorKind),
    /// The chain is broken, a line cannot be read, or two lines contradict each other.
    #[error(
        "the release log was changed: line {line} does not follow from the one before; restore the log folder"
    )]
    Tampered {
        /// The first line that does not fit, counted from 1.
        line: usize,
    },
}

impl From<io::Error> for LogError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// What the log says, checked from its first line to its last.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    known: BTreeMap<(Subject, Kind), [u8; 32]>,
    head: [u8; 32],
    /// Length in bytes of the whole lines.
    length: u64,
}

impl Entries {
    /// The hash a line of this kind carries, if there is one.
    #[must_use]
    pub fn get(&self, subject: Subject, kind: Kind) -> Option<[u8; 32]> {
        self.known.get(&(subject, kind)).copied()
    }

    /// Every line, by release and kind.
    pub fn iter(&self) -> impl Iterator<Item = (Subject, Kind, [u8; 32])> + '_ {
        self.known
            .iter()
            .map(|((subject, kind), hash)| (*subject, *kind, *hash))
    }

    /// Where the chain ends.
    #[must_use]
    pub fn head(&self) -> mirror::Head {
        mirror::Head {
            length: self.length,
            lines: self.known.len() as u64,
            hash: self.head,
        }
    }

    fn take(&mut self, line: &Line) -> Option<()> {
        let subject = Subject {
            period: line.period,
            version: line.version,
        };
        let fits = line.previous.0 == self.head && line.hash.0 == line.digest();
        let new = self
            .known
            .insert((subject, line.kind), line.parameters.0)
            .is_none();
        self.head = line.hash.0;
        (fits && new).then_some(())
    }
}

/// Reads and checks the whole log. A log that does not exist yet is empty. Takes no lock: a line being written is not seen.
///
/// # Errors
/// [`LogError`] when the file cannot be read or its chain is broken.
pub fn read(folder: &Path) -> Result<Entries, LogError> {
    whole(folder).map(|(_, entries)| entries)
}

/// As [`read`], with the bytes of the whole lines as they lie in the file: a tail without a newline is left out.
///
/// # Errors
/// As [`read`].
pub fn whole(folder: &Path) -> Result<(Vec<u8>, Entries), LogError> {
    let mut bytes = Vec::new();
    match File::open(folder.join(FILE)) {
        Ok(mut file) => file.read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error.into()),
    };
    let entries = parse(&bytes)?;
    bytes.truncate(usize::try_from(entries.length).unwrap_or(usize::MAX));
    Ok((bytes, entries))
}

/// Checks every whole line: it is written the one way it is written, and follows from the line before.
fn parse(bytes: &[u8]) -> Result<Entries, LogError> {
    let mut entries = Entries::default();
    for (number, text) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(text) = text.strip_suffix(b"\n") else {
            break;
        };
        let wrong = LogError::Tampered { line: number + 1 };
        let Ok(line) = serde_json::from_slice::<Line>(text) else {
            return Err(wrong);
        };
        let same = serde_json::to_vec(&line).is_ok_and(|again| again == text);
        if !same || entries.take(&line).is_none() {
            return Err(wrong);
        }
        entries.length += text.len() as u64 + 1;
    }
    Ok(entries)
}

/// The one writer of the log: holds the lock until it is dropped.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    entries: Entries,
    _lock: File,
}

impl Writer {
    /// Waits for the lock, then reads and checks the log. Blocks: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`LogError`] when the folder cannot be used or the chain is broken.
    pub fn open(folder: &Path) -> Result<Self, LogError> {
        std::fs::create_dir_all(folder)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK))?;
        lock.lock()?;
        Ok(Self {
            folder: folder.to_owned(),
            entries: read(folder)?,
            _lock: lock,
        })
    }

    /// What the log says.
    #[must_use]
    pub const fn entries(&self) -> &Entries {
        &self.entries
    }

    /// Makes sure the log has this line: appends it and waits until it is on disk, or finds it already there. Blocks.
    ///
    /// # Errors
    /// [`LogError::Tampered`] when the log has such a line with another hash; [`LogError::Io`].
    pub fn append(
        &mut self,
        subject: Subject,
        kind: Kind,
        parameters: [u8; 32],
    ) -> Result<(), LogError> {
        if let Some(known) = self.entries.get(subject, kind) {
            let line = self.entries.known.len();
            return if known == parameters {
                Ok(())
            } else {
                Err(LogError::Tampered { line })
            };
        }
        let Subject { period, version } = subject;
        let (previous, parameters) = (Fixed(self.entries.head), Fixed(parameters));
        let mut line = Line {
            previous,
            kind,
            period,
            version,
            parameters,
            hash: Fixed([0; 32]),
        };
        line.hash = Fixed(line.digest());
        let mut text =
            serde_json::to_vec(&line).map_err(|_| LogError::Io(io::ErrorKind::InvalidData))?;
        text.push(b'\n');
        self.write(&text)?;
        self.entries.length += text.len() as u64;
        let line_number = self.entries.known.len() + 1;
        self.entries
            .take(&line)
            .ok_or(LogError::Tampered { line: line_number })
    }

    fn write(&self, text: &[u8]) -> Result<(), LogError> {
        let path = self.folder.join(FILE);
        let fresh = !path.exists();
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        // A tail without a newline was never acknowledged.
        file.set_len(self.entries.length)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(text)?;
        file.sync_all()?;
        if fresh && cfg!(unix) {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn subject(period: &str) -> Subject {
        Subject {
            period: period.parse().unwrap(),
            version: 1,
        }
    }

    fn filled() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Writer::open(folder.path()).unwrap();
        for (n, period) in ["2026Q1", "2026Q2", "2026Q3"].into_iter().enumerate() {
            log.append(subject(period), Kind::Reserved, [n as u8; 32])
                .unwrap();
            log.append(subject(period), Kind::Released, [n as u8 + 100; 32])
                .unwrap();
        }
        folder
    }

    #[test]
    fn lines_come_back_and_repeating_one_changes_nothing() {
        let folder = filled();
        let before = std::fs::read(folder.path().join(FILE)).unwrap();
        let mut log = Writer::open(folder.path()).unwrap();
        assert_eq!(log.entries().iter().count(), 6);
        assert_eq!(
            log.entries().get(subject("2026Q2"), Kind::Released),
            Some([101; 32])
        );
        log.append(subject("2026Q2"), Kind::Released, [101; 32])
            .unwrap();
        assert!(
            log.append(subject("2026Q2"), Kind::Released, [9; 32])
                .is_err()
        );
        assert_eq!(std::fs::read(folder.path().join(FILE)).unwrap(), before);
    }

    #[test]
    fn every_changed_removed_or_moved_line_is_noticed() {
        let folder = filled();
        let path = folder.path().join(FILE);
        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            // A changed last newline leaves an unacknowledged tail, which reads as the five lines before it.
            let unread = at == good.len() - 1;
            assert_eq!(read(folder.path()).is_err(), !unread, "byte {at}");
        }
        let lines: Vec<&[u8]> = good.split_inclusive(|b| *b == b'\n').collect();
        for gone in 0..5 {
            let bad: Vec<u8> = lines
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != gone)
                .flat_map(|(_, l)| l.to_vec())
                .collect();
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(
                read(folder.path()),
                Err(LogError::Tampered { .. })
            ));
        }
    }

    #[test]
    fn a_torn_tail_is_cut_off_by_the_next_line() {
        let folder = filled();
        let path = folder.path().join(FILE);
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&good[..], b"{\"previous\":\"AA"].concat()).unwrap();
        assert_eq!(read(folder.path()).unwrap().iter().count(), 6);
        Writer::open(folder.path())
            .unwrap()
            .append(subject("2026Q4"), Kind::Reserved, [1; 32])
            .unwrap();
        assert_eq!(read(folder.path()).unwrap().iter().count(), 7);
        assert!(std::fs::read(&path).unwrap().starts_with(&good));
    }
}

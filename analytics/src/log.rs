//! The file of the release log ([`release::log`]): written under a lock, read without one.
//!
//! `release.log` holds the lines, `release.lock` beside it lets one closing run at a time. A line counts once its newline is on
//! disk; a tail without one was never acknowledged and is cut off by the next writer.
//!
//! **Limits.** Lines removed from the end together with an older database cannot be noticed: keep the folder apart from the
//! database's backups. A copy kept elsewhere notices.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use privacy::scope::Subject;
use thiserror::Error;

use release::log::chain::{Entries, Kind};
use release::log::error::Broken;

/// The log's file name in the log folder.
pub const FILE: &str = "release.log";
/// The lock's file name in the log folder.
const LOCK: &str = "release.lock";

/// The log cannot be used.
#[derive(Debug, Error)]
pub enum LogError {
    /// The operating system refused.
    #[error(
        "the release log cannot be read or written: check the log folder's permissions and free space ({0})"
    )]
    Io(io::ErrorKind),
    /// The chain is broken, a line cannot be read, or two lines contradict each other.
    #[error(transparent)]
    Broken(#[from] Broken),
}

impl From<io::Error> for LogError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
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
    let entries = Entries::read(&bytes)?;
    bytes.truncate(usize::try_from(entries.head().length).unwrap_or(usize::MAX));
    Ok((bytes, entries))
}

/// The one writer of the log: holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    folder: PathBuf,
    entries: Entries,
    _lock: File,
}

impl Writer {
    /// Waits for the lock, then reads and checks the log. Blocks: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`LogError`] when the folder cannot be used or the chain is broken.
    pub(crate) fn open(folder: &Path) -> Result<Self, LogError> {
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
    pub(crate) const fn entries(&self) -> &Entries {
        &self.entries
    }

    /// Makes sure the log has this line: appends it and waits until it is on disk, or finds it already there. Blocks.
    ///
    /// # Errors
    /// [`LogError::Broken`] when the log has such a line with another hash; [`LogError::Io`].
    pub(crate) fn append(
        &mut self,
        subject: Subject,
        kind: Kind,
        parameters: [u8; 32],
    ) -> Result<(), LogError> {
        if let Some((line, entries)) = self.entries.next(subject, kind, parameters)? {
            self.write(&line)?;
            self.entries = entries;
        }
        Ok(())
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
        file.set_len(self.entries.head().length)?;
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
            assert!(matches!(read(folder.path()), Err(LogError::Broken(_))));
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

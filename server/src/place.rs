//! Where the release log lies: outside the data folder, at a place that `payung.toml` remembers from the root of the file system on.
//!
//! **Why.** The log is what keeps a quarter from being drawn twice. Beside what it guards it would be copied with it, and the copy
//! would close the same quarter with another noise. So a copy of the data folder, wherever it lies, names the one log that the
//! original writes to: there it finds the closing that it lacks, or no log at all, and either is refused.
//!
//! **Model.** `init` makes the folder and writes the programme's id into it; a folder without that mark is no programme's log, however
//! empty. Only somebody's word that the log was lost makes it anew (`release log --adopt`).
//!
//! **Limits.** Who copies both, and changes the copy's `payung.toml`, has two programmes. The head that somebody else keeps tells
//! (`release close --seen`).

use std::path::{Path, PathBuf};

use crypto::id::ProgrammeId;

use crate::datadir::{DataDir, make_private};
use crate::error::Failure;
use crate::settings::Settings;

/// The file that says whose log lies there.
const MARK: &str = "programme";
/// What is added to the data folder's name.
const SUFFIX: &str = "-release-log";

impl DataDir {
    /// Where the release log lies.
    ///
    /// # Errors
    /// [`Failure`] when there is no programme here, or its log is not where it is remembered to be.
    pub fn release_log(&self) -> Result<PathBuf, Failure> {
        let programme = self.programme()?.programme;
        let folder = remembered(self.settings()?)?;
        match std::fs::read_to_string(folder.join(MARK)) {
            Ok(text) if text.trim() == programme.to_string() => Ok(folder),
            Ok(_) => Err(Failure::new(
                "the folder that payung.toml names as release-log holds another programme's log: name the right one",
            )),
            Err(_) => Err(Failure::new(
                "the release log is not in the folder that payung.toml names as release-log: bring it there, or, if it is lost and no \
                 copy of this folder closed a quarter, say so: `payung release log --adopt`",
            )),
        }
    }

    /// Makes the folder of a log that somebody said was lost, unless it is there.
    ///
    /// # Errors
    /// [`Failure`] when it holds another programme's log, or cannot be made.
    pub fn make_lost_log(&self) -> Result<(), Failure> {
        if self.release_log().is_ok() {
            return Ok(());
        }
        let folder = remembered(self.settings()?)?;
        make(&folder, &self.programme()?.programme)
    }

    /// Where a new programme's log will lie: where somebody wants it, or beside the data folder.
    ///
    /// # Errors
    /// [`Failure`] when the path cannot be made out.
    pub(crate) fn log_of(&self, settings: &Settings) -> Result<PathBuf, Failure> {
        let unknown = |_| {
            Failure::new("the place of the release log cannot be made out: give --release-log DIR")
        };
        if let Some(folder) = &settings.release_log {
            return std::path::absolute(folder).map_err(unknown);
        }
        let data = std::fs::canonicalize(self.path()).map_err(unknown)?;
        let name = data
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| {
            Failure::new("the data folder is the root of a file system: say where the release log goes, --release-log DIR")
        })?;
        Ok(data.with_file_name(format!("{name}{SUFFIX}")))
    }

    /// True when a copy of the data folder, or of the log's, has both.
    #[must_use]
    pub fn holds_its_log(&self, log: &Path) -> bool {
        let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let (data, log) = (whole(self.path()), whole(log));
        log.starts_with(&data) || data.starts_with(&log)
    }
}

fn remembered(settings: Option<Settings>) -> Result<PathBuf, Failure> {
    settings
        .and_then(|settings| settings.release_log)
        .ok_or_else(|| {
            Failure::new("payung.toml does not say where the release log is: add  release-log = \"/its/folder\"")
        })
}

/// Makes the folder of a log and marks it.
///
/// # Errors
/// [`Failure`] when it holds anything already, or cannot be made.
pub(crate) fn make(folder: &Path, programme: &ProgrammeId) -> Result<(), Failure> {
    let used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Err(Failure::new(
            "the folder for the release log is not empty: choose another one with --release-log DIR, or move away what lies there",
        ));
    }
    make_private(folder)?;
    let text = format!("{programme}\n");
    files::replace(&folder.join(MARK), text.as_bytes())
        .map_err(|e| Failure::of("the release log's folder cannot be written", e.kind()))
}

/// Takes away a log's folder that a founding made and that broke off; one with lines in it stays.
pub(crate) fn unmake(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(MARK));
    let _ = std::fs::remove_dir(folder);
}

//! Fresh instances, worked through the command line: the very binary that runs, as child processes.
//!
//! Nothing but what anybody can type reaches the child; there is no switch that shortens or seeds its noise. The passphrase
//! is made here and lives as long as the audit.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::dataset::{QUARTERS, START};
use crate::no_verdict::NoVerdict;

/// Where a child looks for its passphrase.
const PASSPHRASE: &str = "PAYUNG_PASSPHRASE";
/// Where it looks for that of the root key, which nothing here needs again.
const ROOT_PASSPHRASE: &str = "PAYUNG_ROOT_PASSPHRASE";
/// What the name of a release log's folder has after the data folder's.
const LOG: &str = "-release-log";
/// Where a data folder remembers the place of its log.
const SETTINGS: &str = "payung.toml";

/// A binary and the passphrase of all its instances.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    /// The file.
    pub file: PathBuf,
    /// Made for this audit.
    pub passphrase: String,
    /// Word for `init --budget`.
    pub budget: String,
}

/// What a command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error.
    pub err: Vec<u8>,
}

impl Said {
    /// Whether it succeeded.
    #[must_use]
    pub(crate) fn good(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as text.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: output.stdout,
            err: output.stderr,
        }
    }
}

/// An instance: a data folder of its own.
#[derive(Debug, Clone)]
pub(crate) struct Instance<'a> {
    /// What is started.
    pub binary: &'a Binary,
    /// Its data folder.
    pub data: PathBuf,
}

impl Binary {
    fn command(&self, data: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(&self.file);
        command.arg("--data-dir").arg(data).args(words);
        command.env(PASSPHRASE, &self.passphrase);
        command.env(ROOT_PASSPHRASE, format!("{} of the root", self.passphrase));
        command.env_remove("RUST_LOG");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Founds a programme in a new folder.
    ///
    /// # Errors
    /// [`NoVerdict`] when it cannot be started or refuses.
    pub(crate) fn found(&self, data: PathBuf) -> Result<Instance<'_>, NoVerdict> {
        let instance = Instance { binary: self, data };
        instance.done(&["init", "--start", START, "--budget", &self.budget])?;
        Ok(instance)
    }
}

impl Instance<'_> {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// [`NoVerdict`] when it cannot be started.
    pub(crate) fn run(&self, words: &[&str]) -> Result<Said, NoVerdict> {
        let output = self.binary.command(&self.data, words).output();
        output
            .map(Said::of)
            .map_err(|e| NoVerdict::of("starting a child process", e.kind()))
    }

    /// The same with every log that can be asked for.
    ///
    /// # Errors
    /// [`NoVerdict`] when it cannot be started.
    pub(crate) fn run_loud(&self, words: &[&str]) -> Result<Said, NoVerdict> {
        let mut command = self.binary.command(&self.data, words);
        let output = command.env("RUST_LOG", "trace").output();
        output
            .map(Said::of)
            .map_err(|e| NoVerdict::of("starting a child process", e.kind()))
    }

    /// Starts a command and does not wait.
    ///
    /// # Errors
    /// [`NoVerdict`] when it cannot be started.
    pub(crate) fn start(&self, words: &[&str]) -> Result<Child, NoVerdict> {
        let child = self.binary.command(&self.data, words).spawn();
        child.map_err(|e| NoVerdict::of("starting a child process", e.kind()))
    }

    /// Runs a command that must succeed.
    ///
    /// # Errors
    /// [`NoVerdict`] with what it said.
    pub(crate) fn done(&self, words: &[&str]) -> Result<Said, NoVerdict> {
        let said = self.run(words)?;
        if said.good() {
            return Ok(said);
        }
        let name = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let line = String::from_utf8_lossy(&said.err)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        Err(NoVerdict::of(&format!("`payung {name}` refused"), line))
    }

    /// Imports rows, every one of which must be taken.
    ///
    /// # Errors
    /// [`NoVerdict`] when a row is refused.
    pub(crate) fn import(&self, rows: &str) -> Result<(), NoVerdict> {
        self.feed(&["analytics", "import"], rows)
    }

    /// Presents rows through terminals and both roles, every one of which must be taken.
    ///
    /// # Errors
    /// [`NoVerdict`] when a row is refused.
    pub(crate) fn replay(&self, rows: &str) -> Result<(), NoVerdict> {
        self.feed(&["replay"], rows)
    }

    fn feed(&self, command: &[&str], rows: &str) -> Result<(), NoVerdict> {
        let file = self.data.with_extension("csv");
        std::fs::write(&file, rows).map_err(|e| NoVerdict::of("writing rows", e.kind()))?;
        let file = file.display().to_string();
        let words = [command, &["--register", "--yes", "--input", &file]].concat();
        if self.done(&words)?.text().contains(" 0 refused") {
            Ok(())
        } else {
            Err(NoVerdict::new("rows of the audit's data set were refused"))
        }
    }

    /// Closes a quarter.
    ///
    /// # Errors
    /// [`NoVerdict`] when it does not close.
    pub(crate) fn close(&self, period: &str) -> Result<Said, NoVerdict> {
        self.done(&["release", "close", "--period", period])
    }

    /// The bytes of an export.
    ///
    /// # Errors
    /// [`NoVerdict`] when there is none.
    pub(crate) fn export(&self, period: &str, format: &str) -> Result<Vec<u8>, NoVerdict> {
        let said = self.done(&["release", "export", "--period", period, "--format", format])?;
        Ok(said.out)
    }

    /// Closes all quarters and reads their exports.
    ///
    /// # Errors
    /// [`NoVerdict`] when a step does not succeed.
    pub(crate) fn year(&self) -> Result<Vec<Value>, NoVerdict> {
        let mut releases = Vec::new();
        for period in QUARTERS {
            self.close(period)?;
            let bytes = self.export(period, "json")?;
            releases.push(
                serde_json::from_slice(&bytes)
                    .map_err(|_| NoVerdict::new("an export is no JSON"))?,
            );
        }
        Ok(releases)
    }

    /// The folder of its release log.
    pub(crate) fn log(&self) -> PathBuf {
        let mut name = self.data.clone().into_os_string();
        name.push(LOG);
        name.into()
    }

    /// A copy of the whole folder under another name, with a copy of its log, and settings that name it: a programme of its own.
    ///
    /// # Errors
    /// [`NoVerdict`] when it cannot be copied.
    pub(crate) fn copy(&self, to: PathBuf) -> Result<Self, NoVerdict> {
        let made = Self {
            data: to,
            ..self.clone()
        };
        made.fill(self)
            .map_err(|e| NoVerdict::of("copying a data folder", e.kind()))?;
        Ok(made)
    }

    fn fill(&self, from: &Self) -> std::io::Result<()> {
        copy(&from.data, &self.data)?;
        copy(&from.log(), &self.log())?;
        let file = self.data.join(SETTINGS);
        let text = std::fs::read_to_string(&file)?;
        let named = |line: &str| match line.starts_with("release-log") {
            true => format!("release-log = \"{}\"\n", self.log().display()),
            false => format!("{line}\n"),
        };
        std::fs::write(&file, text.lines().map(named).collect::<String>())
    }

    /// Deletes the folders.
    pub(crate) fn remove(self) {
        // What cannot be deleted here goes with the audit's folder.
        let _ = std::fs::remove_dir_all(&self.data);
        let _ = std::fs::remove_dir_all(self.log());
    }
}

/// Copies a folder with everything in it.
///
/// # Errors
/// Whatever the file system says.
pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

//! The data folder: which files lie where, and how they are made without ever half existing.
//!
//! ```text
//! programme.json      public facts: identifier, release key, start, budget
//! payung.toml         settings: role, database, where to listen
//! root.key            signs the programme's keys, sealed under a passphrase of its own: to be carried away
//! next-root.key       the root key that may replace it: to be carried elsewhere
//! identity.keys       keys of the identity role, sealed under the passphrase
//! analytics.keys      keys of the statistics role, sealed under the passphrase
//! identity.stamp      tells an older copy of its database: in no backup
//! identity.db         its database (SQLite)        analytics.db   the other one
//! ```
//!
//! The release log, the hash-chained list of releases, lies in a folder of its own outside (`place.rs`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crypto::day::Day;
use crypto::id::ProgrammeId;
use crypto::rng::Rng;
use crypto::secret::{Secret, SecretBytes};
use crypto::sign::RootKey;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::settings::{self, Settings};

/// Format number of the data folder; another number is refused.
const FORMAT: u32 = 1;

/// What the service's passphrase seals; the last are the log-ins of a replay.
const PASSPHRASED: [&str; 3] = ["identity.keys", "analytics.keys", "replay/counters.keys"];

/// A data folder.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

/// What may be known to anyone who opens the folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Format of the folder.
    pub format: u32,
    /// Random identifier of the programme.
    pub programme: ProgrammeId,
    /// Ed25519 key that signs releases, 64 hexadecimal digits.
    pub release_key: String,
    /// First day of the programme, when one was given.
    pub start: Option<Day>,
    /// Budget name: strict, default or wide.
    pub budget: String,
}

/// The sealed files.
#[derive(Debug, Clone, Copy)]
pub enum KeyFile {
    /// Keys of the identity role.
    Identity,
    /// Keys of the statistics role.
    Analytics,
    /// The root key; under its own passphrase, and here only until somebody carries it away.
    Root,
    /// The root key that may replace it; likewise.
    NextRoot,
}

impl KeyFile {
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity.keys",
            Self::Analytics => "analytics.keys",
            Self::Root => "root.key",
            Self::NextRoot => "next-root.key",
        }
    }
}

impl DataDir {
    /// Names a folder; nothing is touched.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Every name in the folder; `None` when there is no folder.
    pub(crate) fn contents(&self) -> Option<BTreeSet<OsString>> {
        let entries = std::fs::read_dir(&self.0).ok()?;
        Some(entries.flatten().map(|entry| entry.file_name()).collect())
    }

    /// Takes away what was not there before, as far as the system lets it.
    pub(crate) fn restore(&self, before: Option<&BTreeSet<OsString>>) {
        let there = before.cloned().unwrap_or_default();
        for name in self.contents().unwrap_or_default().difference(&there) {
            let path = self.0.join(name);
            let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
        }
        if before.is_none() {
            let _ = std::fs::remove_dir(&self.0);
        }
    }

    /// Makes the folder, readable by its owner only; refuses one that holds a programme.
    pub fn create(&self) -> Result<(), Failure> {
        if self.0.join("programme.json").exists() {
            return Err(Failure::new(
                "this folder already holds a programme: choose another --data-dir",
            ));
        }
        make_private(&self.0)
    }

    /// Reads the public facts.
    pub fn programme(&self) -> Result<Programme, Failure> {
        let text = std::fs::read(self.0.join("programme.json")).map_err(|_| {
            Failure::new("no programme in the data folder: run `payung init` or give --data-dir")
        })?;
        let facts: Programme = serde_json::from_slice(&text)
            .map_err(|_| Failure::new("programme.json is damaged: restore it from a backup"))?;
        if facts.format != FORMAT {
            return Err(Failure::new(
                "the data folder has another format: use the version of payung that made it",
            ));
        }
        Ok(facts)
    }

    /// Writes the public facts; the last step of `init`, because their presence means "complete".
    pub fn write_programme(&self, facts: &Programme) -> Result<(), Failure> {
        let mut text =
            serde_json::to_vec_pretty(facts).map_err(|e| Failure::of("programme.json", e))?;
        text.push(b'\n');
        self.write_file("programme.json", &text)
    }

    /// The settings; none in a folder that holds no programme yet.
    ///
    /// # Errors
    /// [`Failure`] when they are not understood, or gone though the programme is here.
    pub fn settings(&self) -> Result<Option<Settings>, Failure> {
        match std::fs::read(self.0.join(settings::FILE)) {
            Ok(bytes) => {
                let text =
                    wire::edited::text(&bytes).map_err(|e| Failure::of(settings::FILE, e))?;
                Settings::parse(&text).map(Some)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                match self.0.join("programme.json").exists() {
                    true => Err(Failure::new(
                        "payung.toml is not in the data folder: it says where the database is; copy it here",
                    )),
                    false => Ok(None),
                }
            }
            Err(_) => Err(Failure::new(
                "payung.toml cannot be read: check its permissions",
            )),
        }
    }

    /// Writes the settings.
    ///
    /// # Errors
    /// [`Failure`] when a value cannot be written down, or the system refuses.
    pub fn write_settings(&self, settings: &Settings) -> Result<(), Failure> {
        self.write_file(settings::FILE, settings.text()?.as_bytes())
    }

    /// Seals keys under the passphrase and writes them.
    pub fn write_keys(
        &self,
        which: KeyFile,
        plain: &[u8],
        passphrase: &SecretBytes,
        rng: &mut impl Rng,
    ) -> Result<(), Failure> {
        let sealed = crypto::keyfile::seal_with_passphrase(passphrase, plain, rng)
            .map_err(|e| Failure::of("sealing the keys", e))?;
        self.write_file(which.name(), &sealed)
    }

    /// Whether a sealed file lies in the folder.
    pub fn holds(&self, which: KeyFile) -> bool {
        self.0.join(which.name()).exists()
    }

    /// Opens a sealed key file.
    pub fn read_keys(
        &self,
        which: KeyFile,
        passphrase: &SecretBytes,
    ) -> Result<SecretBytes, Failure> {
        let sealed = std::fs::read(self.0.join(which.name())).map_err(|_| {
            Failure::new("this role's key file is not in the data folder: copy it here or run the other role")
        })?;
        crypto::keyfile::open_with_passphrase(passphrase, &sealed).map_err(|_| {
            Failure::new("the keys do not open: wrong passphrase, or a damaged key file")
        })
    }

    /// Seals every file that the passphrase opens under another one, and names them. All are opened before the first is
    /// written; after a break the same again goes on where it stopped.
    ///
    /// # Errors
    /// [`Failure`] when a file opens with neither, or cannot be written.
    pub fn reseal(
        &self,
        old: &SecretBytes,
        new: &SecretBytes,
        rng: &mut impl Rng,
    ) -> Result<Vec<&'static str>, Failure> {
        let mut all = Vec::new();
        for name in PASSPHRASED {
            let Ok(sealed) = std::fs::read(self.0.join(name)) else {
                continue;
            };
            let plain = crypto::keyfile::open_with_passphrase(old, &sealed)
                .or_else(|_| crypto::keyfile::open_with_passphrase(new, &sealed))
                .map_err(|_| {
                    Failure::new(format!(
                        "{name} does not open: wrong passphrase, or a damaged file; nothing was changed"
                    ))
                })?;
            let sealed = crypto::keyfile::seal_with_passphrase(new, plain.expose(), rng)
                .map_err(|e| Failure::of("sealing the keys", e))?;
            all.push((name, sealed));
        }
        for (name, sealed) in &all {
            self.write_file(name, sealed)?;
        }
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    /// Format number for new folders.
    pub fn format() -> u32 {
        FORMAT
    }

    /// Writes whole or not at all.
    fn write_file(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        files::replace(&self.0.join(name), bytes)
            .map_err(|e| Failure::of("writing to the data folder failed", e.kind()))
    }
}

/// Seals a root key under its passphrase and writes it to any place.
pub fn write_root(
    path: &Path,
    root: &RootKey,
    passphrase: &SecretBytes,
    rng: &mut impl Rng,
) -> Result<(), Failure> {
    let sealed = crypto::keyfile::seal_with_passphrase(passphrase, root.seed().expose(), rng)
        .map_err(|e| Failure::of("sealing the root key", e))?;
    files::write(path, &sealed).map_err(|e| Failure::of("writing the root key", e.kind()))
}

/// Opens a root key, wherever it lies.
pub fn read_root(path: &Path, passphrase: &SecretBytes) -> Result<RootKey, Failure> {
    let sealed = std::fs::read(path)
        .map_err(|_| Failure::new("the root key cannot be read: check its path"))?;
    let damaged =
        || Failure::new("the root key does not open: wrong passphrase, or a damaged key file");
    let plain =
        crypto::keyfile::open_with_passphrase(passphrase, &sealed).map_err(|_| damaged())?;
    let seed = Secret::try_from(plain.expose()).map_err(|_| damaged())?;
    RootKey::from_seed(&seed).map_err(|_| damaged())
}

/// Makes a folder that only its owner can read, also when it is there already with wider rights.
pub fn make_private(path: &Path) -> Result<(), Failure> {
    files::folder(path).map_err(|e| Failure::of("the data folder cannot be made", e.kind()))
}

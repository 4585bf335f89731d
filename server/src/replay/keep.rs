//! What a replay keeps between runs: the log-ins of its counters, sealed under the passphrase.
//!
//! Each counter's terminal state is its own file, sealed as every terminal's is; only the
//! generated passwords lie here. Without this file a second replay could not serve at the same
//! sites again, because only a provider's own staff can open its data key.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crypto::report::Site;
use crypto::rng::Rng;
use crypto::secret::SecretBytes;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::error::Failure;

/// One counter's log-in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The handle.
    pub handle: String,
    /// The generated password.
    pub password: String,
    /// Name of the terminal's state file in the same folder.
    pub file: String,
}

impl Drop for LogIn {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

/// The file of log-ins.
pub struct Keeper {
    folder: PathBuf,
    passphrase: SecretBytes,
    log_ins: BTreeMap<Site, LogIn>,
}

impl Keeper {
    /// Opens the folder `replay` beside the programme's files, or starts it.
    pub fn open(data_dir: &Path, passphrase: SecretBytes) -> Result<Self, Failure> {
        let folder = data_dir.join("replay");
        crate::datadir::make_private(&folder)?;
        let log_ins = match fs::read(folder.join("counters.keys")) {
            Err(_) => BTreeMap::new(),
            Ok(sealed) => {
                let plain = crypto::keyfile::open_with_passphrase(&passphrase, &sealed)
                    .map_err(|e| Failure::of("opening the replay's log-ins", e))?;
                serde_json::from_slice(plain.expose()).map_err(|_| {
                    Failure::new("the replay's log-ins are damaged: delete the folder `replay`")
                })?
            }
        };
        Ok(Self {
            folder,
            passphrase,
            log_ins,
        })
    }

    /// The log-in of a site's counter.
    pub fn get(&self, site: &Site) -> Option<&LogIn> {
        self.log_ins.get(site)
    }

    /// Where a terminal's state file lies.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Notes a log-in and writes the file.
    pub fn put(&mut self, site: Site, log_in: LogIn, rng: &mut impl Rng) -> Result<(), Failure> {
        self.log_ins.insert(site, log_in);
        let failed = |e: std::io::Error| Failure::of("writing the replay's log-ins", e.kind());
        let plain = serde_json::to_vec(&self.log_ins)
            .map(SecretBytes::new)
            .map_err(|e| Failure::of("writing the replay's log-ins", e))?;
        let sealed = crypto::keyfile::seal_with_passphrase(&self.passphrase, plain.expose(), rng)
            .map_err(|e| Failure::of("sealing the replay's log-ins", e))?;
        files::replace(&self.folder.join("counters.keys"), &sealed).map_err(failed)
    }
}

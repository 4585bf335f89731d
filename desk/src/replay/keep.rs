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

use super::error::ReplayError;

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
    ///
    /// # Errors
    /// [`ReplayError`] when the folder cannot be made or the file does not open.
    pub fn open(data_dir: &Path, passphrase: SecretBytes) -> Result<Self, ReplayError> {
        let folder = data_dir.join("replay");
        files::folder(&folder).map_err(ReplayError::disk("the data folder cannot be made"))?;
        let log_ins = match fs::read(folder.join("counters.keys")) {
            Err(_) => BTreeMap::new(),
            Ok(sealed) => {
                let plain = crypto::keyfile::open_with_passphrase(&passphrase, &sealed)
                    .map_err(ReplayError::log_ins("opening the replay's log-ins"))?;
                serde_json::from_slice(plain.expose()).map_err(|_| ReplayError::Damaged)?
            }
        };
        Ok(Self {
            folder,
            passphrase,
            log_ins,
        })
    }

    /// The log-in of a site's counter.
    #[must_use]
    pub fn get(&self, site: &Site) -> Option<&LogIn> {
        self.log_ins.get(site)
    }

    /// Where a terminal's state file lies.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Notes a log-in and writes the file.
    ///
    /// # Errors
    /// [`ReplayError`] when it cannot be sealed or written.
    pub fn put(
        &mut self,
        site: Site,
        log_in: LogIn,
        rng: &mut impl Rng,
    ) -> Result<(), ReplayError> {
        self.log_ins.insert(site, log_in);
        let failed = ReplayError::disk("writing the replay's log-ins");
        let plain = serde_json::to_vec(&self.log_ins)
            .map(SecretBytes::new)
            .map_err(|_| ReplayError::Damaged)?;
        let sealed = crypto::keyfile::seal_with_passphrase(&self.passphrase, plain.expose(), rng)
            .map_err(ReplayError::log_ins("sealing the replay's log-ins"))?;
        files::replace(&self.folder.join("counters.keys"), &sealed).map_err(failed)
    }
}

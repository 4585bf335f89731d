//! What a replay keeps between runs, in the folder `replay` of the data folder.
//!
//! - `counters.keys`, sealed under the passphrase: the generated passwords of the counters, and a key. Without it a second
//!   replay could not serve at the same sites again, because only a provider's own staff can open its data key.
//! - `issued.sealed`, under that key: every person's card and what was presented, so that the same file again makes nobody
//!   twice.
//! - each counter's terminal state, a file of its own, sealed as every terminal's is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crypto::id::ProgrammeId;
use crypto::json::{self, Hidden, HiddenText};
use crypto::report::Site;
use crypto::rng::Rng;
use crypto::secret::{Secret, SecretBytes};
use crypto::{label, seal};
use serde::{Deserialize, Serialize};

use super::error::ReplayError;
use super::issued::Issued;

const COUNTERS: &str = "counters.keys";
const ISSUED: &str = "issued.sealed";

/// One counter's log-in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The handle.
    pub handle: String,
    /// The generated password.
    pub password: HiddenText,
    /// Name of the terminal's state file in the same folder.
    pub file: String,
}

/// What `counters.keys` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counters {
    /// Key of `issued.sealed`.
    key: Hidden<32>,
    log_ins: BTreeMap<Site, LogIn>,
}

/// The folder of a replay.
pub struct Keeper {
    folder: PathBuf,
    passphrase: SecretBytes,
    log_ins: BTreeMap<Site, LogIn>,
    pub(super) key: Secret<32>,
    programme: Option<ProgrammeId>,
    pub(super) issued: Issued,
}

impl Keeper {
    /// Opens the folder `replay` beside the programme's files, or starts it.
    ///
    /// # Errors
    /// [`ReplayError`] when the folder cannot be made or the file does not open.
    pub fn open(
        data_dir: &Path,
        passphrase: SecretBytes,
        rng: &mut impl Rng,
    ) -> Result<Self, ReplayError> {
        let folder = data_dir.join("replay");
        files::folder(&folder).map_err(ReplayError::disk("the data folder cannot be made"))?;
        let (key, log_ins) = match fs::read(folder.join(COUNTERS)) {
            Err(_) => (Secret::random(rng), BTreeMap::new()),
            Ok(sealed) => {
                let plain = crypto::keyfile::open_with_passphrase(&passphrase, &sealed)
                    .map_err(ReplayError::log_ins("opening the replay's log-ins"))?;
                let kept: Counters =
                    json::read(plain.expose()).map_err(|_| ReplayError::Damaged)?;
                (kept.key.0, kept.log_ins)
            }
        };
        Ok(Self {
            folder,
            passphrase,
            log_ins,
            key,
            programme: None,
            issued: Issued::default(),
        })
    }

    /// Reads what replays of this programme issued.
    ///
    /// # Errors
    /// [`ReplayError::OtherProgramme`] when it does not open, [`ReplayError::Damaged`].
    pub(super) fn load_issued(&mut self, programme: ProgrammeId) -> Result<(), ReplayError> {
        self.programme = Some(programme);
        let Ok(sealed) = fs::read(self.folder.join(ISSUED)) else {
            return Ok(());
        };
        let id = programme.as_bytes();
        let plain = seal::open(self.key.expose(), label::REPLAY_SEAL, id, &sealed)
            .map(SecretBytes::new)
            .map_err(|_| ReplayError::OtherProgramme)?;
        self.issued = json::read(plain.expose()).map_err(|_| ReplayError::Damaged)?;
        Ok(())
    }

    /// Writes what was issued.
    ///
    /// # Errors
    /// [`ReplayError`] when it cannot be sealed or written.
    pub(super) fn save_issued(&mut self, rng: &mut impl Rng) -> Result<(), ReplayError> {
        // The key first: without it nothing of this opens.
        if !self.folder.join(COUNTERS).exists() {
            self.write_counters(rng)?;
        }
        let Some(programme) = &self.programme else {
            return Ok(());
        };
        let plain = json::write(&self.issued).map_err(|_| ReplayError::Damaged)?;
        let (key, id) = (self.key.expose(), programme.as_bytes());
        let sealed = seal::seal(key, label::REPLAY_SEAL, id, &plain, rng)
            .map_err(|_| ReplayError::Damaged)?;
        files::replace(&self.folder.join(ISSUED), &sealed)
            .map_err(ReplayError::disk("writing what the replay issued"))
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
        self.write_counters(rng)
    }

    fn write_counters(&mut self, rng: &mut impl Rng) -> Result<(), ReplayError> {
        let failed = ReplayError::disk("writing the replay's log-ins");
        let mut kept = Counters {
            key: Hidden::of(self.key.expose()),
            log_ins: std::mem::take(&mut self.log_ins),
        };
        let plain = json::write(&kept);
        self.log_ins = std::mem::take(&mut kept.log_ins);
        let plain = plain.map_err(|_| ReplayError::Damaged)?;
        let sealed = crypto::keyfile::seal_with_passphrase(&self.passphrase, &plain, rng)
            .map_err(ReplayError::log_ins("sealing the replay's log-ins"))?;
        files::replace(&self.folder.join(COUNTERS), &sealed).map_err(failed)
    }
}

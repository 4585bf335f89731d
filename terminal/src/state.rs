//! The one file a terminal keeps.
//!
//! Readable without a key: a version, the terminal's random id and the number
//! of people enrolled at it. Everything else (terminal key, pinned keys, trust
//! bundle, roster, queues) is one sealed body under a random file key, which is
//! wrapped once per person under a key from that person's OPAQUE export key.
//! So a seized disk is ciphertext, and without an answer of the server not even
//! a guess at the password can be checked. Writing is atomic: new file, flush,
//! rename. Limit: an older copy of the file put back is not noticed by the file
//! itself; the server's ids and serials make it harmless.

use crate::device::Device;
use crate::error::{Error, StateError};
use crate::local::Local;
use crypto::b64::B64;
use crypto::id::TerminalId;
use crypto::label::{TERMINAL_SEAL, TERMINAL_STORE_KEY};
use crypto::opaque::ExportKey;
use crypto::rng::Rng;
use crypto::secret::Secret;
use crypto::{digest, seal};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const VERSION: u32 = 1;
/// Most people enrolled at one terminal.
const MOST_SLOTS: usize = 64;

/// The key that opens a person's slot, from the OPAQUE export key; 32 bytes.
#[derive(Clone, Debug)]
pub struct StateKey(Secret<32>);

impl StateKey {
    /// Derives it. The export key itself is not kept.
    #[must_use]
    pub fn derive(export_key: &ExportKey) -> Self {
        Self(digest::derive_secret(
            TERMINAL_STORE_KEY,
            export_key.0.expose(),
        ))
    }
}

/// What is readable before sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    version: u32,
    terminal: TerminalId,
    slots: Vec<B64>,
    body: B64,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Inner {
    device: Device,
    local: Local,
}

/// A closed state file: enough to ask the server for a sign-in.
#[derive(Clone, Debug)]
pub struct Closed {
    path: PathBuf,
    outer: Outer,
}

/// An open state file. Nothing is written until [`StateFile::save`].
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    slots: Vec<B64>,
    file_key: Secret<32>,
    /// The terminal's key and pins.
    pub device: Device,
    /// Roster, cursor and queues.
    pub local: Local,
}

impl Closed {
    /// Reads the file's outside.
    ///
    /// # Errors
    /// `Io` or `Format`.
    pub fn read(path: &Path) -> Result<Self, StateError> {
        let bytes = fs::read(path).map_err(|_| StateError::Io)?;
        let outer: Outer = serde_json::from_slice(&bytes).map_err(|_| StateError::Format)?;
        if outer.version != VERSION || outer.slots.len() > MOST_SLOTS {
            return Err(StateError::Format);
        }
        Ok(Self {
            path: path.to_owned(),
            outer,
        })
    }

    /// The terminal's id, needed to start a sign-in.
    #[must_use]
    pub fn terminal(&self) -> TerminalId {
        self.outer.terminal
    }

    /// Opens the file with one person's key.
    ///
    /// # Errors
    /// `Closed` when no slot opens or anything was changed, `Format` when the
    /// content is not of this version.
    pub fn open(self, key: &StateKey) -> Result<StateFile, StateError> {
        let terminal = self.outer.terminal;
        let file_key = self
            .outer
            .slots
            .iter()
            .find_map(|slot| open_slot(key, &terminal, slot))
            .ok_or(StateError::Closed)?;
        let context = body_context(&terminal, &self.outer.slots);
        let plain = seal::open(file_key.expose(), TERMINAL_SEAL, &context, &self.outer.body)
            .map(Zeroizing::new)
            .map_err(|_| StateError::Closed)?;
        let inner: Inner = serde_json::from_slice(&plain).map_err(|_| StateError::Format)?;
        if inner.device.terminal() != terminal {
            return Err(StateError::Closed);
        }
        Ok(StateFile {
            path: self.path,
            slots: self.outer.slots,
            file_key,
            device: inner.device,
            local: inner.local,
        })
    }
}

impl StateFile {
    /// Writes the first file of a terminal.
    ///
    /// # Errors
    /// `Exists` when there is one already, `Io`.
    pub fn create(
        path: &Path,
        device: Device,
        key: &StateKey,
        rng: &mut impl Rng,
    ) -> Result<Self, Error> {
        if path.try_exists().map_err(|_| StateError::Io)? {
            return Err(StateError::Exists.into());
        }
        let mut file = Self {
            path: path.to_owned(),
            slots: Vec::new(),
            file_key: Secret::random(rng),
            device,
            local: Local::default(),
        };
        file.admit(key, rng)?;
        file.save(rng)?;
        Ok(file)
    }

    /// Lets another person's key open this file. Takes effect with the next
    /// save.
    ///
    /// # Errors
    /// `TooMany` above 64 people.
    pub fn admit(&mut self, key: &StateKey, rng: &mut impl Rng) -> Result<(), Error> {
        if self.slots.len() >= MOST_SLOTS {
            return Err(Error::TooMany);
        }
        let context = slot_context(&self.device.terminal());
        let slot = seal::seal(
            key.0.expose(),
            TERMINAL_SEAL,
            &context,
            self.file_key.expose(),
            rng,
        )
        .map_err(|_| Error::Value)?;
        self.slots.push(B64(slot));
        Ok(())
    }

    /// Seals and writes everything, atomically.
    ///
    /// # Errors
    /// `Io`; the file before stays whole.
    pub fn save(&self, rng: &mut impl Rng) -> Result<(), Error> {
        let terminal = self.device.terminal();
        // Serialised by reference: secrets are not copied.
        let plain = serde_json::to_vec(&InnerRef {
            device: &self.device,
            local: &self.local,
        })
        .map(Zeroizing::new)
        .map_err(|_| StateError::Format)?;
        let context = body_context(&terminal, &self.slots);
        let body = seal::seal(self.file_key.expose(), TERMINAL_SEAL, &context, &plain, rng)
            .map_err(|_| StateError::Format)?;
        let outer = Outer {
            version: VERSION,
            terminal,
            slots: self.slots.clone(),
            body: B64(body),
        };
        let bytes = serde_json::to_vec(&outer).map_err(|_| StateError::Format)?;
        replace(&self.path, &bytes).map_err(|_| StateError::Io.into())
    }
}

#[derive(Serialize)]
struct InnerRef<'a> {
    device: &'a Device,
    local: &'a Local,
}

fn slot_context(terminal: &TerminalId) -> Vec<u8> {
    [&b"slot"[..], terminal.as_bytes()].concat()
}

/// Binds the body to the terminal and to the set of slots.
fn body_context(terminal: &TerminalId, slots: &[B64]) -> Vec<u8> {
    let slots: Vec<u8> = slots.iter().flat_map(|slot| digest::hash(slot)).collect();
    [&b"body"[..], terminal.as_bytes(), &slots].concat()
}

fn open_slot(key: &StateKey, terminal: &TerminalId, slot: &B64) -> Option<Secret<32>> {
    let plain = seal::open(key.0.expose(), TERMINAL_SEAL, &slot_context(terminal), slot).ok()?;
    Secret::try_from(&Zeroizing::new(plain)[..]).ok()
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = private().open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// A new file that only this user can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests;

//! What a terminal keeps, sealed.
//!
//! Readable without a key: a version, the terminal's random id, the key that it
//! knocks with, and the number of people enrolled at it. Everything else (terminal key, pinned keys, trust
//! bundle, roster, queues) is one sealed body under a random key, which is
//! wrapped once per person under a key from that person's OPAQUE export key.
//! So a seized disk is ciphertext, and without an answer of the server not even
//! a guess at the password can be checked. Where the bytes lie and how they are
//! replaced is the affair of who keeps them ([`Keep`]). The envelopes lie beside
//! it under the same key: their length tells roughly how many clients the
//! programme has, and it is the same at every terminal. An older copy put
//! back, or two copies used in turn, do no harm: no session is kept here, every
//! seal draws its own nonce, what is sent again bears the same ids, and logs are
//! read on from where that copy stood. It is noticed by the entries that come
//! back and are not remembered ([`crate::notice::Notice::Forgotten`]). Limits: a copy
//! whose successor sent nothing is not noticed, and what only the newer one knew is gone.

use crate::device::{Device, Door};
use crate::envelopes::Envelopes;
use crate::error::{Error, StateError};
use crate::jotted::Inside;
use crate::keep::Keep;
use crate::local::Local;
use crate::pin::HeldPin;
use crypto::b64::B64;
use crypto::id::TerminalId;
use crypto::json::{self, Hidden};
use crypto::label::{TERMINAL_SEAL, TERMINAL_STORE_KEY};
use crypto::login::DoorKey;
use crypto::opaque::ExportKey;
use crypto::rng::Rng;
use crypto::secret::Secret;
use crypto::{digest, seal};
use serde::{Deserialize, Serialize};
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
    door: Hidden<32>,
    slots: Vec<B64>,
    body: B64,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Inner {
    device: Device,
    local: Local,
    #[serde(default)]
    pin: Option<HeldPin>,
    #[serde(default)]
    inside: Option<Inside>,
}

/// What is kept, closed: enough to ask the server for a sign-in.
#[derive(Clone, Debug)]
pub struct Closed(Outer);

/// What is kept, open. Nothing is written until [`Open::save`].
#[derive(Debug)]
pub struct Open {
    slots: Vec<B64>,
    body_key: Secret<32>,
    /// The terminal's key and pins.
    pub device: Device,
    /// Roster, cursor and queues.
    pub local: Local,
    /// Every envelope, kept beside the rest: [`Open::load_envelopes`].
    pub envelopes: Envelopes,
    /// With what a lock of this device opens again.
    pub(crate) pin: Option<HeldPin>,
    /// With what notes are read that were taken while this was closed.
    pub(crate) inside: Option<Inside>,
}

impl Closed {
    /// Reads the outside.
    ///
    /// # Errors
    /// `Format`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let outer: Outer = json::read(bytes).map_err(|_| StateError::Format)?;
        if outer.version != VERSION || outer.slots.len() > MOST_SLOTS {
            return Err(StateError::Format);
        }
        Ok(Self(outer))
    }

    /// Reads what is kept.
    ///
    /// # Errors
    /// `Io`, also when nothing is kept; `Format`.
    pub async fn load(keep: &impl Keep) -> Result<Self, StateError> {
        let bytes = Zeroizing::new(keep.load().await?.ok_or(StateError::Io)?);
        Self::from_bytes(&bytes)
    }

    /// What a sign-in begins with.
    #[must_use]
    pub fn door(&self) -> Door {
        Door {
            terminal: self.0.terminal,
            key: DoorKey::new(self.0.door.0.clone()),
        }
    }

    /// Opens it with one person's key.
    ///
    /// # Errors
    /// `Closed` when no slot opens or anything was changed, `Format` when the
    /// content is not of this version.
    pub fn open(self, key: &StateKey) -> Result<Open, StateError> {
        let mut slots = self.0.slots.iter();
        let body_key = slots
            .find_map(|slot| open_slot(key, &self.0.terminal, slot))
            .ok_or(StateError::Closed)?;
        self.open_body(body_key)
    }

    /// Opens it with the key of its body, which a locked device has kept.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn open_body(self, body_key: Secret<32>) -> Result<Open, StateError> {
        let (terminal, door) = (self.0.terminal, self.door());
        let context = body_context(&terminal, &self.0.slots);
        let plain = seal::open(body_key.expose(), TERMINAL_SEAL, &context, &self.0.body)
            .map(Zeroizing::new)
            .map_err(|_| StateError::Closed)?;
        let inner: Inner = json::read(&plain).map_err(|_| StateError::Format)?;
        if inner.device.door() != door {
            return Err(StateError::Closed);
        }
        Ok(Open {
            slots: self.0.slots,
            body_key,
            device: inner.device,
            local: inner.local,
            envelopes: Envelopes::default(),
            pin: inner.pin,
            inside: inner.inside,
        })
    }
}

impl Open {
    /// The first of a terminal, opened by one person's key.
    ///
    /// # Errors
    /// `Value` when it cannot be sealed, which does not happen.
    pub fn new(device: Device, key: &StateKey, rng: &mut impl Rng) -> Result<Self, Error> {
        let mut open = Self {
            slots: Vec::new(),
            body_key: Secret::random(rng),
            device,
            local: Local::default(),
            envelopes: Envelopes::default(),
            pin: None,
            inside: None,
        };
        open.admit(key, rng)?;
        Ok(open)
    }

    /// Makes the first of a terminal and keeps it.
    ///
    /// # Errors
    /// `Exists` when something is kept already, `Io`.
    pub async fn create(
        keep: &impl Keep,
        device: Device,
        key: &StateKey,
        rng: &mut impl Rng,
    ) -> Result<Self, Error> {
        if keep.load().await?.is_some() {
            return Err(StateError::Exists.into());
        }
        let open = Self::new(device, key, rng)?;
        open.save(keep, rng).await?;
        Ok(open)
    }

    /// Lets another person's key open this. Takes effect with the next save.
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
            self.body_key.expose(),
            rng,
        )
        .map_err(|_| Error::Value)?;
        self.slots.push(B64(slot));
        Ok(())
    }

    /// The key of the body.
    pub(crate) const fn body_key(&self) -> &Secret<32> {
        &self.body_key
    }

    /// Seals everything and keeps it.
    ///
    /// # Errors
    /// `Io`; what was kept before stays whole.
    pub async fn save(&self, keep: &impl Keep, rng: &mut impl Rng) -> Result<(), Error> {
        Ok(keep.replace(&self.seal(rng)?).await?)
    }

    /// Reads the envelopes that were kept. Those that do not open, or of another
    /// form, are as good as none: a synchronisation fetches them again.
    ///
    /// # Errors
    /// `Io`.
    pub async fn load_envelopes(&mut self, keep: &impl Keep) -> Result<(), StateError> {
        let context = envelopes_context(&self.device.terminal());
        let sealed = keep.load().await?.unwrap_or_default();
        let plain = seal::open(self.body_key.expose(), TERMINAL_SEAL, &context, &sealed);
        let kept = plain.ok().and_then(|plain| Envelopes::from_bytes(&plain));
        self.envelopes = kept.unwrap_or_default();
        Ok(())
    }

    /// Seals the envelopes and keeps them, in a place of their own: they are
    /// large and change only when they are synchronised.
    ///
    /// # Errors
    /// `Io`; what was kept before stays whole.
    pub async fn save_envelopes(
        &self,
        keep: &impl Keep,
        rng: &mut impl Rng,
    ) -> Result<(), StateError> {
        let context = envelopes_context(&self.device.terminal());
        let plain = self.envelopes.to_bytes();
        let sealed = seal::seal(self.body_key.expose(), TERMINAL_SEAL, &context, &plain, rng)
            .map_err(|_| StateError::Format)?;
        keep.replace(&sealed).await
    }

    /// Seals everything but the envelopes into the bytes that [`Closed::from_bytes`] reads.
    ///
    /// # Errors
    /// `Format` when it cannot be sealed, which does not happen.
    pub fn seal(&self, rng: &mut impl Rng) -> Result<Zeroizing<Vec<u8>>, StateError> {
        let terminal = self.device.terminal();
        // Serialised by reference: secrets are not copied.
        let plain = json::write(&InnerRef {
            device: &self.device,
            local: &self.local,
            pin: &self.pin,
            inside: &self.inside,
        })
        .map_err(|_| StateError::Format)?;
        let context = body_context(&terminal, &self.slots);
        let body = seal::seal(self.body_key.expose(), TERMINAL_SEAL, &context, &plain, rng)
            .map_err(|_| StateError::Format)?;
        let outer = Outer {
            version: VERSION,
            terminal,
            door: Hidden(self.device.door().key.secret().clone()),
            slots: self.slots.clone(),
            body: B64(body),
        };
        json::write(&outer).map_err(|_| StateError::Format)
    }
}

#[derive(Serialize)]
struct InnerRef<'a> {
    device: &'a Device,
    local: &'a Local,
    pin: &'a Option<HeldPin>,
    inside: &'a Option<Inside>,
}

fn slot_context(terminal: &TerminalId) -> Vec<u8> {
    [&b"slot"[..], terminal.as_bytes()].concat()
}

fn envelopes_context(terminal: &TerminalId) -> Vec<u8> {
    [&b"envelopes"[..], terminal.as_bytes()].concat()
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

#[cfg(test)]
mod tests;

//! What one enrolled terminal is: its key and what it has pinned.
//!
//! The Ed25519 key is made here and never leaves; the root key comes with the
//! invitation and changes only as the log of keys says; the server's OPAQUE key
//! is pinned at enrolment; the log as far as it was read is kept, so that a
//! shorter or another one is refused; the provider's data key is known again by its inbox key, so that
//! the server, which hands it out sealed, cannot change it for one of its own.
//! Limit: the first data key that a colleague's terminal is given is believed.
//! All of it is kept inside the sealed state file.

use crate::error::Error;
use crypto::b64::Fixed;
use crypto::bundle::wrap_id;
use crypto::card::WrapKey;
use crypto::id::TerminalId;
use crypto::login::DoorKey;
use crypto::provider::DataKey;
use crypto::secret::Secret;
use crypto::sign::TerminalKey;
use crypto::trust::{Trust, TrustBundle, TrustError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use wire::typed;

/// The name a person signs in with, as it is sent: 3 to 64 of `a-z 0-9 . _ -`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}

impl Handle {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self(typed::name(text)?))
    }
}

/// What people call a terminal, like "laptop, north office": 1 to 40 characters,
/// by which it is found and revoked when it is lost.
#[derive(Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self(typed::label(text)?))
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Label(..)")
    }
}

impl TryFrom<String> for Handle {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.0
    }
}

/// What a terminal begins a sign-in with: readable where it is kept, because
/// nothing else there opens before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The terminal's id.
    pub terminal: TerminalId,
    /// The key that it knocks with.
    pub key: DoorKey,
}

/// One enrolled terminal of one person. Debug shows nothing.
#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    handle: Handle,
    terminal: TerminalId,
    #[serde(with = "secret")]
    door: Secret<32>,
    #[serde(with = "secret")]
    seed: Secret<32>,
    opaque_key: Fixed<32>,
    trust: Trust,
    /// The wrap keys of the last sign-in; none for roles that scan no cards.
    #[serde(with = "wraps")]
    wraps: Vec<WrapKey>,
    /// Inbox key of the provider's data key, once one was made or given.
    #[serde(default)]
    inbox: Option<Fixed<32>>,
}

/// What enrolment learns, for [`Device::new`].
pub(crate) struct Pins {
    pub(crate) handle: Handle,
    pub(crate) door: Door,
    pub(crate) seed: Secret<32>,
    pub(crate) opaque_key: [u8; 32],
    pub(crate) trust: Trust,
    pub(crate) inbox: Option<[u8; 32]>,
}

impl Device {
    /// Pins what enrolment learnt.
    pub(crate) fn new(pins: Pins) -> Self {
        Self {
            handle: pins.handle,
            terminal: pins.door.terminal,
            door: pins.door.key.secret().clone(),
            seed: pins.seed,
            opaque_key: Fixed(pins.opaque_key),
            trust: pins.trust,
            wraps: Vec::new(),
            inbox: pins.inbox.map(Fixed),
        }
    }

    /// Who signs in here.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The terminal's id.
    #[must_use]
    pub fn terminal(&self) -> TerminalId {
        self.terminal
    }

    /// What a sign-in here begins with.
    #[must_use]
    pub fn door(&self) -> Door {
        Door {
            terminal: self.terminal,
            key: DoorKey::new(self.door.clone()),
        }
    }

    /// The log of keys as far as it was read, with the root key in force.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Takes over a longer log and the wrap keys that came with a sign-in, and
    /// answers what is in force.
    ///
    /// # Errors
    /// `WrongServer` when the core names another OPAQUE key than the pinned one,
    /// `Trust` for wrap keys that are not those of the core.
    pub(crate) fn adopt(
        &mut self,
        longer: Trust,
        wraps: Vec<WrapKey>,
        scans: bool,
    ) -> Result<TrustBundle, Error> {
        self.check_server(&longer.core().opaque_key.0)?;
        let bundle = longer.bundle(wraps.clone()).map_err(TrustError::Core)?;
        // A wrap key that is kept back would make genuine cards unknown.
        let given = |id: &Fixed<32>| wraps.iter().any(|wrap| wrap_id(wrap) == id.0);
        if scans && !longer.core().wraps.iter().all(given) {
            return Err(Error::Answer);
        }
        (self.trust, self.wraps) = (longer, wraps);
        Ok(bundle)
    }

    /// Refuses a server whose OPAQUE key is not the pinned one.
    pub(crate) fn check_server(&self, key: &[u8; 32]) -> Result<(), Error> {
        if *key == self.opaque_key.0 {
            Ok(())
        } else {
            Err(Error::WrongServer)
        }
    }

    /// Refuses another data key than the one made or given first, and pins that one.
    pub(crate) fn check_data_key(&mut self, key: &DataKey) -> Result<(), Error> {
        let inbox = Fixed(*key.inbox().public().as_bytes());
        if *self.inbox.get_or_insert(inbox) == inbox {
            Ok(())
        } else {
            Err(Error::OtherDataKey)
        }
    }

    /// The terminal's own signing key.
    pub(crate) fn key(&self) -> Result<TerminalKey, Error> {
        TerminalKey::from_seed(&self.seed).map_err(|_| Error::Sealed)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(..)")
    }
}

/// A secret where it is kept; `Secret` itself is never serialised.
pub(crate) mod secret {
    use crypto::b64::Fixed;
    use crypto::secret::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use zeroize::Zeroize;

    pub(crate) fn serialize<S: Serializer>(secret: &Secret<32>, to: S) -> Result<S::Ok, S::Error> {
        Fixed(*secret.expose()).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret<32>, D::Error> {
        let mut bytes = Fixed::<32>::deserialize(from)?;
        let secret = Secret::new(bytes.0);
        bytes.0.zeroize();
        Ok(secret)
    }
}

/// Wrap keys, likewise.
mod wraps {
    use crypto::b64::Fixed;
    use crypto::card::WrapKey;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use zeroize::Zeroize;

    pub(super) fn serialize<S: Serializer>(keys: &[WrapKey], to: S) -> Result<S::Ok, S::Error> {
        let mut plain: Vec<_> = keys.iter().map(|key| Fixed(*key.expose())).collect();
        let done = plain.serialize(to);
        plain.iter_mut().for_each(|key| key.0.zeroize());
        done
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<WrapKey>, D::Error> {
        let mut plain = Vec::<Fixed<32>>::deserialize(from)?;
        let keys = plain.iter().map(|key| WrapKey::from_bytes(key.0)).collect();
        plain.iter_mut().for_each(|key| key.0.zeroize());
        Ok(keys)
    }
}

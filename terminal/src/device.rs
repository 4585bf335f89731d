//! What one enrolled terminal is: its key and what it has pinned.
//!
//! The Ed25519 key is made here and never leaves; the root key comes with the
//! invitation and changes only as the log of keys says; the server's OPAQUE key
//! is pinned at enrolment; the log as far as it was read is kept, so that a
//! shorter or another one is refused; role, provider and inviter are those of the
//! invitation, which says whose data key is believed (`handed.rs`); the provider's data key is known
//! again by its inbox key, so that the server, which hands it out sealed, cannot change it later.
//! All of it is kept inside the sealed state file.

use crate::decoy::DecoyKey;
use crate::error::Error;
use crate::fingerprint::Typed;
use crypto::b64::Fixed;
use crypto::bundle::wrap_id;
use crypto::card::WrapKey;
use crypto::handover::{Founding, Handed};
use crypto::hpke::HpkePublic;
use crypto::id::{ProviderId, TerminalId};
use crypto::invitation::Inviter;
use crypto::json::Hidden;
use crypto::login::DoorKey;
use crypto::secret::Secret;
use crypto::sign::TerminalKey;
use crypto::trust::{Trust, TrustBundle, TrustError};
use crypto::witness::AuthorKey;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use wire::{Role, typed};

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
    door: Hidden<32>,
    seed: Hidden<32>,
    opaque_key: Fixed<32>,
    trust: Trust,
    /// The wrap keys of the last sign-in; none for roles that scan no cards.
    wraps: Vec<Hidden<32>>,
    enrolled: Enrolled,
    /// The fingerprint of a giver that somebody typed.
    #[serde(default)]
    typed: Option<Typed>,
    /// What is pinned of the provider's data key, once one was made or given.
    #[serde(default)]
    data_key: Option<Pinned>,
}

/// What the invitation and the enrolment said, of the person who enrolled here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enrolled {
    pub(crate) role: Role,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) inviter: Inviter,
    /// Their staff key.
    pub(crate) key: HpkePublic,
}

/// What is known again of a data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pinned {
    /// Its inbox key.
    pub(crate) inbox: HpkePublic,
    /// Who made it.
    pub(crate) founding: Founding,
}

/// What enrolment learns, for [`Device::new`].
pub(crate) struct Pins {
    pub(crate) handle: Handle,
    pub(crate) door: Door,
    pub(crate) seed: Secret<32>,
    pub(crate) opaque_key: [u8; 32],
    pub(crate) trust: Trust,
    pub(crate) enrolled: Enrolled,
    pub(crate) data_key: Option<Pinned>,
}

impl Device {
    /// Pins what enrolment learnt.
    pub(crate) fn new(pins: Pins) -> Self {
        Self {
            handle: pins.handle,
            terminal: pins.door.terminal,
            door: Hidden(pins.door.key.secret().clone()),
            seed: Hidden(pins.seed),
            opaque_key: Fixed(pins.opaque_key),
            trust: pins.trust,
            wraps: Vec::new(),
            enrolled: pins.enrolled,
            typed: None,
            data_key: pins.data_key,
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
            key: DoorKey::new(self.door.0.clone()),
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
        let kept = wraps.iter().map(|wrap| Hidden::of(wrap.expose())).collect();
        let ids: Vec<[u8; 32]> = wraps.iter().map(wrap_id).collect();
        let bundle = longer.bundle(wraps).map_err(TrustError::Core)?;
        // A wrap key that is kept back would make genuine cards unknown.
        let given = |id: &Fixed<32>| ids.contains(&id.0);
        if scans && !longer.core().wraps.iter().all(given) {
            return Err(Error::Answer);
        }
        (self.trust, self.wraps) = (longer, kept);
        Ok(bundle)
    }

    /// The wrap keys of the last sign-in.
    pub(crate) fn wraps(&self) -> &[Hidden<32>] {
        &self.wraps
    }

    /// What is in force as of the last sign-in.
    ///
    /// # Errors
    /// `Trust` when what is kept does not fit together, which does not happen.
    pub(crate) fn bundle(&self) -> Result<TrustBundle, Error> {
        let wraps = self.wraps.iter();
        let wraps = wraps
            .map(|wrap| WrapKey::from_bytes(*wrap.expose()))
            .collect();
        let bundle = self.trust.bundle(wraps).map_err(TrustError::Core)?;
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

    /// Expects the data key from whoever's fingerprint somebody typed, instead of
    /// from who invited: the next sign-in believes it from there. Save it afterwards.
    pub fn expect_giver(&mut self, typed: Typed) {
        self.typed = Some(typed);
    }

    /// Whether this person enrolled here.
    pub(crate) fn is_of(&self, handle: &Handle) -> bool {
        self.handle == *handle
    }

    pub(crate) fn inviter(&self) -> &Inviter {
        &self.enrolled.inviter
    }

    pub(crate) fn typed(&self) -> Option<&Typed> {
        self.typed.as_ref()
    }

    /// Whether a data key was believed here.
    pub(crate) fn has_pinned(&self) -> bool {
        self.data_key.is_some()
    }

    /// Whether the data key was made here, by the holder of this key.
    pub(crate) fn made_by(&self, key: &HpkePublic) -> bool {
        self.data_key
            .is_some_and(|pinned| pinned.founding.key == *key)
    }

    /// Refuses a server that says another provider than the invitation, or, of who
    /// enrolled here, another role or key.
    pub(crate) fn check_place(
        &self,
        handle: &Handle,
        (role, provider): (Role, Option<ProviderId>),
        key: &HpkePublic,
    ) -> Result<(), Error> {
        let Enrolled {
            role: own,
            key: made,
            ..
        } = &self.enrolled;
        let same = !self.is_of(handle) || (role == *own && key == made);
        let good = provider == self.enrolled.provider && same;
        good.then_some(()).ok_or(Error::OtherPlace)
    }

    /// Refuses another data key, or another origin of it, than what was made or
    /// given first, and pins that.
    pub(crate) fn pin(&mut self, handed: &Handed) -> Result<(), Error> {
        let pinned = Pinned {
            inbox: handed.key.inbox().public(),
            founding: handed.founding,
        };
        if *self.data_key.get_or_insert(pinned) == pinned {
            Ok(())
        } else {
            Err(Error::OtherDataKey)
        }
    }

    /// With which this terminal tags the roster entries that it makes.
    pub(crate) fn author(&self) -> AuthorKey {
        AuthorKey::derive(&self.seed.0)
    }

    /// From which it draws buckets beside a card's.
    pub(crate) fn decoys(&self) -> DecoyKey {
        DecoyKey::derive(&self.seed.0)
    }

    /// The terminal's own signing key.
    pub(crate) fn key(&self) -> Result<TerminalKey, Error> {
        TerminalKey::from_seed(&self.seed.0).map_err(|_| Error::Sealed)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(..)")
    }
}

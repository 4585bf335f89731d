//! The core of the trust bundle: every public key of the programme that does not come and go with providers.
//!
//! It is signed by the programme's root key, which lies in a file of its own off the service's host, so that whoever holds the
//! service cannot change a key that terminals pin. The payload is JSON, signed as the very bytes that travel: no canonical form is
//! needed. A core expires, so that nobody freezes a terminal on an old one; it names the hash of the next root key, and a root is
//! replaced by a core that both sign. Cores stand in the programme's log ([`crate::trust`]) beside the keys of providers.
//! The wrap keys are secrets of those who scan: a core holds their ids alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::b64::{B64, Fixed};
use crate::card::WrapKey;
use crate::day::Day;
use crate::digest;
use crate::domain::{Domain, DomainPublic};
use crate::hpke::HpkePublic;
use crate::id::ProgrammeId;
use crate::json;
use crate::label;
use crate::sign::RootKey;
use crate::statistics::StatisticsPublic;

/// Longest payload that is read, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 16;
/// Most days between a core's issue and its last day: thirteen months.
pub const MOST_DAYS: i32 = 396;

/// Why a core was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not signed by the root key in force, or in a replacement not by both.
    #[error("the programme's keys are not signed by its root key: do not use them")]
    Signature,
    /// Signed, but not of a known form.
    #[error("the programme's keys have an unknown form: update this software")]
    Malformed,
    /// A serial that is not higher than the one in use.
    #[error("the programme's keys are older than those in use: keep the newer ones")]
    Older,
    /// Of another programme, or at odds with what is in use in a way that no honest core is.
    #[error("the programme's keys contradict those in use: ask the operator")]
    Conflict,
}

/// One issuer of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Key identifier on the card.
    pub kid: u8,
    /// Ed25519 public key.
    pub key: Fixed<32>,
}

/// Keys of the statistics store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticsKeys {
    /// Encrypts the person.
    pub elgamal: StatisticsPublic,
    /// Seals the report.
    pub hpke: HpkePublic,
}

/// What the root key vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// The deployment.
    pub programme: ProgrammeId,
    /// Grows with every core, from 1.
    pub serial: u32,
    /// Day of issue.
    pub issued: Day,
    /// Last day on which it is good; at most [`MOST_DAYS`] after the day of issue.
    pub expires: Day,
    /// Epoch of the domain keys, those of providers included.
    pub epoch: u32,
    /// Issuers whose cards are good.
    pub issuers: Vec<Issuer>,
    /// Ids ([`wrap_id`]) of the wrap keys of the active issuing epochs.
    pub wraps: Vec<Fixed<32>>,
    /// Verifies status lists.
    pub status_key: Fixed<32>,
    /// Public keys of the fixed domains by their names: all of [`Domain::FIXED`] and no others.
    pub domains: BTreeMap<String, DomainPublic>,
    /// Keys of the statistics store.
    pub statistics: StatisticsKeys,
    /// Verifies releases.
    pub release_key: Fixed<32>,
    /// The static public key of the OPAQUE server.
    pub opaque_key: Fixed<32>,
    /// Fewest envelopes in a bucket that is fetched.
    pub envelope_min_bucket: u32,
    /// Verifies the keys of providers and the head of the log.
    pub list_key: Fixed<32>,
    /// Id ([`root_id`]) of the root key that may replace this core's.
    pub next_root: Fixed<32>,
}

/// What a core says of a root key before that is known.
#[must_use]
pub fn root_id(root: &[u8; 32]) -> [u8; 32] {
    digest::derive(label::ROOT_KEY_ID, root)
}

/// What a core says of a wrap key. It tells nothing about the key.
#[must_use]
pub fn wrap_id(wrap: &WrapKey) -> [u8; 32] {
    digest::derive(label::WRAP_KEY_ID, wrap.expose())
}

impl Core {
    /// Signs the core with the root key in force; to replace it, with that one and the next.
    ///
    /// # Errors
    /// [`BundleError::Malformed`] for a core that no terminal would read.
    pub fn sign(&self, root: &RootKey, next: Option<&RootKey>) -> Result<SignedCore, BundleError> {
        let payload = json::write(self).map_err(|_| BundleError::Malformed)?;
        if payload.len() > MAX_PAYLOAD_BYTES || !self.is_whole() {
            return Err(BundleError::Malformed);
        }
        let signature = |key: &RootKey| RootSignature {
            root: Fixed(key.public()),
            signature: Fixed(key.sign(&payload)),
        };
        Ok(SignedCore {
            signatures: [Some(root), next]
                .into_iter()
                .flatten()
                .map(signature)
                .collect(),
            payload: B64(payload.to_vec()),
        })
    }

    /// The public key of a fixed domain.
    #[must_use]
    pub fn domain(&self, domain: &Domain) -> Option<&DomainPublic> {
        self.domains.get(&domain.to_string())
    }

    fn is_whole(&self) -> bool {
        let fixed = Domain::FIXED
            .iter()
            .all(|fixed| self.domain(fixed).is_some());
        let days = self.expires.since(self.issued);
        fixed && self.domains.len() == Domain::FIXED.len() && (0..=MOST_DAYS).contains(&days)
    }

    /// Whether this core may take the place of `current`. Under the same epoch the keys of the fixed domains stay: another
    /// one would be a second key for a domain that is known. Only a core that replaces the root names another next root, so that
    /// a stolen root key cannot shut out the one that is kept for this case.
    fn may_follow(&self, current: &Self, replaces: bool) -> Result<(), BundleError> {
        if self.serial <= current.serial {
            return Err(BundleError::Older);
        }
        let same_domains = self.epoch != current.epoch || self.domains == current.domains;
        let same_next = self.next_root == current.next_root;
        let fits = self.programme == current.programme
            && self.issued >= current.issued
            && self.epoch >= current.epoch
            && same_domains
            && same_next != replaces;
        fits.then_some(()).ok_or(BundleError::Conflict)
    }
}

/// A signature and the root key that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootSignature {
    /// The root's public key.
    pub root: Fixed<32>,
    /// Ed25519 over the payload.
    pub signature: Fixed<64>,
}

/// A core as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCore {
    /// The JSON bytes that were signed.
    pub payload: B64,
    /// One signature; two, the old root's first, where the root is replaced.
    pub signatures: Vec<RootSignature>,
}

impl SignedCore {
    /// Reads the first core of a log, which one root signs, and says which.
    ///
    /// # Errors
    /// [`BundleError::Signature`] or [`BundleError::Malformed`]. Nothing is parsed before the signature is verified.
    pub fn check_first(&self) -> Result<(Core, [u8; 32]), BundleError> {
        let [one] = &self.signatures[..] else {
            return Err(BundleError::Signature);
        };
        Ok((self.read(&[*one])?, one.root.0))
    }

    /// Reads a core that comes after `current`, which `root` vouched for, and says which root is in force with it.
    ///
    /// # Errors
    /// As [`SignedCore::check_first`]; [`BundleError::Older`], [`BundleError::Conflict`].
    pub fn check_after(
        &self,
        root: &[u8; 32],
        current: &Core,
    ) -> Result<(Core, [u8; 32]), BundleError> {
        let (first, next) = match &self.signatures[..] {
            [first] => (first, None),
            [first, next] => (first, Some(next)),
            _ => return Err(BundleError::Signature),
        };
        let announced = |next: &RootSignature| root_id(&next.root.0) == current.next_root.0;
        if first.root.0 != *root || !next.is_none_or(announced) {
            return Err(BundleError::Signature);
        }
        let core = self.read(&self.signatures)?;
        core.may_follow(current, next.is_some())?;
        Ok((core, next.unwrap_or(first).root.0))
    }

    fn read(&self, signatures: &[RootSignature]) -> Result<Core, BundleError> {
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(BundleError::Malformed);
        }
        for one in signatures {
            RootKey::verify(&one.root.0, &self.payload, &one.signature.0)
                .map_err(|_| BundleError::Signature)?;
        }
        let core: Core = json::read(&self.payload).map_err(|_| BundleError::Malformed)?;
        core.is_whole()
            .then_some(core)
            .ok_or(BundleError::Malformed)
    }
}

#[cfg(test)]
pub(crate) mod tests;

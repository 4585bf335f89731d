//! The trust bundle: every public key a terminal needs, signed by the programme's root key.
//!
//! The payload is JSON, signed as the very bytes that travel, so no canonical form is needed.
//! Terminals pin the root key and the highest serial they saw: an older bundle would bring back
//! keys that were withdrawn. The wrap keys make the bundle confidential to terminals.

use crate::b64::{B64, Fixed};
use crate::card::{CardKeys, WrapKey};
use crate::day::Day;
use crate::domain::{Domain, DomainPublic};
use crate::hpke::HpkePublic;
use crate::id::ProgrammeId;
use crate::sign::RootKey;
use crate::statistics::StatisticsPublic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest payload that is read, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// Why a bundle was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not signed by the pinned root key.
    #[error("the trust bundle is not signed by this programme: do not use it")]
    Signature,
    /// Signed, but not of a known form.
    #[error("the trust bundle has an unknown form: update this software")]
    Malformed,
    /// Older than the one in use.
    #[error("the trust bundle is older than the one in use: keep the newer one")]
    Older,
    /// Of another programme, or other content under a serial already seen.
    #[error("the trust bundle contradicts the one in use: ask the operator")]
    Conflict,
}

/// One issuer of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Key identifier on the card.
    pub kid: u8,
    /// Ed25519 public key.
    pub key: Fixed<32>,
}

/// Keys of the statistics store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatisticsKeys {
    /// Encrypts the person.
    pub elgamal: StatisticsPublic,
    /// Seals the report.
    pub hpke: HpkePublic,
}

/// What terminals trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustBundle {
    /// The deployment.
    pub programme: ProgrammeId,
    /// Grows with every change.
    pub serial: u32,
    /// Day of issue.
    pub issued: Day,
    /// Epoch of the domain keys.
    pub epoch: u32,
    /// Issuers whose cards are good.
    pub issuers: Vec<Issuer>,
    /// Wrap keys of the active issuing epochs.
    pub wraps: Vec<Fixed<32>>,
    /// Verifies status lists.
    pub status_key: Fixed<32>,
    /// Public key of every domain by its name.
    pub domains: BTreeMap<String, DomainPublic>,
    /// Keys of the statistics store.
    pub statistics: StatisticsKeys,
    /// Verifies releases.
    pub release_key: Fixed<32>,
    /// The static public key of the OPAQUE server.
    pub opaque_key: Fixed<32>,
    /// Fewest envelopes in a bucket that is fetched.
    pub envelope_min_bucket: u32,
}

impl TrustBundle {
    /// Signs the bundle.
    ///
    /// # Errors
    /// [`BundleError::Malformed`] beyond [`MAX_PAYLOAD_BYTES`].
    pub fn sign(&self, root: &RootKey) -> Result<SignedBundle, BundleError> {
        let payload = serde_json::to_vec(self).map_err(|_| BundleError::Malformed)?;
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(BundleError::Malformed);
        }
        Ok(SignedBundle {
            signature: Fixed(root.sign(&payload)),
            payload: B64(payload),
        })
    }

    /// The keys that open cards.
    #[must_use]
    pub fn card_keys(&self) -> CardKeys {
        CardKeys {
            issuers: self.issuers.iter().map(|it| (it.kid, it.key.0)).collect(),
            wraps: self
                .wraps
                .iter()
                .map(|it| WrapKey::from_bytes(it.0))
                .collect(),
        }
    }

    /// The pinned public key of a domain.
    #[must_use]
    pub fn domain(&self, domain: &Domain) -> Option<&DomainPublic> {
        self.domains.get(&domain.to_string())
    }

    /// Whether this bundle may take the place of `current`: the same programme, and a higher
    /// serial or the very same content.
    ///
    /// # Errors
    /// [`BundleError::Older`] or [`BundleError::Conflict`].
    pub fn may_follow(&self, current: &Self) -> Result<(), BundleError> {
        if self.programme != current.programme {
            return Err(BundleError::Conflict);
        }
        match self.serial.cmp(&current.serial) {
            std::cmp::Ordering::Less => Err(BundleError::Older),
            std::cmp::Ordering::Equal if self != current => Err(BundleError::Conflict),
            _ => Ok(()),
        }
    }
}

/// A bundle as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBundle {
    /// The JSON bytes that were signed.
    pub payload: B64,
    /// Ed25519 by the root key.
    pub signature: Fixed<64>,
}

impl SignedBundle {
    /// Verifies against the pinned root key and reads the bundle.
    ///
    /// # Errors
    /// [`BundleError::Signature`] or [`BundleError::Malformed`]. Nothing is parsed before the
    /// signature is verified.
    pub fn check(&self, root: &[u8; 32]) -> Result<TrustBundle, BundleError> {
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(BundleError::Malformed);
        }
        RootKey::verify(root, &self.payload, &self.signature)
            .map_err(|_| BundleError::Signature)?;
        let bundle: TrustBundle =
            serde_json::from_slice(&self.payload).map_err(|_| BundleError::Malformed)?;
        let known = |name: &String| name.parse::<Domain>().is_ok();
        if !bundle.domains.keys().all(known) {
            return Err(BundleError::Malformed);
        }
        Ok(bundle)
    }

    /// Verifies, and refuses a bundle older than the one in use.
    ///
    /// # Errors
    /// As [`SignedBundle::check`] and [`TrustBundle::may_follow`].
    pub fn check_after(
        &self,
        root: &[u8; 32],
        current: &TrustBundle,
    ) -> Result<TrustBundle, BundleError> {
        let bundle = self.check(root)?;
        bundle.may_follow(current)?;
        Ok(bundle)
    }
}

#[cfg(test)]
mod tests;

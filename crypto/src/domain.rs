//! Domains and their keys.
//!
//! Every domain has its own key `k_d = g_d * K`: the factor `g_d` comes from the coordinator's seed by DeriveKeyPair
//! (RFC 9497, section 3.2.1, VOPRF mode, ristretto255-SHA512), `K` is the master scalar. The two are composed from the
//! first day, so that `K` can later be shared among key holders without changing one pseudonym.
//! Never derive domain keys from each other by public arithmetic: pseudonyms would become convertible.

use std::fmt;
use std::str::FromStr;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use voprf::{Ristretto255, VoprfServer};
use zeroize::Zeroize;

use crate::b64::Fixed;
use crate::error::FormatError;
use crate::id::ProviderId;
use crate::rng::Rng;
use crate::secret::{Secret, secrets};

/// Why a key could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not the canonical form of a non-zero scalar.
    #[error("this is not a key: it must be a canonical non-zero scalar of 32 bytes")]
    Scalar,
    /// DeriveKeyPair found no key, which happens with probability 2^-64000.
    #[error("no key can be derived from this seed: make a new one")]
    Derive,
}

/// What an evaluation is for. Text form: `card`, `mail`, `handle`, `recover`, `short`, `anal`, `prov/<provider id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// Card secret to envelope.
    Card,
    /// Identity secret to locker.
    Mail,
    /// Recovery handle to its identifier.
    Handle,
    /// Recovery passphrase to its hardened form.
    Recover,
    /// Short number on the back of a card.
    Short,
    /// Statistics pseudonyms; never evaluated for a terminal.
    Statistics,
    /// Identity secret to a provider's pseudonym.
    Provider(ProviderId),
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card => f.write_str("card"),
            Self::Mail => f.write_str("mail"),
            Self::Handle => f.write_str("handle"),
            Self::Recover => f.write_str("recover"),
            Self::Short => f.write_str("short"),
            Self::Statistics => f.write_str("anal"),
            Self::Provider(id) => write!(f, "prov/{id}"),
        }
    }
}

impl FromStr for Domain {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text {
            "card" => Ok(Self::Card),
            "mail" => Ok(Self::Mail),
            "handle" => Ok(Self::Handle),
            "recover" => Ok(Self::Recover),
            "short" => Ok(Self::Short),
            "anal" => Ok(Self::Statistics),
            _ => text
                .strip_prefix("prov/")
                .and_then(|id| id.parse().ok())
                .map(Self::Provider)
                .ok_or(FormatError::new(
                    "a domain",
                    "card, mail, handle, recover, short, anal or prov/<provider id>",
                )),
        }
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A secret scalar: canonical, never zero, wiped on drop, never printed.
#[derive(Clone)]
pub(crate) struct SecretScalar(Scalar);

impl SecretScalar {
    pub(crate) fn random(rng: &mut impl Rng) -> Self {
        loop {
            let scalar = Scalar::random(rng);
            if scalar != Scalar::ZERO {
                return Self(scalar);
            }
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        Option::<Scalar>::from(Scalar::from_canonical_bytes(*bytes))
            .filter(|scalar| *scalar != Scalar::ZERO)
            .map(Self)
            .ok_or(KeyError::Scalar)
    }

    pub(crate) fn to_bytes(&self) -> Secret<32> {
        Secret::new(self.0.to_bytes())
    }

    pub(crate) const fn get(&self) -> &Scalar {
        &self.0
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Drop for SecretScalar {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Types of secret scalars, one for each purpose so that none is mistaken for another: canonical, never zero, wiped on
/// drop, never printed.
macro_rules! secret_scalars {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name($crate::domain::SecretScalar);

        impl $name {
            /// A fresh one, never zero.
            pub fn random(rng: &mut impl $crate::rng::Rng) -> Self {
                Self($crate::domain::SecretScalar::random(rng))
            }

            /// Reads the canonical 32-byte form (little endian).
            ///
            /// # Errors
            /// [`KeyError::Scalar`]($crate::domain::KeyError::Scalar) for zero and for values not reduced modulo the
            /// group order.
            pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, $crate::domain::KeyError> {
                $crate::domain::SecretScalar::from_bytes(bytes).map(Self)
            }

            /// The canonical 32-byte form, for a key file.
            #[must_use]
            pub fn to_bytes(&self) -> $crate::secret::Secret<32> {
                self.0.to_bytes()
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

pub(crate) use secret_scalars;

secrets! {
    /// The coordinator's seed, 32 bytes, from which every domain's factor is derived.
    Seed, 32;
}

impl Seed {
    /// Takes over 32 secret bytes.
    #[must_use]
    pub const fn new(seed: Secret<32>) -> Self {
        Self(seed)
    }

    /// DeriveKeyPair in VOPRF mode: the secret half.
    fn factor(&self, info: &[u8]) -> Result<SecretScalar, KeyError> {
        let pair = VoprfServer::<Ristretto255>::new_from_seed(self.expose(), info)
            .map_err(|_| KeyError::Derive)?;
        let mut serialized = pair.serialize();
        let bytes = Secret::<32>::try_from(&serialized[..32]).map_err(|_| KeyError::Derive);
        serialized.as_mut_slice().zeroize();
        SecretScalar::from_bytes(bytes?.expose())
    }
}

/// DeriveKeyPair info of a domain's factor (RFC 9497, section 3.2.1): `payung/v1/<domain>/epoch-<n>`.
fn derive_key_info(domain: &Domain, epoch: u32) -> String {
    format!("payung/v1/{domain}/epoch-{epoch}")
}

secret_scalars! {
    /// The master scalar `K`, common to all domains.
    MasterScalar;
    /// A random factor by which the statistics pseudonyms and their key move on; handed from the one store to the
    /// other, once, and erased after use.
    RotationFactor;
}

impl RotationFactor {
    pub(crate) const fn scalar(&self) -> &Scalar {
        self.0.get()
    }
}

/// The secret key of one domain.
#[derive(Clone)]
pub struct DomainKey {
    scalar: SecretScalar,
    server: VoprfServer<Ristretto255>,
}

impl DomainKey {
    /// `k_d = g_d * K` for one domain and epoch.
    ///
    /// # Errors
    /// [`KeyError::Derive`] if the seed yields no factor.
    pub fn compose(
        seed: &Seed,
        master: &MasterScalar,
        domain: &Domain,
        epoch: u32,
    ) -> Result<Self, KeyError> {
        let factor = seed.factor(derive_key_info(domain, epoch).as_bytes())?;
        Self::from_scalar(factor.times(&master.0))
    }

    /// Reads a whole key in its canonical 32-byte form (little endian): for a key that moved on by a factor and so no
    /// longer follows from the seed.
    ///
    /// # Errors
    /// [`KeyError::Scalar`] for zero and for values not reduced modulo the group order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        SecretScalar::from_bytes(bytes).and_then(Self::from_scalar)
    }

    fn from_scalar(scalar: SecretScalar) -> Result<Self, KeyError> {
        let server =
            VoprfServer::new_with_key(scalar.to_bytes().expose()).map_err(|_| KeyError::Scalar)?;
        Ok(Self { scalar, server })
    }

    /// The canonical 32-byte form, for a key file.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<32> {
        self.scalar.to_bytes()
    }

    /// `k_d * G`.
    #[must_use]
    pub fn public(&self) -> DomainPublic {
        DomainPublic(self.server.get_public_key().compress().to_bytes())
    }

    /// This key moved on by a factor.
    ///
    /// # Errors
    /// None in practice: the product of two non-zero scalars is not zero.
    pub fn scaled(&self, factor: &RotationFactor) -> Result<Self, KeyError> {
        Self::from_scalar(self.scalar.times(&factor.0))
    }

    pub(crate) const fn server(&self) -> &VoprfServer<Ristretto255> {
        &self.server
    }

    pub(crate) const fn scalar(&self) -> &Scalar {
        self.scalar.get()
    }
}

impl fmt::Debug for DomainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DomainKey(..)")
    }
}

/// Reads a group element in canonical form, refusing the identity.
pub(crate) fn element(bytes: &[u8; 32]) -> Option<RistrettoPoint> {
    CompressedRistretto(*bytes)
        .decompress()
        .filter(|point| !point.is_identity())
}

/// The public key of one domain, pinned in the trust bundle: a canonical group element other than the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainPublic([u8; 32]);

impl DomainPublic {
    /// The canonical 32-byte form.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn point(&self) -> Option<RistrettoPoint> {
        element(&self.0)
    }
}

impl TryFrom<[u8; 32]> for DomainPublic {
    type Error = FormatError;

    fn try_from(bytes: [u8; 32]) -> Result<Self, FormatError> {
        element(&bytes).map(|_| Self(bytes)).ok_or(FormatError::new(
            "a domain's public key",
            "a canonical ristretto255 element other than the identity",
        ))
    }
}

impl TryFrom<&[u8]> for DomainPublic {
    type Error = FormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::try_from(Fixed::<32>::try_from(bytes)?.0)
    }
}

impl Serialize for DomainPublic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fixed(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DomainPublic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Fixed::<32>::deserialize(deserializer)?;
        Self::try_from(bytes.0).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

//! Domains, their classes and their keys.
//!
//! A domain is what an evaluation is for. Every domain *and epoch* has its own key `k_d = g_d * K_class`: the factor `g_d`
//! is random and kept as a sealed record of its own ([`crate::factor`]), so that destroying the record destroys the key;
//! `K_class` is the master scalar of the domain's class. The two are composed from the first day, so that the master scalars can
//! later be shared among key holders without changing one pseudonym.
//!
//! There is a master scalar for each class and never one for all: whoever knows the factors turns an answer of a shared scalar
//! for one domain into its answer for any other domain of the class (`g_b / g_a`), and answers of [`Guessing`] are counted
//! where those of [`Identification`] are not. Scalars, factors and keys carry their class as a type.
//! Never derive domain keys from each other by public arithmetic: pseudonyms would become convertible.

use std::fmt;
use std::marker::PhantomData;
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
use crate::secret::Secret;

/// Why a key could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not the canonical form of a non-zero scalar.
    #[error("this is not a key: it must be a canonical non-zero scalar of 32 bytes")]
    Scalar,
    /// The domain belongs to another class than the key is asked for.
    #[error("this domain belongs to another class of keys: ask for a key of its own class")]
    Class,
    /// The record of a factor does not open.
    #[error(
        "the record of a domain's key does not open: it belongs to another domain or key file, or was altered"
    )]
    Record,
}

/// What an evaluation is for. Text form: `card`, `mail`, `handle`, `recover`, `short`, `pin`, `anal`,
/// `prov/<provider id>`.
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
    /// PIN of a device to its hardened form.
    Pin,
    /// Statistics pseudonyms; never evaluated for a terminal.
    Statistics,
    /// Identity secret to a provider's pseudonym.
    Provider(ProviderId),
}

impl Domain {
    /// The domains that every programme has and terminals may verify: all but the providers' own, which come one by one, and
    /// that of statistics, whose key no terminal ever needs.
    pub const FIXED: [Self; 6] = [
        Self::Card,
        Self::Mail,
        Self::Handle,
        Self::Recover,
        Self::Short,
        Self::Pin,
    ];
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card => f.write_str("card"),
            Self::Mail => f.write_str("mail"),
            Self::Handle => f.write_str("handle"),
            Self::Recover => f.write_str("recover"),
            Self::Short => f.write_str("short"),
            Self::Pin => f.write_str("pin"),
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
            "pin" => Ok(Self::Pin),
            "anal" => Ok(Self::Statistics),
            _ => text
                .strip_prefix("prov/")
                .and_then(|id| id.parse().ok())
                .map(Self::Provider)
                .ok_or(FormatError::new(
                    "a domain",
                    "card, mail, handle, recover, short, pin, anal or prov/<provider id>",
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

mod sealed {
    pub trait Sealed {}
}

/// A class of domains: those under one master scalar.
pub trait Class: sealed::Sealed + Copy + Send + Sync + 'static {
    /// Whether the domain belongs to the class. Every domain belongs to exactly one.
    fn holds(domain: &Domain) -> bool;
}

/// A class whose elements are evaluated and proved for whoever may ask. [`Statistics`] is none: what its key multiplies is
/// rerandomised and goes to the statistics store alone.
pub trait Evaluated: Class {}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident ($domains:pat);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {}

        impl sealed::Sealed for $name {}

        impl Class for $name {
            fn holds(domain: &Domain) -> bool {
                matches!(domain, $domains)
            }
        }
    )+};
}

classes! {
    /// What a presentation asks: `card`, `mail`, the providers' domains.
    Identification (Domain::Card | Domain::Mail | Domain::Provider(_));
    /// What can be guessed, so that every answer is counted: `handle`, `recover`, `short`, `pin`.
    Guessing (Domain::Handle | Domain::Recover | Domain::Short | Domain::Pin);
    /// `anal`.
    Statistics (Domain::Statistics);
}

impl Evaluated for Identification {}
impl Evaluated for Guessing {}

/// A domain that is known to belong to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainOf<C>(Domain, PhantomData<C>);

impl<C: Class> DomainOf<C> {
    /// The domain.
    #[must_use]
    pub const fn get(&self) -> &Domain {
        &self.0
    }
}

impl<C: Class> TryFrom<Domain> for DomainOf<C> {
    type Error = KeyError;

    /// Refuses a domain of another class with [`KeyError::Class`].
    fn try_from(domain: Domain) -> Result<Self, KeyError> {
        C::holds(&domain)
            .then_some(Self(domain, PhantomData))
            .ok_or(KeyError::Class)
    }
}

/// Secret scalars of one class.
macro_rules! class_scalars {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        pub struct $name<C>(SecretScalar, PhantomData<C>);

        impl<C: Class> $name<C> {
            /// A fresh one, never zero.
            pub fn random(rng: &mut impl Rng) -> Self {
                Self(SecretScalar::random(rng), PhantomData)
            }

            /// Reads the canonical 32-byte form (little endian).
            ///
            /// # Errors
            /// [`KeyError::Scalar`] for zero and for values not reduced modulo the group order.
            pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
                SecretScalar::from_bytes(bytes).map(|scalar| Self(scalar, PhantomData))
            }

            /// The canonical 32-byte form, to be sealed.
            #[must_use]
            pub fn to_bytes(&self) -> Secret<32> {
                self.0.to_bytes()
            }
        }

        impl<C> Clone for $name<C> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<C> fmt::Debug for $name<C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

class_scalars! {
    /// The master scalar of a class: `K_id`, `K_guess` or `K_stat`.
    MasterScalar;
    /// The random factor `g_d` of one domain and epoch. Nothing derives it: without its record it is gone.
    Factor;
}

impl Factor<Statistics> {
    /// This factor moved on by a rotation: the key of statistics moves with it.
    #[must_use]
    pub fn moved(&self, by: &RotationFactor) -> Self {
        Self(self.0.times(&by.0), PhantomData)
    }
}

secret_scalars! {
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
pub struct DomainKey<C> {
    scalar: SecretScalar,
    server: VoprfServer<Ristretto255>,
    class: PhantomData<C>,
}

impl<C: Class> DomainKey<C> {
    /// `k_d = g_d * K_class`.
    ///
    /// # Errors
    /// None in practice: the product of two non-zero scalars is not zero.
    pub fn compose(master: &MasterScalar<C>, factor: &Factor<C>) -> Result<Self, KeyError> {
        Self::from_scalar(factor.0.times(&master.0))
    }

    /// Reads a whole key in its canonical 32-byte form (little endian).
    ///
    /// # Errors
    /// [`KeyError::Scalar`] for zero and for values not reduced modulo the group order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        SecretScalar::from_bytes(bytes).and_then(Self::from_scalar)
    }

    fn from_scalar(scalar: SecretScalar) -> Result<Self, KeyError> {
        let server =
            VoprfServer::new_with_key(scalar.to_bytes().expose()).map_err(|_| KeyError::Scalar)?;
        Ok(Self {
            scalar,
            server,
            class: PhantomData,
        })
    }

    /// The canonical 32-byte form.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<32> {
        self.scalar.to_bytes()
    }

    /// `k_d * G`.
    #[must_use]
    pub fn public(&self) -> DomainPublic {
        DomainPublic(self.server.get_public_key().compress().to_bytes())
    }
}

impl<C: Evaluated> DomainKey<C> {
    pub(crate) const fn server(&self) -> &VoprfServer<Ristretto255> {
        &self.server
    }
}

impl DomainKey<Statistics> {
    pub(crate) const fn scalar(&self) -> &Scalar {
        self.scalar.get()
    }
}

impl<C> fmt::Debug for DomainKey<C> {
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
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;

//! The path of a person's statistics pseudonym: ElGamal over ristretto255, after PEP
//! (Verheul and Jacobs, "Polymorphic encryption and pseudonymisation").
//!
//! ```text
//! terminal   M = H(s); (C1, C2) = (r*G, M + r*Y)         never learns k_a
//! identity   (k_a*C1 + z*G, k_a*C2 + z*Y), fresh z        never learns M or y
//! statistics N_a = C2 - y*C1 = k_a*M                      never sees a terminal
//! rotation   N_a <- delta*N_a, k_a <- delta*k_a, delta erased
//! ```
//!
//! The result of [`reshuffle`] goes to the statistics store only. Given back to a terminal, or
//! made without a fresh `z`, it would be a decryption oracle; the fresh `z` is therefore not
//! optional here. Every element from outside is canonical and not the identity.

mod hash;

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;

use crate::b64::Fixed;
pub use crate::domain::RotationFactor;
use crate::domain::{self, DomainKey, SecretScalar, element, secret_scalars};
use crate::envelope::IdentitySecret;
use crate::error::FormatError;
use crate::rng::Rng;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::{IsIdentity, MultiscalarMul};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Why an operation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatisticsError {
    /// Bytes are not a canonical group element, or they are the identity.
    #[error("a statistics value is not a valid group element: drop this report")]
    Element,
    /// The plaintext is the identity: nobody's report.
    #[error("a statistics value belongs to nobody: count it for nobody")]
    Nobody,
}

secret_scalars! {
    /// `y`, held by the statistics store alone.
    StatisticsSecret;
}

impl StatisticsSecret {
    /// `Y = y*G`.
    #[must_use]
    pub fn public(&self) -> StatisticsPublic {
        let point = RistrettoPoint::mul_base(self.0.get());
        StatisticsPublic {
            bytes: point.compress().to_bytes(),
            point,
        }
    }
}

/// `Y`, in the trust bundle: a canonical group element other than the identity.
#[derive(Clone, Copy)]
pub struct StatisticsPublic {
    bytes: [u8; 32],
    point: RistrettoPoint,
}

impl StatisticsPublic {
    /// The canonical 32-byte form.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl PartialEq for StatisticsPublic {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for StatisticsPublic {}

impl fmt::Debug for StatisticsPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatisticsPublic(32 bytes)")
    }
}

impl TryFrom<[u8; 32]> for StatisticsPublic {
    type Error = FormatError;

    fn try_from(bytes: [u8; 32]) -> Result<Self, FormatError> {
        let error = FormatError::new(
            "the statistics key",
            "a canonical ristretto255 element other than the identity",
        );
        let point = element(&bytes).ok_or(error)?;
        Ok(Self { bytes, point })
    }
}

impl Serialize for StatisticsPublic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fixed(self.bytes).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StatisticsPublic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Fixed::<32>::deserialize(deserializer)?;
        Self::try_from(bytes.0).map_err(serde::de::Error::custom)
    }
}

/// A ciphertext, `C1 || C2`, 64 bytes. Its elements are checked where they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ElGamal(Fixed<64>);

impl ElGamal {
    /// A ciphertext as received.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(Fixed(bytes))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0.0
    }

    /// Checks both halves, so that a submission can be refused where it arrives.
    ///
    /// # Errors
    /// [`StatisticsError::Element`].
    pub fn check(&self) -> Result<(), StatisticsError> {
        self.points().map(|_| ())
    }

    fn points(&self) -> Result<(RistrettoPoint, RistrettoPoint), StatisticsError> {
        let half = |from: usize| {
            let bytes = self.0.0[from..from + 32].try_into().ok()?;
            element(&bytes)
        };
        half(0).zip(half(32)).ok_or(StatisticsError::Element)
    }

    fn from_points(c1: &RistrettoPoint, c2: &RistrettoPoint) -> Self {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(c1.compress().as_bytes());
        bytes[32..].copy_from_slice(c2.compress().as_bytes());
        Self::from_bytes(bytes)
    }
}

impl TryFrom<&[u8]> for ElGamal {
    type Error = FormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, FormatError> {
        Fixed::try_from(bytes).map(Self)
    }
}

/// `N_a = k_a*M`, the key of a person in the statistics store: a canonical group element other
/// than the identity. Debug is redacted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonElement([u8; 32]);

impl fmt::Debug for PersonElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonElement(..)")
    }
}

impl PersonElement {
    /// Reads an element from the store.
    ///
    /// # Errors
    /// [`StatisticsError::Element`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, StatisticsError> {
        let checked = element(&bytes).ok_or(StatisticsError::Element)?;
        Self::of(&checked)
    }

    /// Maps 64 uniform bytes (RFC 9496, section 4.3.4): for people imported from a file, whose
    /// key is the hash of a file's own.
    ///
    /// # Errors
    /// [`StatisticsError::Element`] with negligible probability.
    pub fn from_uniform(bytes: &[u8; 64]) -> Result<Self, StatisticsError> {
        Self::of(&RistrettoPoint::from_uniform_bytes(bytes))
    }

    /// The canonical 32-byte form.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// This element moved on by a factor, as the key `k_a` does in the same rotation.
    ///
    /// # Errors
    /// [`StatisticsError::Element`] never occurs for an element that was checked.
    pub fn rotate(&self, factor: &RotationFactor) -> Result<Self, StatisticsError> {
        let point = element(&self.0).ok_or(StatisticsError::Element)?;
        Self::of(&(point * factor.scalar()))
    }

    fn of(point: &RistrettoPoint) -> Result<Self, StatisticsError> {
        if point.is_identity() {
            return Err(StatisticsError::Element);
        }
        Ok(Self(point.compress().to_bytes()))
    }
}

/// Encrypts `M = H(s)` to the statistics store.
#[must_use]
pub fn encrypt(
    identity: &IdentitySecret,
    public: &StatisticsPublic,
    rng: &mut impl Rng,
) -> ElGamal {
    let message = hash::to_group(identity.expose());
    let r = SecretScalar::random(rng);
    let c1 = RistrettoPoint::mul_base(r.get());
    ElGamal::from_points(&c1, &(message + public.point * r.get()))
}

/// Multiplies the plaintext by `k_a` and rerandomises with a fresh scalar. The result goes to the
/// statistics store and nowhere else.
///
/// # Errors
/// [`StatisticsError::Element`] for a ciphertext with a bad half.
pub fn reshuffle(
    ciphertext: &ElGamal,
    key: &DomainKey<domain::Statistics>,
    public: &StatisticsPublic,
    rng: &mut impl Rng,
) -> Result<ElGamal, StatisticsError> {
    let (c1, c2) = ciphertext.points()?;
    let (k, z) = (key.scalar(), SecretScalar::random(rng));
    let first = c1 * k + RistrettoPoint::mul_base(z.get());
    let second = RistrettoPoint::multiscalar_mul([k, z.get()], [c2, public.point]);
    // Only with negligible probability: the receiver would refuse it too.
    if first.is_identity() || second.is_identity() {
        return Err(StatisticsError::Element);
    }
    Ok(ElGamal::from_points(&first, &second))
}

/// Decrypts in the statistics store.
///
/// # Errors
/// [`StatisticsError::Element`] for a ciphertext with a bad half, which everybody sees; [`StatisticsError::Nobody`] for one
/// of the identity, which nobody may be told: it is the difference of two ciphertexts of one person.
pub fn decrypt(
    secret: &StatisticsSecret,
    ciphertext: &ElGamal,
) -> Result<PersonElement, StatisticsError> {
    let (c1, c2) = ciphertext.points()?;
    let person = PersonElement::of(&(c2 - c1 * secret.0.get()));
    person.map_err(|_| StatisticsError::Nobody)
}

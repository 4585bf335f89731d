//! Sealing to somebody: HPKE (RFC 9180) base and auth mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
//!
//! Sealed form: 32-byte encapsulated key, ciphertext, 16-byte tag; 48 bytes longer than the plain text. One message
//! per encapsulation. Base mode does not say who sealed: sign or authenticate outside where that matters. Auth mode does, to the
//! receiver alone: whoever has the receiver's private key can seal to it in anybody's name (RFC 9180, 9.1.1).

use ::hpke::aead::ChaCha20Poly1305;
use ::hpke::kdf::HkdfSha256;
use ::hpke::kem::X25519HkdfSha256;
use ::hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use zeroize::Zeroize;

use crate::b64::Fixed;
use crate::error::FormatError;
use crate::label::Label;
use crate::rng::Rng;
use crate::secret::Secret;

/// Bytes that sealing adds.
pub const OVERHEAD: usize = 48;
const ENCAPSULATED: usize = 32;

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HpkeError {
    /// The receiver's public key has small order or is malformed.
    #[error("this receiver's key cannot be sealed to: fetch it again")]
    Receiver,
    /// Wrong key, info or associated data, or altered bytes; which of them cannot be told apart.
    #[error("this could not be opened: it is sealed to another key, or the bytes were altered")]
    Refused,
}

/// A receiver's private key.
#[derive(Clone, PartialEq, Eq)]
pub struct HpkeSecret(Secret<32>);

impl HpkeSecret {
    /// A fresh key pair's private half.
    pub fn generate(rng: &mut impl Rng) -> Self {
        Self::from_seed(&Secret::random(rng))
    }

    /// DeriveKeyPair of 32 secret bytes (RFC 9180, section 7.1.3).
    #[must_use]
    pub fn from_seed(seed: &Secret<32>) -> Self {
        let (private, _) = X25519HkdfSha256::derive_keypair(seed.expose());
        let mut bytes = private.to_bytes();
        let secret = Secret::new(bytes.into());
        bytes.as_mut_slice().zeroize();
        Self(secret)
    }

    /// Takes over a private key's 32 bytes.
    #[must_use]
    pub const fn new(bytes: Secret<32>) -> Self {
        Self(bytes)
    }

    /// The private key's 32 bytes, to be sealed.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> HpkePublic {
        self.private().map_or(HpkePublic([0; 32]), |private| {
            HpkePublic(X25519HkdfSha256::sk_to_pk(&private).to_bytes().into())
        })
    }

    /// Any 32 bytes are an X25519 private key, so this fails for none.
    fn private(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, HpkeError> {
        Deserializable::from_bytes(self.0.expose()).map_err(|_| HpkeError::Refused)
    }

    /// Auth mode, as the one who seals.
    fn sends(&self) -> Result<OpModeS<'static, X25519HkdfSha256>, HpkeError> {
        let private = self.private()?;
        let public = X25519HkdfSha256::sk_to_pk(&private);
        Ok(OpModeS::Auth((private, public)))
    }
}

impl std::fmt::Debug for HpkeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HpkeSecret(..)")
    }
}

/// A receiver's public key, 32 bytes; base64url in JSON. Small-order keys are refused when sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HpkePublic([u8; 32]);

impl HpkePublic {
    /// From its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Auth mode, as the one who opens what the holder of this key sealed.
    fn receives(&self) -> Result<OpModeR<'static, X25519HkdfSha256>, HpkeError> {
        let sender = Deserializable::from_bytes(&self.0).map_err(|_| HpkeError::Refused)?;
        Ok(OpModeR::Auth(sender))
    }
}

impl TryFrom<&[u8]> for HpkePublic {
    type Error = FormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, FormatError> {
        Fixed::try_from(bytes).map(|fixed| Self(fixed.0))
    }
}

impl Serialize for HpkePublic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fixed(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HpkePublic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fixed::deserialize(deserializer).map(|fixed| Self(fixed.0))
    }
}

/// Seals `plain` to a receiver for one purpose (`info`), bound to `aad`.
///
/// # Errors
/// [`HpkeError::Receiver`] if the key cannot be sealed to.
pub fn seal(
    receiver: &HpkePublic,
    info: Label,
    aad: &[u8],
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, HpkeError> {
    seal_with(&OpModeS::Base, receiver, info.as_bytes(), aad, plain, rng)
}

/// Opens what [`seal`] made for the same purpose and associated data.
///
/// # Errors
/// [`HpkeError::Refused`] for anything else.
pub fn open(
    secret: &HpkeSecret,
    info: Label,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, HpkeError> {
    open_with(&OpModeR::Base, secret, info.as_bytes(), aad, sealed)
}

/// Seals as [`seal`], in auth mode: it opens only for who expects this sender.
///
/// # Errors
/// [`HpkeError::Receiver`] if the key cannot be sealed to.
pub fn auth_seal(
    sender: &HpkeSecret,
    receiver: &HpkePublic,
    info: Label,
    aad: &[u8],
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, HpkeError> {
    seal_with(&sender.sends()?, receiver, info.as_bytes(), aad, plain, rng)
}

/// Opens what the holder of `sender` made with [`auth_seal`] for the same purpose and associated data.
///
/// # Errors
/// [`HpkeError::Refused`] for anything else, what is sealed in base mode included.
pub fn auth_open(
    secret: &HpkeSecret,
    sender: &HpkePublic,
    info: Label,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, HpkeError> {
    open_with(&sender.receives()?, secret, info.as_bytes(), aad, sealed)
}

fn seal_with(
    mode: &OpModeS<'_, X25519HkdfSha256>,
    receiver: &HpkePublic,
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, HpkeError> {
    let receiver = Deserializable::from_bytes(&receiver.0).map_err(|_| HpkeError::Receiver)?;
    let (encapsulated, body) =
        single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            mode, &receiver, info, plain, aad, rng,
        )
        .map_err(|_| HpkeError::Receiver)?;
    Ok([encapsulated.to_bytes().as_slice(), &body].concat())
}

fn open_with(
    mode: &OpModeR<'_, X25519HkdfSha256>,
    secret: &HpkeSecret,
    info: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, HpkeError> {
    let (encapsulated, body) = sealed
        .split_first_chunk::<ENCAPSULATED>()
        .ok_or(HpkeError::Refused)?;
    let encapsulated = Deserializable::from_bytes(encapsulated).map_err(|_| HpkeError::Refused)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        mode,
        &secret.private()?,
        &encapsulated,
        info,
        body,
        aad,
    )
    .map_err(|_| HpkeError::Refused)
}

#[cfg(test)]
mod tests;

//! The signed blank: the 84-byte COSE_Sign1 on every card, and the key that signs it.

use super::{CardError, Commitment};
use crate::cbor::{Reader, Writer};
use crate::cose::{self, ALG_ED25519, Sign1};
use crate::day::Month;
use crate::rng::Rng;
use crate::secret::Secret;
use crate::sign::{SignError, SigningKey};

/// Length of a signed blank in bytes.
pub const SIGNED_BLANK_BYTES: usize = 84;

/// Head of an unsigned integer in four bytes, and in one.
const WIDE_INDEX: u8 = 0x1a;
const WIDE_MONTH: u8 = 0x18;

/// A signed blank; the printing station gets it for a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedBlank([u8; SIGNED_BLANK_BYTES]);

struct Fields {
    kid: u8,
    index: u32,
    month: u8,
}

impl SignedBlank {
    /// Takes bytes of exactly the one accepted form; `None` otherwise. The signature is not
    /// verified: see [`SignedBlank::verify`].
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let blank = Self(bytes.try_into().ok()?);
        blank.fields().map(|_| blank)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SIGNED_BLANK_BYTES] {
        &self.0
    }

    /// Reads the fields, and refuses all bytes but the ones that [`IssuerKey`] would write.
    fn fields(&self) -> Option<Fields> {
        let message = Sign1::parse(&self.0, false).ok()?;
        let [kid] = *message.protected.kid? else {
            return None;
        };
        let mut reader = Reader::new(message.payload());
        if reader.array().ok()? != 2 {
            return None;
        }
        let index = u32::try_from(reader.unsigned_any_width().ok()?).ok()?;
        let month = u8::try_from(reader.unsigned_any_width().ok()?).ok()?;
        let signature: [u8; 64] = message.signature().try_into().ok()?;
        let fields = Fields { kid, index, month };
        let rebuilt = encode(&fields, &[], |_| signature);
        (rebuilt == self.0).then_some(fields)
    }

    /// Verifies the blank for a commitment and gives index, expiry and key identifier.
    ///
    /// # Errors
    /// [`CardError::Unrecognised`] for an unknown issuer, [`CardError::Forged`] for a signature
    /// that does not verify.
    pub fn verify(
        &self,
        commitment: &Commitment,
        issuers: &[(u8, [u8; 32])],
    ) -> Result<(u32, Month, u8), CardError> {
        let fields = self.fields().ok_or(CardError::Unrecognised)?;
        let key = issuers.iter().find(|(kid, _)| *kid == fields.kid);
        let (kid, key) = key.ok_or(CardError::Unrecognised)?;
        let message = Sign1::parse(&self.0, false).map_err(|_| CardError::Forged)?;
        message
            .verify(key, ALG_ED25519, commitment.as_bytes())
            .map_err(|_| CardError::Forged)?;
        let expiry = Month::from_number(fields.month.into()).map_err(|_| CardError::Expiry)?;
        Ok((fields.index, expiry, *kid))
    }
}

/// Writes the one form. The heads of index and month are wide whatever their values.
fn encode(fields: &Fields, aad: &[u8], sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Vec<u8> {
    let protected = Writer::new()
        .map(2)
        .integer(1)
        .integer(ALG_ED25519)
        .integer(4)
        .bytes(&[fields.kid])
        .finish();
    let payload = Writer::new()
        .array(2)
        .raw(&[WIDE_INDEX])
        .raw(&fields.index.to_be_bytes())
        .raw(&[WIDE_MONTH, fields.month])
        .finish();
    cose::sign1(false, &protected, aad, &payload, sign)
}

/// The issuer's signing key, one per issuing epoch.
#[derive(Debug)]
pub struct IssuerKey(SigningKey);

impl IssuerKey {
    /// The key of a 32-byte seed (RFC 8032).
    ///
    /// # Errors
    /// [`SignError::Seed`] if the seed is unusable.
    pub fn from_seed(seed: &Secret<32>) -> Result<Self, SignError> {
        SigningKey::from_seed(seed).map(Self)
    }

    /// A fresh key.
    ///
    /// # Errors
    /// As [`IssuerKey::from_seed`].
    pub fn generate(rng: &mut impl Rng) -> Result<Self, SignError> {
        SigningKey::generate(rng).map(Self)
    }

    /// The seed, for a key file.
    #[must_use]
    pub const fn seed(&self) -> &Secret<32> {
        self.0.seed()
    }

    /// The Ed25519 public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.public()
    }

    /// Signs a blank for a commitment. `index` must be random: order of issue would link.
    ///
    /// # Errors
    /// [`CardError::Expiry`] for a month beyond 255.
    pub fn sign_blank(
        &self,
        kid: u8,
        index: u32,
        expiry: Month,
        commitment: &Commitment,
    ) -> Result<SignedBlank, CardError> {
        let month = u8::try_from(expiry.number()).map_err(|_| CardError::Expiry)?;
        let fields = Fields { kid, index, month };
        let bytes = encode(&fields, commitment.as_bytes(), |message| {
            self.0.sign_raw(message)
        });
        SignedBlank::parse(&bytes).ok_or(CardError::Expiry)
    }
}

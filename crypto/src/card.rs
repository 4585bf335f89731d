//! The card: 100 random-looking bytes, 150 base45 characters, one QR code.
//!
//! `card = c || ChaCha20(k_wrap, nonce = derive("card wrap nonce", c)[..12], COSE_Sign1)`. The
//! issuer signs `[status index, expiry month]` with the commitment as `external_aad`, so it
//! never learns `c`, and the commitment takes no room. The wrapping makes the card meaningless to
//! everybody without the trust bundle: a bare signature would prove membership.
//!
//! The COSE_Sign1 has one form of 84 bytes: untagged, algorithm -19, a key identifier of one byte,
//! the index always in four bytes and the month always in one byte after its head. That is a
//! deliberate deviation from the shortest form (RFC 8949, section 4.2.1): a fixed length keeps
//! every card the same size, and exactly one encoding is accepted. Expiry months reach to 255
//! (April 2045). Offline the card proves "a genuine card", never "this person".

mod blank;
mod revocation;

#[cfg(any(test, feature = "vectors"))]
pub(crate) mod edge;
#[cfg(test)]
pub(crate) mod tests;

pub use blank::{IssuerKey, SIGNED_BLANK_BYTES, SignedBlank};
pub use revocation::{Revocation, RevokeToken};

use crate::base45;
use crate::day::Month;
use crate::digest::derive_id;
use crate::id::sixteen_bytes;
use crate::label;
use crate::secret::secrets;
use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of the card secret in bytes.
pub const SECRET_BYTES: usize = 16;
/// Length of a card in bytes.
pub const CARD_BYTES: usize = SECRET_BYTES + SIGNED_BLANK_BYTES;
/// Length of a card's text in characters.
pub const CARD_CHARACTERS: usize = CARD_BYTES / 2 * 3;

/// Why a text or a blank is not a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Not 150 base45 characters.
    #[error("this is not the text of a card: scan again")]
    NotACard,
    /// No wrap key opens it, or its issuer is unknown.
    #[error("this card belongs to no known issuer: refresh the trust bundle or make a new card")]
    Unrecognised,
    /// The issuer's signature does not verify.
    #[error("this card is not genuine: make a new card")]
    Forged,
    /// The expiry month does not fit a card.
    #[error("the expiry month is out of range: choose one before May 2045")]
    Expiry,
}

secrets! {
    /// The card secret `c`, 16 bytes, the input of the evaluation in the domain `card`. Only the
    /// card and the terminal in front of it ever hold it.
    CardSecret, SECRET_BYTES;
    /// The key that wraps signatures on cards, 32 bytes, one per issuing epoch; terminals only.
    WrapKey, 32;
}

impl CardSecret {
    /// What withdraws the card, together with its blank.
    #[must_use]
    pub fn revoke_token(&self) -> RevokeToken {
        RevokeToken::derive(self)
    }

    /// What the issuer signs in place of the secret.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        self.revoke_token().commitment()
    }
}

sixteen_bytes! {
    /// A commitment to a card's revoke token, 16 bytes; hides both and does not link to the printed card.
    #[derive(Debug)]
    Commitment;
}

impl WrapKey {
    /// Wraps or unwraps: the key stream is the same.
    fn apply(&self, secret: &[u8; SECRET_BYTES], blank: &mut [u8; SIGNED_BLANK_BYTES]) {
        let nonce = derive_id(label::CARD_WRAP_NONCE, secret);
        let nonce: [u8; 12] = std::array::from_fn(|at| nonce[at]);
        ChaCha20::new(self.expose().into(), &nonce.into()).apply_keystream(blank);
    }
}

/// Keys that open cards, from the trust bundle.
#[derive(Clone, Debug, Default)]
pub struct CardKeys {
    /// Issuers: key identifier and Ed25519 public key.
    pub issuers: Vec<(u8, [u8; 32])>,
    /// Wrap keys of the active issuing epochs.
    pub wraps: Vec<WrapKey>,
}

/// A card as it is printed, 100 bytes. Whoever has it can use it: handle it as a secret.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Card([u8; CARD_BYTES]);

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Card(..)")
    }
}

/// What a genuine card says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedCard {
    /// The card secret.
    pub secret: CardSecret,
    /// The index in the status list. Never store it with anything.
    pub index: u32,
    /// The last month in which the card is good.
    pub expiry: Month,
    /// The issuer's key identifier.
    pub kid: u8,
    /// What the issuer signed.
    pub blank: SignedBlank,
}

impl OpenedCard {
    /// What withdraws this card, also when it is not at hand any more.
    #[must_use]
    pub fn revocation(&self) -> Revocation {
        Revocation {
            blank: self.blank,
            token: self.secret.revoke_token(),
        }
    }
}

impl Card {
    /// Puts a card together at the printing station.
    #[must_use]
    pub fn assemble(secret: &CardSecret, blank: &SignedBlank, wrap: &WrapKey) -> Self {
        let mut wrapped = *blank.as_bytes();
        wrap.apply(secret.expose(), &mut wrapped);
        let mut card = [0; CARD_BYTES];
        card[..SECRET_BYTES].copy_from_slice(secret.expose());
        card[SECRET_BYTES..].copy_from_slice(&wrapped);
        Self(card)
    }

    /// The 150 characters for the QR code (alphanumeric mode).
    #[must_use]
    pub fn to_text(&self) -> String {
        base45::encode(&self.0)
    }

    /// Reads the text of a QR code. A space at an end is a character of the card: do not trim.
    ///
    /// # Errors
    /// [`CardError::NotACard`] for any other length or alphabet.
    pub fn from_text(text: &str) -> Result<Self, CardError> {
        if text.len() != CARD_CHARACTERS {
            return Err(CardError::NotACard);
        }
        let bytes = Zeroizing::new(base45::decode(text).map_err(|_| CardError::NotACard)?);
        let card = bytes.as_slice().try_into();
        card.map(Self).map_err(|_| CardError::NotACard)
    }

    /// The 100 bytes.
    #[must_use]
    pub const fn expose(&self) -> &[u8; CARD_BYTES] {
        &self.0
    }

    /// Unwraps the card with any active wrap key and verifies the issuer's signature.
    ///
    /// # Errors
    /// [`CardError::Unrecognised`] or [`CardError::Forged`].
    pub fn open(&self, keys: &CardKeys) -> Result<OpenedCard, CardError> {
        let mut secret = [0; SECRET_BYTES];
        secret.copy_from_slice(&self.0[..SECRET_BYTES]);
        let secret = CardSecret::from_bytes(secret);
        let commitment = secret.commitment();
        for wrap in &keys.wraps {
            let mut blank = [0; SIGNED_BLANK_BYTES];
            blank.copy_from_slice(&self.0[SECRET_BYTES..]);
            wrap.apply(secret.expose(), &mut blank);
            if let Some(blank) = SignedBlank::parse(&blank) {
                let (index, expiry, kid) = blank.verify(&commitment, &keys.issuers)?;
                return Ok(OpenedCard {
                    secret,
                    index,
                    expiry,
                    kid,
                    blank,
                });
            }
        }
        Err(CardError::Unrecognised)
    }
}

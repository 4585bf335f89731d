//! Blanks, evaluation, envelopes, status.

use serde::{Deserialize, Serialize};

use crypto::b64::{B64, Fixed};
use crypto::day::Month;
use crypto::domain::Domain;
use crypto::id::EnvelopeId;

/// Most commitments in one [`SignBlanks`].
pub const MOST_BLANKS: usize = 500;
/// Most items in one [`Evaluate`].
pub const MOST_DOMAINS: usize = 8;
/// Most elements in one item of [`Evaluate`].
pub const MOST_ELEMENTS: usize = 256;

/// `POST /v1/blanks`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignBlanks {
    /// Commitments to card secrets, 1 to [`MOST_BLANKS`].
    pub commitments: Vec<Fixed<16>>,
    /// Last month in which the cards are good.
    pub expiry: Month,
}

/// Answer to [`SignBlanks`], in the order of the commitments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BlanksSigned {
    /// Signed blanks.
    pub blanks: Vec<Blank>,
}

/// One signed blank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Blank {
    /// The signed part of a card.
    pub signed: Fixed<84>,
}

/// `POST /v1/evaluate`: 1 to [`MOST_DOMAINS`] items.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// One item a domain; only `card`, `mail` and the own provider's domain are answered.
    pub items: Vec<EvaluateItem>,
}

/// Blinded elements of one domain.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluateItem {
    /// Which key.
    pub domain: Domain,
    /// Blinded elements, 1 to [`MOST_ELEMENTS`].
    pub elements: Vec<Fixed<32>>,
}

/// Answer to [`Evaluate`], in the order of the items.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evaluated {
    /// One answer an item.
    pub items: Vec<EvaluatedItem>,
}

/// Evaluated elements of one domain with one proof for all of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluatedItem {
    /// In the order of the blinded elements.
    pub elements: Vec<Fixed<32>>,
    /// Batched DLEQ proof (RFC 9497, section 2.2.2).
    pub proof: Fixed<64>,
}

/// A bucket of envelopes: those whose id begins with `bits` given bits. Text form `<bits>-<hex>`, the hexadecimal digits
/// being the first ceil(bits/8) bytes of the id with the bits after the prefix zero: `0-`, `3-a0`, `10-a2c0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix {
    bits: u8,
    bytes: [u8; 4],
}

impl Prefix {
    /// Longest prefix: 24 bits are enough for four thousand million envelopes.
    pub const MOST_BITS: u8 = 24;

    /// The bucket of `id` among buckets of `bits` bits (at most [`Prefix::MOST_BITS`]).
    #[must_use]
    pub fn of(id: &EnvelopeId, bits: u8) -> Self {
        let bits = bits.min(Self::MOST_BITS);
        let [a, b, c, d, ..] = *id.as_bytes();
        let number = u32::from_be_bytes([a, b, c, d]) & Self::mask(bits);
        Self {
            bits,
            bytes: number.to_be_bytes(),
        }
    }

    /// Length in bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// First and last id of the bucket.
    #[must_use]
    pub fn range(self) -> (EnvelopeId, EnvelopeId) {
        let first = u32::from_be_bytes(self.bytes);
        let last = first | !Self::mask(self.bits);
        let (mut low, mut high) = ([0; 16], [0xff; 16]);
        low[..4].copy_from_slice(&first.to_be_bytes());
        high[..4].copy_from_slice(&last.to_be_bytes());
        (EnvelopeId::from_bytes(low), EnvelopeId::from_bytes(high))
    }

    fn mask(bits: u8) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0)
    }
}

impl std::fmt::Display for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-", self.bits)?;
        let bytes = self.bytes.get(..usize::from(self.bits).div_ceil(8));
        crypto::hex::write(bytes.unwrap_or(&self.bytes), f)
    }
}

impl std::str::FromStr for Prefix {
    type Err = crypto::error::FormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong =
            crypto::error::FormatError::new("an envelope prefix", "<bits>-<hex>, at most 24 bits");
        let (bits, hex) = text.split_once('-').ok_or(wrong)?;
        let bits: u8 = bits.parse().map_err(|_| wrong)?;
        if bits > Self::MOST_BITS || hex.len() != usize::from(bits).div_ceil(8) * 2 {
            return Err(wrong);
        }
        let mut bytes = [0; 4];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong)?;
        }
        let read = Self { bits, bytes };
        let canonical =
            u32::from_be_bytes(bytes) & !Self::mask(bits) == 0 && read.to_string() == text;
        canonical.then_some(read).ok_or(wrong)
    }
}

/// Answer to `GET /v1/envelopes/{prefix}`.
///
/// The service answers with the bucket when the prefix has as many bits as are allowed now, or one less; otherwise with
/// no envelope at all. So: when the envelope is not among them and `bits` differs from the bits asked for, ask once more
/// with `bits`. Begin with `0-`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bucket {
    /// Bits of a prefix allowed now: max(0, floor(log2(N / smallest bucket))).
    pub bits: u8,
    /// Every envelope of the bucket, in no meaningful order.
    pub envelopes: Vec<SealedEnvelope>,
}

/// One envelope as the service keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SealedEnvelope {
    /// Its id.
    pub id: EnvelopeId,
    /// Its sealed content.
    pub sealed: B64,
}

/// `PUT /v1/envelopes/{id}`: 201 created, 200 the same bytes again, 409 other bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutEnvelope {
    /// Sealed content, of the one fixed length.
    pub sealed: B64,
    /// Hash of the token that deletes it.
    pub delete_hash: Fixed<32>,
}

/// `DELETE /v1/envelopes/{id}`: 204, or 404 for an unknown id and a wrong token alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteEnvelope {
    /// The token.
    pub delete_token: Fixed<32>,
}

/// `POST /v1/status/revoke`; answers 202 and [`super::Empty`] whatever it is given: a card's proof, the proof of a card
/// that is withdrawn already or of somebody else's programme, noise, or one too many for today. Whether a card is
/// withdrawn is said by the status list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeCard {
    /// The signed part of the card, 84 bytes.
    pub blank: B64,
    /// The card's revoke token, 32 bytes.
    pub token: B64,
}

/// Media type of `GET /v1/status-list`.
pub const STATUS_LIST_TYPE: &str = "application/statuslist+cwt";

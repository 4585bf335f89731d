//! Envelopes as they travel: whole buckets, in bytes.
//!
//! An envelope is its id and its sealed content, [`ENVELOPE_BYTES`] together. A bucket is every envelope whose id begins
//! with some given bits, in the order of ids. A terminal that keeps all envelopes knows them in the 256 buckets of
//! [`Prefix::SYNC_BITS`] bits; longer prefixes are for programmes too large for that.

use crypto::envelope::{DIGEST_BYTES, SEALED_BYTES, bucket_digest};
use crypto::error::FormatError;
use crypto::id::EnvelopeId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of one envelope: its id and its sealed content.
pub const ENVELOPE_BYTES: usize = ID_BYTES + SEALED_BYTES;
/// Media type of [`Fetched`].
pub const BUCKETS_TYPE: &str = "application/octet-stream";
const ID_BYTES: usize = 16;

/// The first `bits` bits of the ids of a bucket. Text form `<bits>-<hex>`, the hexadecimal digits being the first
/// ceil(bits/8) bytes of the id with the bits after the prefix zero: `8-a2`, `10-a2c0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    bits: u8,
    bytes: [u8; 4],
}

impl Prefix {
    /// Bits of the buckets by which a terminal keeps all envelopes; the shortest prefix that is answered.
    pub const SYNC_BITS: u8 = 8;
    /// How many such buckets there are.
    pub const SYNC_BUCKETS: usize = 1 << Self::SYNC_BITS;
    /// Longest prefix: whatever a service claims, a request says no more than this of a card. Enough for a million
    /// envelopes in buckets of 256.
    pub const MOST_BITS: u8 = 12;

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

    /// The bucket of this number among those that a terminal keeps.
    #[must_use]
    pub const fn sync(number: u8) -> Self {
        Self {
            bits: Self::SYNC_BITS,
            bytes: [number, 0, 0, 0],
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
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = FormatError::new("an envelope prefix", "<bits>-<hex>, at most 12 bits");
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

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The envelopes of one bucket, in the order of their ids, no id twice.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bucket(Vec<[u8; ENVELOPE_BYTES]>);

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({} envelopes)", self.0.len())
    }
}

impl Bucket {
    /// Reads the bucket of a prefix.
    ///
    /// # Errors
    /// Refuses a part of an envelope, another order than that of ids, an id twice, an id that lies outside.
    pub fn read(prefix: Prefix, bytes: &[u8]) -> Result<Self, FormatError> {
        let wrong = FormatError::new("a bucket", "whole envelopes of its prefix in order");
        let (whole, rest) = bytes.as_chunks();
        let bucket = Self(whole.to_vec());
        let inside = bucket
            .ids()
            .all(|id| Prefix::of(&id, prefix.bits) == prefix);
        let ordered = bucket.ids().is_sorted_by(|one, next| one < next);
        (rest.is_empty() && inside && ordered)
            .then_some(bucket)
            .ok_or(wrong)
    }

    /// How many envelopes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = EnvelopeId> {
        self.0.iter().map(id_of)
    }

    /// The sealed content of an envelope.
    #[must_use]
    pub fn get(&self, id: &EnvelopeId) -> Option<&[u8]> {
        let at = self.place(id).ok()?;
        self.0.get(at).map(|whole| &whole[ID_BYTES..])
    }

    /// Puts an envelope; one of this id stays as it is.
    pub fn insert(&mut self, id: &EnvelopeId, sealed: &[u8; SEALED_BYTES]) {
        if let Err(at) = self.place(id) {
            let mut whole = [0; ENVELOPE_BYTES];
            whole[..ID_BYTES].copy_from_slice(id.as_bytes());
            whole[ID_BYTES..].copy_from_slice(sealed);
            self.0.insert(at, whole);
        }
    }

    /// Takes an envelope out, if it is there.
    pub fn remove(&mut self, id: &EnvelopeId) {
        if let Ok(at) = self.place(id) {
            self.0.remove(at);
        }
    }

    /// Every envelope, one after the other.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_flattened()
    }

    /// The digest of this bucket when it is the one of this number among those that a terminal keeps.
    #[must_use]
    pub fn digest(&self, number: u8) -> [u8; DIGEST_BYTES] {
        bucket_digest(number, self.as_bytes())
    }

    fn place(&self, id: &EnvelopeId) -> Result<usize, usize> {
        self.0.binary_search_by_key(id, id_of)
    }
}

fn id_of(whole: &[u8; ENVELOPE_BYTES]) -> EnvelopeId {
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(&whole[..ID_BYTES]);
    EnvelopeId::from_bytes(id)
}

/// Answer to `POST /v1/envelopes/buckets`: the bits of a prefix that are allowed now (1 byte), then for each bucket asked
/// for the number of its envelopes (4 bytes, big endian) and the envelopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Longest prefix that is answered now: max(8, floor(log2(N / smallest bucket))), at most 12. A bucket of
    /// [`Prefix::SYNC_BITS`] bits is always answered, one of this length or of one bit less as well, any other as empty.
    pub bits: u8,
    /// In the order of the request.
    pub buckets: Vec<Bucket>,
}

impl Fetched {
    /// Writes an answer.
    #[must_use]
    pub fn write<'a>(bits: u8, buckets: impl IntoIterator<Item = &'a Bucket>) -> Vec<u8> {
        let mut bytes = vec![bits];
        for bucket in buckets {
            let count = u32::try_from(bucket.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&count.to_be_bytes());
            bytes.extend_from_slice(bucket.as_bytes());
        }
        bytes
    }

    /// Reads the answer to a request for these buckets.
    ///
    /// # Errors
    /// Refuses other buckets than were asked for, anything after them, and bits that no service may claim.
    pub fn read(prefixes: &[Prefix], bytes: &[u8]) -> Result<Self, FormatError> {
        let wrong = FormatError::new("buckets", "as many as were asked for, and nothing else");
        let (bits, mut rest) = bytes.split_first().ok_or(wrong)?;
        if !(Prefix::SYNC_BITS..=Prefix::MOST_BITS).contains(bits) {
            return Err(wrong);
        }
        let mut buckets = Vec::with_capacity(prefixes.len());
        for prefix in prefixes {
            let (count, after) = rest.split_first_chunk().ok_or(wrong)?;
            let count = usize::try_from(u32::from_be_bytes(*count)).map_err(|_| wrong)?;
            let length = count.checked_mul(ENVELOPE_BYTES).ok_or(wrong)?;
            let (content, after) = after.split_at_checked(length).ok_or(wrong)?;
            buckets.push(Bucket::read(*prefix, content)?);
            rest = after;
        }
        let bits = *bits;
        rest.is_empty()
            .then_some(Self { bits, buckets })
            .ok_or(wrong)
    }
}

#[cfg(test)]
mod tests;

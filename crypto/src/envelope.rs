//! The envelope: what stands on the server for a card, opened only with the card's evaluation.
//!
//! `u_c = VOPRF(card, c)` gives the id, the key and the delete token. The envelope holds the
//! identity secret `s`, and after a rotation the previous one; sealed it has always
//! [`SEALED_BYTES`] bytes. Deleting it kills the card for ever.

use crate::digest::{derive, derive_id, derive_parts, derive_secret};
use crate::id::EnvelopeId;
use crate::label;
use crate::rng::Rng;
use crate::seal::{self, OVERHEAD, SealError};
use crate::secret::{Secret, secrets};
use zeroize::Zeroizing;

/// Length of a sealed envelope in bytes.
pub const SEALED_BYTES: usize = OVERHEAD + PLAIN_BYTES;
/// Length of the digest of a bucket in bytes.
pub const DIGEST_BYTES: usize = 16;
/// One byte for the form, then the current and the previous secret.
const PLAIN_BYTES: usize = 1 + 32 + 32;
const WITHOUT_PREVIOUS: u8 = 1;
const WITH_PREVIOUS: u8 = 2;

secrets! {
    /// The identity secret `s`, 32 bytes, the input of the evaluations in the domains of providers
    /// and of mail: all pseudonyms of a person come from it. It lives in envelopes and, for the
    /// length of a presentation, on a terminal.
    IdentitySecret, 32;
}

/// What a card's evaluation opens.
#[derive(Clone, Debug)]
pub struct EnvelopeKeys {
    /// Where the envelope lies.
    pub id: EnvelopeId,
    key: Secret<32>,
    /// Proves to the server that the holder may delete the envelope.
    pub delete_token: Secret<32>,
}

impl EnvelopeKeys {
    /// Derives all three from the finalized evaluation of the card secret.
    #[must_use]
    pub fn derive(u_c: &Secret<64>) -> Self {
        Self {
            id: EnvelopeId::from_bytes(derive_id(label::ENVELOPE_ID, u_c.expose())),
            key: derive_secret(label::ENVELOPE_KEY, u_c.expose()),
            delete_token: derive_secret(label::ENVELOPE_DELETE_TOKEN, u_c.expose()),
        }
    }

    /// What the server keeps of the delete token, 32 bytes.
    #[must_use]
    pub fn delete_token_hash(&self) -> [u8; 32] {
        delete_token_hash(self.delete_token.expose())
    }

    /// The key of the envelope, for vectors.
    #[cfg(any(test, feature = "vectors"))]
    pub(crate) const fn key(&self) -> &Secret<32> {
        &self.key
    }
}

/// The hash under which the server looks for a delete token it was shown.
#[must_use]
pub fn delete_token_hash(token: &[u8; 32]) -> [u8; 32] {
    derive(label::ENVELOPE_DELETE_HASH, token)
}

/// Tells a terminal whether what it keeps of a bucket is what the service has: the bucket's number, then every id and
/// sealed content in the order of ids. Not secret; whoever could make two buckets of one digest would hide a change.
#[must_use]
pub fn bucket_digest(number: u8, content: &[u8]) -> [u8; DIGEST_BYTES] {
    let whole = derive_parts(label::ENVELOPE_BUCKET, &[&[number], content]);
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&whole[..DIGEST_BYTES]);
    digest
}

/// An opened envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The identity in use.
    pub current: IdentitySecret,
    /// The identity before the last rotation.
    pub previous: Option<IdentitySecret>,
}

/// Seals an envelope: [`SEALED_BYTES`] bytes.
///
/// # Errors
/// [`SealError`] never occurs at this length.
pub fn seal(
    keys: &EnvelopeKeys,
    current: &IdentitySecret,
    previous: Option<&IdentitySecret>,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, SealError> {
    let mut plain = Zeroizing::new([0; PLAIN_BYTES]);
    plain[0] = WITHOUT_PREVIOUS;
    plain[1..33].copy_from_slice(current.expose());
    if let Some(previous) = previous {
        plain[0] = WITH_PREVIOUS;
        plain[33..].copy_from_slice(previous.expose());
    }
    let (key, id) = (keys.key.expose(), keys.id.as_bytes());
    seal::seal(key, label::ENVELOPE_SEAL, id, plain.as_slice(), rng)
}

/// Opens an envelope with the keys of its card.
///
/// # Errors
/// [`SealError::Refused`] for another card's envelope, altered bytes or another form.
pub fn open(keys: &EnvelopeKeys, sealed: &[u8]) -> Result<Envelope, SealError> {
    let (key, id) = (keys.key.expose(), keys.id.as_bytes());
    let plain = Zeroizing::new(seal::open(key, label::ENVELOPE_SEAL, id, sealed)?);
    let plain: &[u8; PLAIN_BYTES] = plain
        .as_slice()
        .try_into()
        .map_err(|_| SealError::Refused)?;
    let secret = |from: usize| {
        let bytes = Secret::try_from(&plain[from..from + 32]);
        bytes.map(IdentitySecret).map_err(|_| SealError::Refused)
    };
    let (current, second) = (secret(1)?, secret(33)?);
    let previous = match plain[0] {
        WITHOUT_PREVIOUS if second.0 == Secret::new([0; 32]) => None,
        WITH_PREVIOUS => Some(second),
        _ => return Err(SealError::Refused),
    };
    Ok(Envelope { current, previous })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::rng::Random;

    #[test]
    fn round_trip_and_fixed_length() {
        let mut rng = Random::seeded([1; 32]);
        let keys = EnvelopeKeys::derive(&Secret::new([7; 64]));
        let (s, before) = (
            IdentitySecret::random(&mut rng),
            IdentitySecret::random(&mut rng),
        );
        for previous in [None, Some(&before)] {
            let sealed = seal(&keys, &s, previous, &mut rng).unwrap();
            assert_eq!(sealed.len(), 105);
            let opened = open(&keys, &sealed).unwrap();
            assert_eq!(opened.current, s);
            assert_eq!(opened.previous.as_ref(), previous);
            for at in 0..sealed.len() {
                let mut bad = sealed.clone();
                bad[at] ^= 1;
                assert_eq!(open(&keys, &bad), Err(SealError::Refused));
                assert!(open(&keys, &sealed[..at]).is_err());
            }
            let other = EnvelopeKeys::derive(&Secret::new([8; 64]));
            assert!(open(&other, &sealed).is_err());
        }
    }

    #[test]
    fn an_unknown_form_is_refused() {
        let mut rng = Random::seeded([2; 32]);
        let keys = EnvelopeKeys::derive(&Secret::new([7; 64]));
        for (form, last) in [(0, 0), (3, 0), (WITHOUT_PREVIOUS, 1)] {
            let mut plain = [0; PLAIN_BYTES];
            (plain[0], plain[PLAIN_BYTES - 1]) = (form, last);
            let (key, id) = (keys.key.expose(), keys.id.as_bytes());
            let sealed = seal::seal(key, label::ENVELOPE_SEAL, id, &plain, &mut rng).unwrap();
            assert!(open(&keys, &sealed).is_err(), "{form} {last}");
        }
    }

    #[test]
    fn id_key_token_and_hash_are_unrelated_values() {
        let keys = EnvelopeKeys::derive(&Secret::new([7; 64]));
        let values = [
            keys.key.expose().to_vec(),
            keys.delete_token.expose().to_vec(),
            keys.delete_token_hash().to_vec(),
        ];
        for (at, value) in values.iter().enumerate() {
            assert_ne!(&value[..16], keys.id.as_bytes());
            assert!(!values[..at].contains(value));
        }
        assert!(!format!("{keys:?}").contains("07"));
    }
}

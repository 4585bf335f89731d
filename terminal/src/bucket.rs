//! Fetching an envelope by prefix, in a programme too large to be kept whole.
//!
//! The card's bucket is asked for together with three others, in random
//! order. Which three is drawn once for a card at a terminal, from a key that only this terminal has
//! ([`crate::decoy`]): however often a service makes it ask, today or in a year, and however long the prefix is by then, all requests
//! together name the same four. Limit: the service sees that it was one card both times. Nothing of a
//! round is used when any of the four holds fewer envelopes than the crowd. The service says how long a prefix its size allows
//! now; before a terminal follows to a longer one it asks for four random
//! buckets of that length. The crowd is at least [`LEAST_CROWD`] in code; a trust
//! bundle may raise it. Limit: a service that fills buckets with envelopes of
//! its own making is not noticed, and learns as many bits as a prefix has, 12 at
//! most.

use crate::calls;
use crate::decoy::TOGETHER;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::id::EnvelopeId;
use crypto::rng::Rng;
use crypto::trust::TrustBundle;
use std::collections::BTreeMap;
use wire::{Bucket, Fetched, Prefix};

/// Fewest envelopes in any bucket that is used.
pub(crate) const LEAST_CROWD: u32 = 64;
/// How often the allowed length may change under one call.
const ROUNDS: usize = 3;

/// The fewest envelopes that a random bucket holds when the service keeps to the
/// bundle: six standard deviations below its average, so that chance never
/// stops a client, and never below [`LEAST_CROWD`].
pub(crate) fn crowd(bundle: &TrustBundle) -> u32 {
    fewest(bundle.core.envelope_min_bucket)
}

fn fewest(average: u32) -> u32 {
    let spread = average.isqrt().saturating_add(1).saturating_mul(6);
    average.saturating_sub(spread).max(LEAST_CROWD)
}

/// The sealed envelopes of these ids that exist, one round for each.
pub(crate) async fn fetch<R: Rng>(
    session: &Session<impl Transport>,
    ids: &[EnvelopeId],
    crowd: usize,
    rng: &mut R,
) -> Result<BTreeMap<EnvelopeId, Vec<u8>>, Error> {
    let mut found = BTreeMap::new();
    for id in ids {
        let bucket = hidden(session, id, crowd, rng).await?;
        if let Some(sealed) = bucket.get(id) {
            found.insert(*id, sealed.to_vec());
        }
    }
    Ok(found)
}

/// The bucket of an id, asked for among others.
async fn hidden<R: Rng>(
    session: &Session<impl Transport>,
    id: &EnvelopeId,
    crowd: usize,
    rng: &mut R,
) -> Result<Bucket, Error> {
    for _ in 0..ROUNDS {
        let asked = session.bucket_bits();
        let own = Prefix::of(id, asked);
        let places = session.decoys().places(id);
        let prefixes = shuffled(&places, asked, rng);
        let fetched = calls::buckets(session, &prefixes).await?;
        let full = full(&fetched, crowd);
        if fetched.bits == asked && !full {
            return Err(Error::Bucket);
        }
        if full {
            let own = prefixes.iter().zip(fetched.buckets).find(|it| *it.0 == own);
            return own.map(|(_, bucket)| bucket).ok_or(Error::Answer);
        }
        follow(session, asked, fetched.bits, crowd, rng).await?;
    }
    Err(Error::Answer)
}

fn full(fetched: &Fetched, crowd: usize) -> bool {
    fetched.buckets.iter().all(|it| it.len() >= crowd)
}

/// Distinct buckets of one length, wherever chance puts them.
fn anywhere<R: Rng>(bits: u8, rng: &mut R) -> Vec<Prefix> {
    let mut prefixes = Vec::with_capacity(TOGETHER);
    while prefixes.len() < TOGETHER {
        let other = Prefix::of(&EnvelopeId::random(rng), bits);
        if !prefixes.contains(&other) {
            prefixes.push(other);
        }
    }
    prefixes
}

/// The buckets of these places in random order.
fn shuffled<R: Rng>(places: &[EnvelopeId], bits: u8, rng: &mut R) -> Vec<Prefix> {
    let mut keyed: Vec<([u8; 16], Prefix)> = places
        .iter()
        .map(|place| (crypto::rng::bytes(rng), Prefix::of(place, bits)))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, prefix)| prefix).collect()
}

/// Takes over another prefix length; a longer one only after a look at random
/// buckets.
async fn follow<R: Rng>(
    session: &Session<impl Transport>,
    asked: u8,
    allowed: u8,
    crowd: usize,
    rng: &mut R,
) -> Result<(), Error> {
    if allowed > asked {
        let probe = calls::buckets(session, &anywhere(allowed, rng)).await?;
        if !full(&probe, crowd) {
            return Err(Error::Bucket);
        }
    }
    session.set_bucket_bits(allowed);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::decoy::DecoyKey;
    use crypto::rng::Random;
    use crypto::secret::Secret;

    #[test]
    fn the_fewest_is_far_from_chance_and_from_one() {
        assert_eq!(fewest(256), 154);
        for least in [0, 1, 4, 64, 128] {
            assert_eq!(fewest(least), LEAST_CROWD, "a bundle lowers nothing");
        }
        assert!((256..100_000).all(|least| (LEAST_CROWD..least).contains(&fewest(least))));
    }

    #[test]
    fn the_own_bucket_lies_anywhere_among_different_ones() {
        let mut rng = Random::seeded([3; 32]);
        let id = EnvelopeId::from_bytes([0x5a; 16]);
        let own = Prefix::of(&id, 8);
        let mut places = [0; TOGETHER];
        for _ in 0..4_000 {
            // As of another terminal each time: by its number too it says nothing.
            let drawn = DecoyKey::derive(&Secret::random(&mut rng)).places(&id);
            let mut asked = shuffled(&drawn, 8, &mut rng);
            places[asked.iter().position(|it| *it == own).unwrap()] += 1;
            asked.sort_unstable();
            asked.dedup();
            assert_eq!(asked.len(), TOGETHER);
        }
        // A thousand each: 150 are more than five standard deviations.
        assert!(
            places.iter().all(|it| (850..1_150).contains(it)),
            "{places:?}"
        );
    }
}

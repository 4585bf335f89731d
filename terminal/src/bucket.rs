//! Fetching envelopes so that the service does not see which.
//!
//! A terminal asks for all envelopes whose id begins with a short prefix and
//! opens its own locally. The service says how long a prefix its size allows
//! now; a terminal begins with none and follows. Before it follows to a longer
//! prefix it asks for one random bucket of that length and counts: a service
//! that claims to be larger than it is, to narrow a request down to one card,
//! is refused. Limit: a service that fills buckets with envelopes of its own
//! making is not noticed. Source: the protocol's presentation, step 3.

use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::id::EnvelopeId;
use crypto::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};
use wire::{Bucket, Prefix};

/// How often the allowed length may change under one call.
const ROUNDS: usize = 3;

/// The fewest envelopes that a random bucket holds when the service keeps to
/// `least`: six standard deviations below, so that chance never stops a client.
pub(crate) fn fewest(least: u32) -> usize {
    let spread = least.isqrt().saturating_add(1).saturating_mul(6);
    least.saturating_sub(spread) as usize
}

/// The sealed envelopes of these ids that exist.
pub(crate) async fn fetch<R: Rng>(
    session: &Session<impl Transport>,
    ids: &[EnvelopeId],
    rng: &mut R,
) -> Result<BTreeMap<EnvelopeId, Vec<u8>>, Error> {
    let mut found = BTreeMap::new();
    let mut missing: BTreeSet<EnvelopeId> = ids.iter().copied().collect();
    for _ in 0..ROUNDS {
        if missing.is_empty() {
            return Ok(found);
        }
        let asked = session.bucket_bits();
        let allowed = round(session, asked, &mut missing, &mut found).await?;
        if allowed == asked {
            return Ok(found);
        }
        follow(session, asked, allowed, rng).await?;
    }
    Ok(found)
}

/// Asks for the buckets of what is missing; returns the length allowed now.
async fn round(
    session: &Session<impl Transport>,
    bits: u8,
    missing: &mut BTreeSet<EnvelopeId>,
    found: &mut BTreeMap<EnvelopeId, Vec<u8>>,
) -> Result<u8, Error> {
    let prefixes = distinct(missing, bits);
    let mut allowed = bits;
    for (prefix, bucket) in prefixes
        .iter()
        .zip(calls::buckets(session, &prefixes).await?)
    {
        check(*prefix, &bucket)?;
        allowed = bucket.bits;
        for envelope in bucket.envelopes {
            if missing.remove(&envelope.id) {
                found.insert(envelope.id, envelope.sealed.0);
            }
        }
    }
    Ok(allowed)
}

/// Every prefix once, in the order of ids, which says nothing about the cards'.
fn distinct(ids: &BTreeSet<EnvelopeId>, bits: u8) -> Vec<Prefix> {
    let mut prefixes: Vec<Prefix> = ids.iter().map(|id| Prefix::of(id, bits)).collect();
    prefixes.dedup();
    prefixes
}

fn check(prefix: Prefix, bucket: &Bucket) -> Result<(), Error> {
    let inside = |id: &EnvelopeId| Prefix::of(id, prefix.bits()) == prefix;
    let honest = bucket.bits <= Prefix::MOST_BITS && bucket.envelopes.iter().all(|e| inside(&e.id));
    if honest { Ok(()) } else { Err(Error::Answer) }
}

/// Takes over another prefix length; a longer one only after a look at a random
/// bucket.
async fn follow<R: Rng>(
    session: &Session<impl Transport>,
    asked: u8,
    allowed: u8,
    rng: &mut R,
) -> Result<(), Error> {
    if allowed > asked {
        let prefix = Prefix::of(&EnvelopeId::random(rng), allowed);
        let probe = calls::buckets(session, &[prefix]).await?;
        let bucket = probe.first().ok_or(Error::Answer)?;
        check(prefix, bucket)?;
        let crowd = fewest(session.bundle().envelope_min_bucket);
        if bucket.bits == allowed && bucket.envelopes.len() < crowd {
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
    use crypto::b64::B64;
    use wire::SealedEnvelope;

    #[test]
    fn the_fewest_is_far_from_chance_and_from_one() {
        assert_eq!(fewest(256), 154);
        assert_eq!(fewest(4), 0, "small test programmes are never stopped");
        assert!((40..100_000).all(|least| fewest(least) < least as usize));
    }

    #[test]
    fn every_bucket_is_asked_for_once() {
        let ids = [[0x00; 16], [0x1f; 16], [0xff; 16]]
            .map(EnvelopeId::from_bytes)
            .into();
        let texts = |bits| {
            distinct(&ids, bits)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(0), ["0-"]);
        assert_eq!(texts(1), ["1-00", "1-80"]);
        assert_eq!(texts(8), ["8-00", "8-1f", "8-ff"]);
    }

    #[test]
    fn envelopes_from_elsewhere_are_refused() {
        let prefix = Prefix::of(&EnvelopeId::from_bytes([0x80; 16]), 1);
        let bucket = |byte, bits| Bucket {
            bits,
            envelopes: vec![SealedEnvelope {
                id: EnvelopeId::from_bytes([byte; 16]),
                sealed: B64(vec![]),
            }],
        };
        assert!(check(prefix, &bucket(0x90, 1)).is_ok());
        assert!(matches!(
            check(prefix, &bucket(0x10, 1)),
            Err(Error::Answer)
        ));
        assert!(matches!(
            check(prefix, &bucket(0x90, 25)),
            Err(Error::Answer)
        ));
    }
}

//! Which buckets a terminal asks for beside a card's: drawn once for the card, from a key that follows from the terminal's own.
//!
//! See [`crate::bucket`] for what they are good for. Nothing of them is stored.

use crypto::digest;
use crypto::id::EnvelopeId;
use crypto::label::TERMINAL_DECOYS;
use crypto::secret::Secret;
use wire::Prefix;

/// Buckets asked for in one round.
pub(crate) const TOGETHER: usize = 4;

/// From which a terminal draws the buckets that it asks for beside a card's; 32 bytes.
#[derive(Clone, Debug)]
pub(crate) struct DecoyKey(Secret<32>);

impl DecoyKey {
    /// From the seed of the terminal's signing key.
    pub(crate) fn derive(seed: &Secret<32>) -> Self {
        Self(digest::derive_secret(TERMINAL_DECOYS, seed.expose()))
    }

    /// Places for a card's envelope and its decoys: apart already in the shortest prefix, so that a longer one splits each of
    /// them and moves none.
    pub(crate) fn places(&self, own: &EnvelopeId) -> Vec<EnvelopeId> {
        let apart = |id: &EnvelopeId| Prefix::of(id, Prefix::SYNC_BITS);
        let mut places = vec![*own];
        let mut drawn: u32 = 0;
        while places.len() < TOGETHER {
            let parts = [&own.as_bytes()[..], &drawn.to_be_bytes()];
            let whole = digest::keyed_parts(self.0.expose(), &parts);
            let decoy = EnvelopeId::from_bytes(std::array::from_fn(|at| whole[at]));
            if !places.iter().any(|it| apart(it) == apart(&decoy)) {
                places.push(decoy);
            }
            drawn += 1;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crypto::rng::Random;

    fn prefixes(places: &[EnvelopeId], bits: u8) -> Vec<Prefix> {
        places.iter().map(|place| Prefix::of(place, bits)).collect()
    }

    #[test]
    fn decoys_stay_when_prefixes_grow_and_differ_from_terminal_to_terminal() {
        let mut rng = Random::seeded([4; 32]);
        let (here, there) = (
            DecoyKey::derive(&Secret::random(&mut rng)),
            DecoyKey::derive(&Secret::random(&mut rng)),
        );
        let mut elsewhere = 0;
        for _ in 0..500 {
            let id = EnvelopeId::random(&mut rng);
            let places = here.places(&id);
            assert_eq!(places, here.places(&id));
            elsewhere += usize::from(places[1..] != there.places(&id)[1..]);
            for bits in Prefix::SYNC_BITS..=12 {
                let mut asked = prefixes(&places, bits);
                asked.sort_unstable();
                asked.dedup();
                assert_eq!(asked.len(), TOGETHER);
                let short = |it: &Prefix| Prefix::of(&it.range().0, Prefix::SYNC_BITS);
                let shorter: Vec<Prefix> = asked.iter().map(short).collect();
                let mut first = prefixes(&places, Prefix::SYNC_BITS);
                first.sort_unstable();
                assert_eq!(shorter, first, "each splits its own");
            }
        }
        assert_eq!(elsewhere, 500);
    }
}

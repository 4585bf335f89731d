//! The operations a presentation cannot do without, and nothing else: four evaluations under three proofs and one
//! reshuffle, on all cores, in memory.
//!
//! The evaluations are those of the plain `voprf` crate, so that a faster one of our own shows in the ratio.

use ::voprf::{BlindedElement, Ristretto255, VoprfServer};
use crypto::domain::{DomainKey, Factor, MasterScalar, Statistics};
use crypto::rng::Random;
use crypto::statistics::{self, ElGamal, StatisticsPublic};
use server::error::Failure;

use crate::place::Place;
use crate::prepare::Presentation;
use crate::watch::{Spent, Watch, cores};

/// Keys of the operations.
pub struct Keys {
    domains: [VoprfServer<Ristretto255>; 3],
    statistics: DomainKey<Statistics>,
    public: StatisticsPublic,
}

impl Keys {
    /// Fresh keys: what an operation costs does not depend on them.
    ///
    /// # Errors
    /// [`Failure`] when a key cannot be made.
    pub fn fresh(place: &Place) -> Result<Self, Failure> {
        let mut rng = Random::os();
        let (master, factor) = (MasterScalar::random(&mut rng), Factor::random(&mut rng));
        let statistics =
            DomainKey::compose(&master, &factor).map_err(|e| Failure::of("a key", e))?;
        let mut fresh =
            || VoprfServer::new(&mut rng).map_err(|_| Failure::new("a key cannot be made"));
        Ok(Self {
            domains: [fresh()?, fresh()?, fresh()?],
            statistics,
            public: place.identity.keys.statistics.elgamal,
        })
    }

    fn present(&self, one: &Presentation, rng: &mut Random) -> Result<(), Failure> {
        let failed = |_| Failure::new("an element cannot be evaluated");
        let parts = [&one.elements[..1], &one.elements[1..3], &one.elements[3..]];
        for (key, elements) in self.domains.iter().zip(parts) {
            let blinded = elements.iter().map(|one| BlindedElement::deserialize(one));
            let blinded = blinded.collect::<Result<Vec<_>, _>>().map_err(failed)?;
            let answer = key.batch_blind_evaluate(rng, &blinded).map_err(failed)?;
            let messages = answer.messages.iter();
            let elements: Vec<[u8; 32]> = messages.map(|one| one.serialize().into()).collect();
            std::hint::black_box((elements, answer.proof.serialize()));
        }
        let ciphertext = ElGamal::from_bytes(one.elgamal);
        let moved = statistics::reshuffle(&ciphertext, &self.statistics, &self.public, rng)
            .map_err(|e| Failure::of("reshuffling", e))?;
        std::hint::black_box(moved);
        Ok(())
    }
}

/// What all of them take on all cores.
///
/// # Errors
/// [`Failure`] when an operation refuses its input.
pub fn run(keys: &Keys, all: &[Presentation]) -> Result<Spent, Failure> {
    let share = all.len().div_ceil(cores()).max(1);
    let watch = Watch::start();
    std::thread::scope(|scope| {
        let threads: Vec<_> = all
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let mut rng = Random::os();
                    part.iter().try_for_each(|one| keys.present(one, &mut rng))
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| Failure::new("a thread ended early"))?
        })
    })?;
    Ok(watch.spent())
}

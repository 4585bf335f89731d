//! The operations a presentation cannot do without, and nothing else: three evaluations with their proofs and one
//! reshuffle, on all cores, in memory.

use std::time::Duration;

use crypto::domain::{Domain, DomainKey, MasterScalar, Seed};
use crypto::rng::Random;
use crypto::statistics::{self, ElGamal, StatisticsPublic};
use crypto::voprf;

use super::place::Place;
use super::prepare::Presentation;
use super::watch::Watch;
use crate::error::Failure;

/// Keys of the four operations.
pub struct Keys {
    domains: [DomainKey; 3],
    statistics: DomainKey,
    public: StatisticsPublic,
}

impl Keys {
    /// Fresh keys: what an operation costs does not depend on them.
    ///
    /// # Errors
    /// [`Failure`] when a key cannot be made.
    pub fn fresh(place: &Place) -> Result<Self, Failure> {
        let mut rng = Random::os();
        let (seed, master) = (Seed::random(&mut rng), MasterScalar::random(&mut rng));
        let key = |domain| {
            DomainKey::compose(&seed, &master, &domain, 1).map_err(|e| Failure::of("a key", e))
        };
        Ok(Self {
            domains: [key(Domain::Card)?, key(Domain::Mail)?, key(Domain::Handle)?],
            statistics: key(Domain::Statistics)?,
            public: place.identity.keys.statistics.elgamal,
        })
    }

    fn present(&self, one: &Presentation, rng: &mut Random) -> Result<(), Failure> {
        for (key, element) in self.domains.iter().zip(&one.elements) {
            let answer = voprf::evaluate(key, rng, std::slice::from_ref(element))
                .map_err(|e| Failure::of("evaluating", e))?;
            std::hint::black_box(answer);
        }
        let ciphertext = ElGamal::from_bytes(one.elgamal);
        let moved = statistics::reshuffle(&ciphertext, &self.statistics, &self.public, rng)
            .map_err(|e| Failure::of("reshuffling", e))?;
        std::hint::black_box(moved);
        Ok(())
    }
}

/// Cores this process may use.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Time for all of them on all cores.
///
/// # Errors
/// [`Failure`] when an operation refuses its input.
pub fn run(keys: &Keys, all: &[Presentation]) -> Result<Duration, Failure> {
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
    Ok(watch.elapsed())
}

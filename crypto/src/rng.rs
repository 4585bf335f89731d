//! Randomness is an argument, never a global.
//!
//! [`Rng`] is what the functions of this crate ask for; [`Random`] is the handle that long-lived owners (a server, a
//! terminal) keep and clone. In a browser the operating system's generator is `crypto.getRandomValues`, by getrandom's
//! feature `js`, which the manifest asks for on wasm32 alone.
#![allow(clippy::disallowed_types)] // the one place that may reach for the operating system's generator

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::OsRng;
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// A cryptographically secure source of random bytes.
pub trait Rng: RngCore + CryptoRng {}

impl<T: RngCore + CryptoRng + ?Sized> Rng for T {}

/// A handle on a random source: cheap to clone, usable from several threads. Clones share one stream.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    Os,
    Seeded(Arc<Mutex<ChaCha20Rng>>),
}

impl Random {
    /// The operating system's generator. Use this outside of tests.
    #[must_use]
    pub fn os() -> Self {
        Self(Source::Os)
    }

    /// A reproducible ChaCha20 stream. **For tests and vectors only**: who knows the seed knows every secret drawn.
    #[must_use]
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(
            ChaCha20Rng::from_seed(seed),
        ))))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut dyn RngCore) -> T) -> T {
        match &self.0 {
            Source::Os => draw(&mut OsRng),
            // A panic of another thread in the middle of a draw leaves a usable stream behind.
            Source::Seeded(stream) => {
                draw(&mut *stream.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        self.with(|source| source.next_u32())
    }

    fn next_u64(&mut self) -> u64 {
        self.with(|source| source.next_u64())
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.with(|source| source.fill_bytes(dest));
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
        self.with(|source| source.try_fill_bytes(dest))
    }
}

impl CryptoRng for Random {}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Source::Os => "Random(os)",
            Source::Seeded(_) => "Random(seeded)",
        })
    }
}

/// `N` fresh random bytes.
pub fn bytes<const N: usize>(rng: &mut impl Rng) -> [u8; N] {
    let mut out = [0; N];
    rng.fill_bytes(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_streams_repeat_and_clones_share_one_stream() {
        let mut a = Random::seeded([1; 32]);
        let mut b = Random::seeded([1; 32]);
        let first: [u8; 32] = bytes(&mut a);
        assert_eq!(first, bytes(&mut b));
        let mut clone = a.clone();
        assert_eq!(bytes::<16>(&mut clone), bytes::<16>(&mut b));
        assert_eq!(bytes::<16>(&mut a), bytes::<16>(&mut b));
        assert_ne!(first, bytes(&mut Random::seeded([2; 32])));
    }

    #[test]
    fn the_operating_system_does_not_repeat() {
        let mut os = Random::os();
        assert_ne!(bytes::<32>(&mut os), bytes::<32>(&mut os));
        assert_ne!(os.next_u64(), os.next_u64());
    }

    #[test]
    fn debug_shows_no_state() {
        assert_eq!(format!("{:?}", Random::seeded([7; 32])), "Random(seeded)");
        assert_eq!(format!("{:?}", Random::os()), "Random(os)");
    }
}

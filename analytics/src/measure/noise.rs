//! Exact discrete Gaussian noise: the only file that names `opendp`. Plain numbers in, plain numbers out.
//!
//! The sampler is the rejection sampler of Canonne, Kamath and Steinke (2020, algorithm 3) in rational arithmetic: its output
//! has exactly the distribution `P(x) ~ exp(-x^2 / (2 sigma^2))` over the integers, so there is no floating point to attack
//! (Mironov 2012) and the loss of a release is what the formula says.
//!
//! **Where the randomness comes from.** `opendp` without its `use-openssl` feature draws from the `thread_rng` of `rand` 0.7:
//! ChaCha20, seeded from the operating system, reseeded every 64 KiB. That is a cryptographic generator, but of an
//! unsupported version of that crate, and somebody who reads the process's memory could run it back inside one 64 KiB
//! block. It takes no seed from us, and nothing here offers one: noise cannot be made reproducible, in tests neither.
//!
//! **Timing.** The time of a draw depends on its size. Draw only while a period closes, never inside a request.
//!
//! Citations: C. Canonne, G. Kamath, T. Steinke, "The Discrete Gaussian for Differential Privacy", arXiv 2004.00010.

use dashu::integer::{IBig, UBig};
use dashu::rational::RBig;
use opendp::traits::samplers::sample_discrete_gaussian;
use thiserror::Error;

use privacy::sigma::Sigma;

/// The sampler refused. Carries no value, so that it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoiseError {
    /// The operating system gave no randomness, or the draw was beyond 128 bits (probability below 2^-128).
    #[error(
        "no noise could be drawn: check that the system has a source of randomness, then close the period again"
    )]
    Draw,
}

/// One draw from the discrete Gaussian with parameter `sigma` and mean 0. Takes a few microseconds, more for larger draws.
///
/// # Errors
/// [`NoiseError::Draw`] when the system gives no randomness.
pub fn discrete_gaussian(sigma: Sigma) -> Result<i128, NoiseError> {
    let (numerator, denominator) = sigma.parts();
    let scale = RBig::from_parts(IBig::from(numerator), UBig::from(denominator));
    let draw = sample_discrete_gaussian(scale).map_err(|_| NoiseError::Draw)?;
    i128::try_from(draw).map_err(|_| NoiseError::Draw)
}

/// OpenDP's conversion, which the written-out one must agree with.
#[cfg(test)]
mod oracle {
    use opendp::combinators::{make_fix_delta, make_zCDP_to_approxDP};
    use opendp::domains::{AtomDomain, VectorDomain};
    use opendp::error::Fallible;
    use opendp::measurements::make_gaussian;
    use opendp::measures::ZeroConcentratedDivergence;
    use opendp::metrics::L2Distance;

    /// The smallest epsilon with which `rho`-zCDP is (epsilon, `delta`)-differentially private.
    pub(super) fn epsilon(rho: f64, delta: f64) -> Fallible<f64> {
        let domain = VectorDomain::new(AtomDomain::<i64>::default());
        let gaussian = make_gaussian::<_, _, ZeroConcentratedDivergence>(
            domain,
            L2Distance::<f64>::default(),
            (0.5 / rho).sqrt(),
            None,
        )?;
        let (epsilon, _) = make_fix_delta(&make_zCDP_to_approxDP(gaussian)?, delta)?.map(&1.0)?;
        Ok(epsilon)
    }
}

#[cfg(test)]
mod tests;

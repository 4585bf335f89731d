//! Noise scales: positive dyadic rationals, rounded up.
//!
//! A scale is the *parameter* of the discrete Gaussian, whose standard deviation is at most the parameter and, from about 1
//! on, equal to it up to one part in 10^8. Releasing counts whose vector moves by at most `L2` (Euclidean norm) when one
//! person is added or removed costs `L2^2 / (2 sigma^2)` rho (Canonne, Kamath and Steinke 2020, theorem 4). Both directions
//! are computed in integers.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::rho::NanoRho;

/// `numerator / denominator`, the denominator a power of two: exact in every sampler and in every reader's float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sigma {
    numerator: u64,
    denominator: u64,
}

/// No usable scale: zero allowance, a denominator that is no power of two, or numbers beyond 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no noise scale fits this sensitivity and allowance: check the catalogue of tables")]
pub struct SigmaError;

const NANO: u128 = 1_000_000_000;

impl Sigma {
    /// The smallest scale on the grid `1/denominator` with `l2_squared / (2 sigma^2) <= allowance`.
    ///
    /// # Errors
    /// [`SigmaError`] as its text says.
    pub fn least(
        l2_squared: u128,
        allowance: NanoRho,
        denominator: u64,
    ) -> Result<Self, SigmaError> {
        let twice = 2 * u128::from(allowance.nano());
        let square = u128::from(denominator).pow(2);
        let wanted = l2_squared
            .checked_mul(square)
            .and_then(|x| x.checked_mul(NANO))
            .ok_or(SigmaError)?;
        if twice == 0 || wanted == 0 || !denominator.is_power_of_two() {
            return Err(SigmaError);
        }
        let numerator = ceiling_root(wanted.div_ceil(twice));
        Ok(Self {
            numerator: u64::try_from(numerator).map_err(|_| SigmaError)?,
            denominator,
        })
    }

    /// The loss of counts with this squared norm under this scale, rounded up to whole nano-rho.
    ///
    /// # Errors
    /// [`SigmaError`] when the numbers pass 128 bits.
    pub fn cost(self, l2_squared: u128) -> Result<NanoRho, SigmaError> {
        let square = u128::from(self.denominator).pow(2);
        let above = l2_squared
            .checked_mul(square)
            .and_then(|x| x.checked_mul(NANO))
            .ok_or(SigmaError)?;
        let below = u128::from(self.numerator)
            .pow(2)
            .checked_mul(2)
            .ok_or(SigmaError)?;
        Ok(NanoRho::new(
            u64::try_from(above.div_ceil(below)).map_err(|_| SigmaError)?,
        ))
    }

    /// Numerator and denominator.
    #[must_use]
    pub const fn parts(self) -> (u64, u64) {
        (self.numerator, self.denominator)
    }

    /// The scale as a real number; exact below 2^53.
    #[must_use]
    pub fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

impl fmt::Display for Sigma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl FromStr for Sigma {
    type Err = SigmaError;

    fn from_str(text: &str) -> Result<Self, SigmaError> {
        let (numerator, denominator) = text.split_once('/').ok_or(SigmaError)?;
        let part = |text: &str| {
            text.parse::<u64>()
                .ok()
                .filter(|part| *part > 0)
                .ok_or(SigmaError)
        };
        let read = Self {
            numerator: part(numerator)?,
            denominator: part(denominator)?,
        };
        if read.denominator.is_power_of_two() && read.to_string() == text {
            Ok(read)
        } else {
            Err(SigmaError)
        }
    }
}

/// The smallest `n` with `n^2 >= x`.
fn ceiling_root(x: u128) -> u128 {
    let floor = x.isqrt();
    if floor * floor == x { floor } else { floor + 1 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::sigma::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_scale_is_enough_and_the_next_smaller_is_not(l2 in 1u128..1_000_000, rho in 1u64..400_000_000, shift in 0u32..8) {
            let denominator = 1u64 << shift;
            let sigma = Sigma::least(l2, NanoRho::new(rho), denominator).unwrap();
            prop_assert!(sigma.cost(l2).unwrap() <= NanoRho::new(rho));
            let (numerator, _) = sigma.parts();
            let square = u128::from(denominator).pow(2);
            prop_assert!(2 * u128::from(rho) * u128::from(numerator).pow(2) >= l2 * square * NANO);
            prop_assert!(2 * u128::from(rho) * u128::from(numerator - 1).pow(2) < l2 * square * NANO);
            prop_assert_eq!(sigma.to_string().parse::<Sigma>().unwrap(), sigma);
        }
    }

    #[test]
    fn scales_that_cannot_be_are_refused() {
        assert!(Sigma::least(1, NanoRho::ZERO, 64).is_err());
        assert!(Sigma::least(0, NanoRho::new(1), 64).is_err());
        assert!(Sigma::least(1, NanoRho::new(1), 63).is_err());
        assert!(Sigma::least(u128::MAX, NanoRho::new(1), 1).is_err());
        for text in ["", "1", "0/64", "1/63", "1/0", "+1/64", "01/64", "-1/64"] {
            assert!(text.parse::<Sigma>().is_err(), "{text}");
        }
    }
}

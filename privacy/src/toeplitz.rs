//! Running totals by the square-root factorisation, in exact integers.
//!
//! A stream of counts `x_0, x_1, ..` is measured as `y_n = sum_i r_(n-i) x_i + noise` with `r_k = C(2k, k) / 4^k`. Because the
//! sequence `r` convolved with itself is `1, 1, 1, ..`, the running total is estimated without bias by `sum_i r_(n-i) y_i`.
//! One person, counted once in a life, moves the vector `y` by at most `sqrt(sum r_k^2)`, and the error of a running total
//! grows like the logarithm of the horizon where independent noise grows like its square root.
//!
//! Everything is scaled by `4^(T-1)`, which makes every `r_k` of a horizon of `T` periods an integer: there is no float
//! before the last line. Limits: `1 <= T <= 24`, counts below 2^63 / 4^(T-1) for an unsaturated stored value.
//!
//! Citation: H. Fichtenberger, M. Henzinger, J. Upadhyay, "Constant matters: Fine-grained Complexity of Differentially
//! Private Continual Observation", arXiv 2202.11205.

use thiserror::Error;

/// The coefficients of one horizon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toeplitz {
    /// `r_k * 4^(T-1)`, the first first.
    pub(crate) coefficients: Vec<i128>,
}

/// A stream longer than its horizon, a horizon out of range, or numbers beyond 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the running total does not fit its horizon: check the programme's start and the catalogue"
)]
pub struct ToeplitzError;

impl Toeplitz {
    /// The coefficients `r_k * 4^(periods-1)` for `k < periods`.
    ///
    /// # Errors
    /// [`ToeplitzError`] outside `1..=24` periods.
    pub fn new(periods: u32) -> Result<Self, ToeplitzError> {
        if !(1..=24).contains(&periods) {
            return Err(ToeplitzError);
        }
        let mut next = 1i128 << (2 * (periods - 1));
        let mut coefficients = vec![next];
        for k in 1..i128::from(periods) {
            next = next * (2 * k - 1) / (2 * k);
            coefficients.push(next);
        }
        Ok(Self { coefficients })
    }

    /// `4^(periods-1)`, by which measured values are scaled.
    #[must_use]
    pub fn scale(&self) -> i128 {
        1i128 << self.scale_bits()
    }

    /// The scale is two to this power.
    #[must_use]
    pub fn scale_bits(&self) -> u32 {
        2 * (self.coefficients.len() as u32 - 1)
    }

    /// The horizon in periods.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.coefficients.len()
    }

    /// The squared norm of what one person moves: `sum r_k^2 * 16^(T-1)` over the whole horizon.
    #[must_use]
    pub fn norm_squared(&self) -> u128 {
        self.norm_squared_of(self.coefficients.len())
    }

    /// The same over the first `periods` measurements since the person was counted (all of them beyond the horizon).
    #[must_use]
    pub fn norm_squared_of(&self, periods: usize) -> u128 {
        self.coefficients
            .iter()
            .take(periods)
            .map(|r| r.unsigned_abs().pow(2))
            .sum()
    }

    /// `sum_i r_(n-i) x_i`, scaled, for the last index `n` of the stream.
    ///
    /// # Errors
    /// [`ToeplitzError`] for an empty stream, one longer than the horizon, or a sum beyond 128 bits.
    pub fn combine(&self, stream: &[i64]) -> Result<i128, ToeplitzError> {
        if stream.is_empty() || stream.len() > self.coefficients.len() {
            return Err(ToeplitzError);
        }
        stream
            .iter()
            .rev()
            .zip(&self.coefficients)
            .try_fold(0i128, |sum, (x, r)| {
                r.checked_mul(i128::from(*x))
                    .and_then(|product| sum.checked_add(product))
                    .ok_or(ToeplitzError)
            })
    }

    /// The estimate of the running total from measured values, scaled by `scale()` squared: unbiased.
    ///
    /// # Errors
    /// As [`Self::combine`].
    pub fn running_total(&self, measured: &[i64]) -> Result<i128, ToeplitzError> {
        self.combine(measured)
    }

    /// The estimate of the last period's own count, scaled by `scale()` squared: the running total less the one before.
    ///
    /// # Errors
    /// As [`Self::combine`].
    pub fn increment(&self, measured: &[i64]) -> Result<i128, ToeplitzError> {
        let (_, before) = measured.split_last().ok_or(ToeplitzError)?;
        let earlier = if before.is_empty() {
            0
        } else {
            self.combine(before)?
        };
        self.combine(measured)?
            .checked_sub(earlier)
            .ok_or(ToeplitzError)
    }

    /// Variance of a running total over `length` periods, in units of the squared noise scale of an unscaled measurement.
    #[must_use]
    pub fn running_total_variance(&self, length: usize) -> f64 {
        self.running_total_variance_of(&vec![1.0; length])
    }

    /// Variance of a running total whose measurements have these variances, the oldest first.
    #[must_use]
    pub fn running_total_variance_of(&self, variances: &[f64]) -> f64 {
        let square = |(k, variance): (usize, &f64)| self.ratio(k) * self.ratio(k) * variance;
        variances.iter().rev().enumerate().map(square).sum()
    }

    /// Variance of the last increment, likewise.
    #[must_use]
    pub fn increment_variance_of(&self, variances: &[f64]) -> f64 {
        let step = |k: usize| {
            if k == 0 {
                self.ratio(0)
            } else {
                self.ratio(k) - self.ratio(k - 1)
            }
        };
        let square = |(k, variance): (usize, &f64)| step(k) * step(k) * variance;
        variances.iter().rev().enumerate().map(square).sum()
    }

    /// Covariance of two running totals of one stream, over its first `a` and first `b` periods, in units of the squared noise
    /// scale of an unscaled measurement.
    #[must_use]
    pub fn running_total_covariance(&self, a: usize, b: usize) -> f64 {
        let (short, long) = (a.min(b), a.max(b));
        (0..short)
            .map(|k| self.ratio(k) * self.ratio(k + long - short))
            .sum()
    }

    /// `r_k`, as a float.
    fn ratio(&self, k: usize) -> f64 {
        self.at(k) as f64 / self.scale() as f64
    }

    fn at(&self, k: usize) -> i128 {
        self.coefficients.get(k).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::toeplitz::*;
    use proptest::prelude::*;

    fn choose(n: u32, k: u32) -> i128 {
        (0..i128::from(k)).fold(1, |c, i| c * (i128::from(n) - i) / (i + 1))
    }

    #[test]
    fn coefficients_are_central_binomials_over_powers_of_four() {
        for periods in 1..=24u32 {
            let t = Toeplitz::new(periods).unwrap();
            for (k, r) in (0u32..).zip(&t.coefficients) {
                assert_eq!(
                    *r,
                    choose(2 * k, k) << (2 * (periods - 1 - k)),
                    "T {periods}, k {k}"
                );
            }
        }
        assert!(Toeplitz::new(0).is_err() && Toeplitz::new(25).is_err());
    }

    #[test]
    fn coefficients_convolved_with_themselves_are_all_ones() {
        let t = Toeplitz::new(20).unwrap();
        for n in 0..20 {
            let sum: i128 = (0..=n)
                .map(|i| t.coefficients[i] * t.coefficients[n - i])
                .sum();
            assert_eq!(sum, t.scale() * t.scale(), "n {n}");
        }
    }

    /// Section 3.7 of the design study: in units of sigma_1 = 1/sqrt(2 rho); the measurement's own scale is sqrt(norm) sigma_1.
    #[test]
    fn errors_agree_with_the_published_table() {
        for (periods, rms, last, step) in [(12u32, 1.71, 1.85, 1.53), (20, 1.87, 2.02, 1.60)] {
            let t = Toeplitz::new(periods).unwrap();
            let scale = t.scale() as f64;
            let norm = t.norm_squared() as f64 / (scale * scale);
            let mean = (1..=periods as usize)
                .map(|n| t.running_total_variance(n))
                .sum::<f64>()
                / f64::from(periods);
            assert!(
                ((norm * mean).sqrt() - rms).abs() < 0.006,
                "T {periods}: rms {}",
                (norm * mean).sqrt()
            );
            let end = (norm * t.running_total_variance(periods as usize)).sqrt();
            assert!((end - last).abs() < 0.006, "T {periods}: last {end}");
            let own = (norm * t.increment_variance_of(&vec![1.0; periods as usize])).sqrt();
            assert!((own - step).abs() < 0.03, "T {periods}: increment {own}");
        }
        let t = Toeplitz::new(20).unwrap();
        let scale = t.scale() as f64;
        assert!((t.norm_squared() as f64 / (scale * scale) - 2.016).abs() < 0.001);
    }

    proptest! {
        #[test]
        fn without_noise_the_estimates_are_exact(counts in proptest::collection::vec(0i64..1_000_000, 1..=20)) {
            let t = Toeplitz::new(20).unwrap();
            let measured: Vec<i64> = (1..=counts.len()).map(|n| i64::try_from(t.combine(&counts[..n]).unwrap()).unwrap()).collect();
            let square = t.scale() * t.scale();
            prop_assert_eq!(t.running_total(&measured).unwrap(), i128::from(counts.iter().sum::<i64>()) * square);
            prop_assert_eq!(t.increment(&measured).unwrap(), i128::from(*counts.last().unwrap()) * square);
        }
    }

    #[test]
    fn streams_that_do_not_fit_are_refused() {
        let t = Toeplitz::new(4).unwrap();
        assert!(
            t.combine(&[]).is_err() && t.combine(&[0; 5]).is_err() && t.increment(&[]).is_err()
        );
        assert!(t.combine(&[i64::MAX; 4]).is_ok());
    }
}

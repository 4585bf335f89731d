//! The distribution function of the discrete Gaussian `P(k) ~ exp(-k^2 / (2 sigma^2))`, `k` whole (arXiv 2004.00010).
//!
//! Small scales are summed; from 2,000 on the normal distribution function at `k + 1/2` differs by less than 1e-8.

use crate::special::phi;

const SUMMED_BELOW: f64 = 2_000.0;
/// Standard deviations that are summed to either side.
const WIDTH: f64 = 12.0;

/// A scale and, when it is small, the running sums from `-reach` on.
#[derive(Debug, Clone)]
pub(crate) struct Gaussian {
    sigma: f64,
    reach: i64,
    sums: Vec<f64>,
}

impl Gaussian {
    /// For a scale.
    #[must_use]
    pub(crate) fn new(sigma: f64) -> Self {
        let (mut sums, mut reach) = (Vec::new(), 0);
        if sigma < SUMMED_BELOW {
            reach = (sigma * WIDTH).ceil() as i64;
            let mut sum = 0.0;
            for k in -reach..=reach {
                let x = k as f64 / sigma;
                sum += (-x * x / 2.0).exp();
                sums.push(sum);
            }
            sums.iter_mut().for_each(|one| *one /= sum);
        }
        Self { sigma, reach, sums }
    }

    /// The probability of `k` or less.
    #[must_use]
    pub(crate) fn up_to(&self, k: i64) -> f64 {
        if self.sums.is_empty() {
            return phi((k as f64 + 0.5) / self.sigma);
        }
        if k < -self.reach {
            return 0.0;
        }
        let at = usize::try_from(k.saturating_add(self.reach)).unwrap_or(usize::MAX);
        self.sums.get(at).copied().unwrap_or(1.0)
    }

    /// The probability that two independent values are equal, about `1 / (2 sigma sqrt(pi))`.
    #[must_use]
    pub(crate) fn collision(&self) -> f64 {
        1.0 / (2.0 * self.sigma * std::f64::consts::PI.sqrt())
    }

    /// The largest distance between the empirical distribution function of `values` (sorted here) and this one.
    #[must_use]
    pub(crate) fn distance(&self, mut values: Vec<i64>) -> f64 {
        values.sort_unstable();
        let n = values.len() as f64;
        let mut largest: f64 = 0.0;
        let mut seen = 0;
        for equal in values.chunk_by(|left, right| left == right) {
            let value = equal.first().copied().unwrap_or(0);
            let before = seen as f64 / n - self.up_to(value.saturating_sub(1));
            seen += equal.len();
            let after = seen as f64 / n - self.up_to(value);
            largest = largest.max(before.abs()).max(after.abs());
        }
        largest
    }
}

//! Stop-watch, rates and quantiles; the one file of this binary that reads the monotonic clock.

use std::time::{Duration, Instant};

/// A running stop-watch.
#[derive(Debug, Clone, Copy)]
pub struct Watch(Instant);

impl Watch {
    /// Starts now.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "a measurement reads the monotonic clock"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Things a second.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are small")]
pub fn rate(count: usize, spent: Duration) -> f64 {
    count as f64 / spent.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// The value below which the share `part` (0 to 1) of `all` lies; 0 of none.
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a short list"
)]
pub fn quantile(mut all: Vec<f64>, part: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    let at = (all.len() as f64 * part).ceil() as usize;
    all.get(at.clamp(1, all.len().max(1)) - 1)
        .copied()
        .unwrap_or(0.0)
}

/// Milliseconds.
#[must_use]
pub fn milliseconds(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn quantiles_are_values_of_the_list() {
        let all: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(all.clone(), 0.95), 95.0);
        assert_eq!(quantile(all.clone(), 0.5), 50.0);
        assert_eq!(quantile(all, 1.0), 100.0);
        assert_eq!(quantile(vec![7.0], 0.95), 7.0);
        assert_eq!(quantile(Vec::new(), 0.5), 0.0);
    }
}

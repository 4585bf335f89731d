//! Stop-watch, processor time, cores, rates and quantiles; the one file of this crate that reads the monotonic clock.
//!
//! Processor time is what the system books for this process, all its threads, ended ones too, user and system together, in
//! hundredths of a second. It is known on Linux alone. What another process does (a PostgreSQL server) is not in it.

use std::time::{Duration, Instant};

/// Length of the system's tick in `/proc/self/stat`: USER_HZ is 100 on every architecture that Payung is built for.
const TICK: Duration = Duration::from_millis(10);
/// Places of user and system ticks among the fields after the process's name.
const TICKS: std::ops::RangeInclusive<usize> = 11..=12;

/// A running stop-watch.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    begun: Instant,
    processor: Option<Duration>,
}

/// What something took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Time on the wall.
    pub elapsed: Duration,
    /// Time on processors, where the system tells.
    pub processor: Option<Duration>,
}

impl Watch {
    /// Starts now.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "a measurement reads the monotonic clock"
    )]
    pub fn start() -> Self {
        let processor = processor();
        Self {
            begun: Instant::now(),
            processor,
        }
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.begun.elapsed()
    }

    /// Time since the start, and what processors did in it.
    #[must_use]
    pub fn spent(self) -> Spent {
        let elapsed = self.elapsed();
        let processor = self.processor.zip(processor());
        Spent {
            elapsed,
            processor: processor.map(|(before, after)| after.saturating_sub(before)),
        }
    }
}

/// Processor time of this process so far.
fn processor() -> Option<Duration> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// The name in the second field may hold anything, so the fields are counted behind its closing bracket.
fn ticks(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let count = |text: &&str| text.parse::<u32>().ok();
    let parts = fields.get(TICKS)?.iter().map(count);
    Some(TICK * parts.sum::<Option<u32>>()?)
}

/// Cores this process may use.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
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
    fn processor_time_is_read_behind_whatever_a_process_is_called() {
        let stat = "77 (a b) c) R 1 77 1 0 -1 4194304 100 0 0 0 250 17 9 9 20 0 4 0 100 0 0";
        assert_eq!(ticks(stat), Some(Duration::from_millis(2_670)));
        assert_eq!(ticks("nothing"), None);
        assert_eq!(ticks("1 (x) R 1"), None);
    }

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

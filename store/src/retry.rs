//! Repeats a transaction while the database asks for it.
//!
//! Both databases may refuse an honest transaction (SQLite when busy, PostgreSQL when it cannot keep reads true); the
//! answer is to run it again after a short random pause, so that two writers do not meet again.

use std::future::Future;
use std::time::Duration;

use rand::Rng as _;

/// Repetitions after the first run; the pauses add up to about eight seconds.
const ATTEMPTS: u32 = 20;
/// Longest pause, in milliseconds.
const LONGEST: u64 = 512;

/// An error that may ask for a repetition.
pub trait Retryable {
    /// True when the same transaction, run again, may succeed.
    fn wants_retry(&self) -> bool;
}

/// Runs `op` until it no longer asks for a repetition. `op` opens its own transaction and may run more than once, so
/// nothing outside the transaction may happen inside it. `rng` draws the pauses.
///
/// # Errors
/// The error of `op`; one that asks for a retry only after some eight seconds of trying.
pub async fn retrying<T, E, F>(
    rng: &mut impl rand::RngCore,
    mut op: impl FnMut() -> F,
) -> Result<T, E>
where
    E: Retryable,
    F: Future<Output = Result<T, E>>,
{
    for attempt in 0..ATTEMPTS {
        match op().await {
            Err(error) if error.wants_retry() => {
                let ceiling = LONGEST.min(2 << attempt.min(16));
                let pause = rng.gen_range(0..=ceiling);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            done => return done,
        }
    }
    op().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::DbError;
    use rand::SeedableRng as _;
    use std::cell::Cell;

    #[tokio::test]
    async fn repeats_only_what_asks_for_it() {
        let mut rng = rand_chacha::ChaCha20Rng::from_seed([1; 32]);
        let runs = Cell::new(0);
        let done: Result<u32, DbError> = retrying(&mut rng, || async {
            runs.set(runs.get() + 1);
            if runs.get() < 4 {
                Err(DbError::Retry {
                    code: "5".to_owned(),
                })
            } else {
                Ok(runs.get())
            }
        })
        .await;
        assert_eq!(done, Ok(4));

        runs.set(0);
        let failed: Result<u32, DbError> = retrying(&mut rng, || async {
            runs.set(runs.get() + 1);
            Err(DbError::NotFound)
        })
        .await;
        assert_eq!((failed, runs.get()), (Err(DbError::NotFound), 1));
    }
}

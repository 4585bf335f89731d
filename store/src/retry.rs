//! A transaction with a name that is repeated while the database asks for it.
//!
//! Both databases may refuse an honest transaction (SQLite when busy, PostgreSQL when it cannot keep reads true); the
//! answer is to run it again after a short random pause, so that two writers do not meet again.

use std::time::Duration;

use rand::Rng as _;

use crate::clock::Stopwatch;
use crate::{DbError, Retryable, Store, Tx};

/// Repetitions after the first run; the pauses add up to about eight seconds.
const ATTEMPTS: u32 = 20;
/// Longest pause, in milliseconds.
const LONGEST: u64 = 512;

/// Runs a body in a write transaction whose reads stay true until commit: commits it when the body is `Ok`, rolls it back
/// when it is `Err`, and repeats both until the database no longer asks for a repetition. The value is the body's, or the
/// error of beginning or committing; one that asks for a retry only after some eight seconds of trying.
///
/// The body is that of an `async` block with `tx: &mut Tx`: `?` and `return` leave it, not the function around. It may run
/// more than once, so nothing outside the transaction may happen in it. `name` says what the transaction is for, in words
/// a person at a terminal understands; `rng` draws the pauses. The error type is [`Retryable`] and `From<DbError>`.
///
/// A macro and not a function of an asynchronous closure: what such a closure borrows keeps the caller from being `Send`.
///
/// ```ignore
/// retrying!(app.store, "revoke card", &mut app.rng(), |tx| {
///     execute!(tx, REVOKE, card)?;
///     Ok(())
/// })?;
/// ```
#[macro_export]
macro_rules! retrying {
    ($store:expr, $name:literal, $rng:expr, |$tx:ident| $body:expr $(,)?) => {{
        let rng = $rng;
        let mut run = $crate::Run::new(&$store, $name);
        loop {
            let done = match run.begin().await {
                Ok(mut begun) => {
                    let done = async {
                        let $tx = &mut begun;
                        $body
                    }
                    .await;
                    run.end(begun, done).await
                }
                Err(error) => Err(error.into()),
            };
            if let Some(done) = run.is_over(done, rng).await {
                break done;
            }
        }
    }};
}

/// One named transaction with its repetitions: the steps of [`retrying!`].
pub struct Run<'a> {
    store: &'a Store,
    name: &'static str,
    watch: Stopwatch,
    retries: u32,
}

impl<'a> Run<'a> {
    /// Nothing has begun.
    #[must_use]
    pub fn new(store: &'a Store, name: &'static str) -> Self {
        Self {
            store,
            name,
            watch: Stopwatch::start(),
            retries: 0,
        }
    }

    /// Opens the transaction of one try.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn begin(&self) -> Result<Tx, DbError> {
        Ok(Tx::ended_for_sure(self.store.begin().await?))
    }

    /// Ends the transaction of one try as its body wishes.
    ///
    /// # Errors
    /// That of the body or, when it had none, that of the commit.
    pub async fn end<T, E: From<DbError>>(&self, tx: Tx, done: Result<T, E>) -> Result<T, E> {
        match done {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // The body's error is the one to tell; a connection that cannot roll back does not come back to its pool.
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }

    /// What the run ends with; `None`, after a pause, when there is another try.
    pub async fn is_over<T, E: Retryable>(
        &mut self,
        done: Result<T, E>,
        rng: &mut impl rand::RngCore,
    ) -> Option<Result<T, E>> {
        match &done {
            Err(error) if error.wants_retry() && self.retries < ATTEMPTS => {}
            _ => return Some(done),
        }
        let ceiling = LONGEST.min(2 << self.retries.min(16));
        self.retries += 1;
        tokio::time::sleep(Duration::from_millis(rng.gen_range(0..=ceiling))).await;
        None
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let retries = u64::from(self.retries);
        self.store
            .names
            .add(self.name, retries, self.watch.elapsed());
    }
}

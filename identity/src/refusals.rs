//! How often requests were refused, by day and reason; never what they held.
//!
//! Counts gather in memory and reach the database a few dozen at a time, so that refusing costs no disk write.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crypto::day::Day;
use store::{DbError, retrying};

use crate::App;
use crate::sql::{execute, fetch_all};

/// Refusals that may wait in memory; at most this many are lost when the power goes.
const MOST_WAITING: u64 = 32;

const ADD: &str = "INSERT INTO refusal (day, reason, count) VALUES ($1, $2, $3)
    ON CONFLICT (day, reason) DO UPDATE SET count = refusal.count + $3";
const LIST: &str = "SELECT reason, count FROM refusal WHERE day = $1 ORDER BY reason";

type Waiting = HashMap<(Day, &'static str), u64>;

/// Refusals counted since the last [`App::flush_refusals`].
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Waiting>);

impl Refusals {
    /// Counts one; true when it is time to write them down.
    pub(crate) fn note(&self, day: Day, reason: &'static str) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting.entry((day, reason)).or_insert(0) += 1;
        waiting.values().sum::<u64>() >= MOST_WAITING
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Writes the refusals counted in memory to the database. Call it on a slow schedule and at shutdown.
    ///
    /// # Errors
    /// Any database error; the counts of this call are then lost, not doubled.
    pub async fn flush_refusals(&self) -> Result<(), DbError> {
        let waiting = self.refusals.take();
        if waiting.is_empty() {
            return Ok(());
        }
        retrying(&mut self.rng(), || async {
            let mut tx = self.store.write().await?;
            for ((day, reason), count) in &waiting {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                execute!(&mut tx, ADD, i64::from(day.number()), *reason, count)?;
            }
            tx.commit().await
        })
        .await
    }

    /// Refusals of one day by reason, those in memory included.
    ///
    /// # Errors
    /// Any database error.
    pub async fn refusals(&self, day: Day) -> Result<Vec<(String, i64)>, DbError> {
        self.flush_refusals().await?;
        let mut tx = self.store.read().await?;
        fetch_all!(&mut tx, (String, i64), LIST, i64::from(day.number()))
    }
}

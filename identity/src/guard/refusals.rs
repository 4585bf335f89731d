//! How often requests were refused, by day and reason; never what they held.
//!
//! Counts gather in memory and reach the database a few dozen at a time, so that refusing costs no disk write.

use store::{DbError, execute, retrying};

use crate::App;

const ADD: &str = "INSERT INTO refusal (day, reason, count) VALUES ($1, $2, $3)
    ON CONFLICT (day, reason) DO UPDATE SET count = refusal.count + $3";

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
        retrying!(self.store, "count refusals", &mut self.rng(), |tx| {
            for ((day, reason), count) in &waiting {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                execute!(tx, ADD, i64::from(day.number()), *reason, count)?;
            }
            Ok(())
        })
    }
}

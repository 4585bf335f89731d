//! What is written once a day about log-ins, all of it together.

use store::{DbError, retrying};

use super::sign_in;
use crate::App;

impl App {
    /// Writes down who signed in where. Call it at shutdown; by the minute call
    /// [`App::note_the_day`].
    ///
    /// # Errors
    /// Any database error; the notes stay and are written with the next call.
    pub async fn flush_sign_ins(&self) -> Result<(), DbError> {
        let waiting = self.seen.waiting();
        if waiting.is_empty() {
            return Ok(());
        }
        retrying!(self.store, "note sign-ins", &mut self.rng(), |tx| {
            for (pair, note) in &waiting {
                sign_in::write(tx, pair, note).await?;
            }
            Ok::<_, DbError>(())
        })?;
        self.seen.written(&waiting);
        Ok(())
    }

    /// The same, when the day of a note is over. Call it by the minute.
    ///
    /// # Errors
    /// As [`App::flush_sign_ins`].
    pub async fn note_the_day(&self) -> Result<(), DbError> {
        let today = self.clock.today();
        let over = self.seen.waiting().iter().any(|(_, note)| note.day < today);
        if over {
            return self.flush_sign_ins().await;
        }
        Ok(())
    }
}

//! Whether an older copy of the database was put back: then every PIN is void, because its tries are as the copy knew them.
//!
//! A number in the database and the same one beside it, in a place that is in nobody's backup, are drawn anew together: when the
//! role is opened, by the hour, and at the end. An older copy has another one. The place holds the old and the new number while the
//! database is under way from one to the other, so that a break in between voids nothing.
//!
//! Limits: database and place put back together, of one moment, are not noticed, nor is a copy of the same hour.

use crypto::rng;
use store::{DbError, Tx, execute, fetch_one, retrying};

use super::pins;
use crate::App;
use crate::memory::beside::Beside;

const READ: &str = "SELECT value FROM setting WHERE name = 'pin_stamp'";
const WRITE: &str = "UPDATE setting SET value = $1 WHERE name = 'pin_stamp'";

impl App {
    /// Compares both numbers, voids every PIN where they differ, and draws them anew. Answers whether PINs were voided. Does
    /// nothing where there is no such place.
    ///
    /// # Errors
    /// Database errors, and [`DbError::Unavailable`] when the place cannot be written: nothing was changed, the next call tries again.
    pub async fn look_for_a_restore(&self) -> Result<bool, DbError> {
        let Some(beside) = &self.beside else {
            return Ok(false);
        };
        let drawn: [u8; 8] = rng::bytes(&mut self.rng());
        let next = i64::from_be_bytes(drawn);
        let (voided, any) = retrying!(self.store, "look for a restore", &mut self.rng(), |tx| {
            step(tx, &**beside, next).await
        })?;
        beside.write(&[next]);
        if voided && any {
            tracing::warn!(
                "the identity database is an older copy: every PIN is void, people log in by password"
            );
            self.store.tidy().await?;
        }
        Ok(voided && any)
    }
}

/// Whether the numbers differ, and whether there was any PIN.
async fn step(tx: &mut Tx, beside: &dyn Beside, next: i64) -> Result<(bool, bool), DbError> {
    let (now,) = fetch_one!(tx, (i64,), READ)?;
    let known = beside.read().contains(&now);
    let any = match known {
        true => false,
        false => pins::all(tx).await?,
    };
    // Of an older copy only the next one is known: a break in between voids once more.
    let both = [now, next];
    let written = match known {
        true => beside.write(&both),
        false => beside.write(&[next]),
    };
    written.then_some(()).ok_or(DbError::Unavailable)?;
    execute!(tx, WRITE, next)?;
    Ok((!known, any))
}

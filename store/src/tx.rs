//! An open transaction, and the rule that somebody ends it.
//!
//! Dropping a transaction rolls it back, which hides a forgotten commit: everything seems to work and nothing is kept. So
//! one that was opened by hand to write must be committed or rolled back, or a debug assertion fails. What
//! [`retrying!`](crate::retrying) opens is ended there, on success and on error; only a panic or a cancelled task (a client that went
//! away) drops it, and then the rollback is what is wanted.

use sqlx::{Postgres, Sqlite, Transaction};

use crate::DbError;

/// An open transaction.
pub struct Tx {
    held: Held,
    end: End,
}

/// The transaction of the driver.
pub enum Held {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Fails a debug assertion when it is dropped while it is still wanted.
struct End {
    wanted: bool,
}

impl Drop for End {
    fn drop(&mut self) {
        debug_assert!(
            !self.wanted || std::thread::panicking(),
            "a write transaction was dropped without commit or rollback"
        );
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.held {
            Held::Sqlite(_) => "Tx(SQLite)",
            Held::Postgres(_) => "Tx(PostgreSQL)",
        })
    }
}

impl Tx {
    /// One that only reads: nothing is lost when it is dropped.
    pub(crate) fn reading(held: Held) -> Self {
        Self::ended_for_sure(held)
    }

    /// One whose end is in the hands of this crate.
    pub(crate) fn ended_for_sure(held: Held) -> Self {
        let end = End { wanted: false };
        Self { held, end }
    }

    /// One that its opener must end.
    pub(crate) fn by_hand(held: Held) -> Self {
        let end = End { wanted: true };
        Self { held, end }
    }

    /// The driver's transaction: what [`on!`](crate::on) runs on, and for what one database alone can do.
    pub fn held(&mut self) -> &mut Held {
        &mut self.held
    }

    /// Makes the transaction's writes durable.
    ///
    /// # Errors
    /// [`DbError::Retry`] when the database could not keep the transaction's reads true.
    pub async fn commit(mut self) -> Result<(), DbError> {
        self.end.wanted = false;
        match self.held {
            Held::Sqlite(t) => Ok(t.commit().await?),
            Held::Postgres(t) => Ok(t.commit().await?),
        }
    }

    /// Undoes the transaction's writes.
    ///
    /// # Errors
    /// Any database error; the writes are undone in that case too.
    pub async fn rollback(mut self) -> Result<(), DbError> {
        self.end.wanted = false;
        match self.held {
            Held::Sqlite(t) => Ok(t.rollback().await?),
            Held::Postgres(t) => Ok(t.rollback().await?),
        }
    }
}

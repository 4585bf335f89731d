//! SQLite and PostgreSQL behind one enum; migrations; retrying transactions.
//!
//! **Model.** A [`Store`] is one room's database. Every query runs inside a [`Tx`], so there is one executor type and one
//! macro, [`on!`], and one SQL text with `$1` placeholders serves both databases. A caller reads through
//! [`Store::read`] and writes through [`Store::write`] inside [`retrying`].
//!
//! **Limits.** One process writes to an SQLite file at a time as far as speed goes; several are safe. Network disks are
//! not (SQLite's file locks do not hold there). Nothing here stores a time: callers store days.
//!
//! **Privacy.** SQLite overwrites deleted content (`secure_delete`) and [`Store::tidy`] empties the write-ahead log, where
//! the order of writes would otherwise stay readable. PostgreSQL keeps dead rows until its vacuum runs.
#![forbid(unsafe_code)]

mod error;
mod open;
mod retry;

pub mod clock;
#[cfg(feature = "test-util")]
pub mod fixture;

pub use error::DbError;
pub use open::{Location, Room};
pub use retry::{Retryable, retrying};

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

/// The open database of one room. Cheap to clone: clones share the pools.
#[derive(Clone)]
pub enum Store {
    /// A file: many readers, one writer, so that writers queue in order instead of polling for the file's lock.
    Sqlite {
        /// Connections that only read.
        read: SqlitePool,
        /// The one connection that writes.
        write: SqlitePool,
    },
    /// A server: one pool for both.
    Postgres(PgPool),
}

/// An open transaction; dropped without [`Tx::commit`] it is rolled back.
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one expression on whichever database a [`Tx`] belongs to.
///
/// ```ignore
/// on!(tx, |t| sqlx::query(SQL).bind(day).execute(&mut **t).await)?;
/// ```
#[macro_export]
macro_rules! on {
    ($tx:expr, |$t:ident| $body:expr) => {
        match $tx {
            $crate::Tx::Sqlite($t) => $body,
            $crate::Tx::Postgres($t) => $body,
        }
    };
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite { .. } => "Store(SQLite)",
            Self::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Tx(SQLite)",
            Self::Postgres(_) => "Tx(PostgreSQL)",
        })
    }
}

impl Store {
    /// Opens a transaction that sees one moment of the database and may not write.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection is free in time.
    pub async fn read(&self) -> Result<Tx, DbError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Opens a write transaction whose reads stay true until commit; use it inside [`retrying`].
    ///
    /// # Errors
    /// [`DbError::Retry`] when another writer is in the way, [`DbError::Unavailable`] when no connection is free in time.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE")
                    .await?,
            ),
        })
    }

    /// Moves SQLite's write-ahead log into the file and empties it, so that the order of recent writes is not left on the
    /// disk. Does nothing on PostgreSQL. Call it on a slow schedule and at shutdown.
    ///
    /// # Errors
    /// Any database error.
    pub async fn tidy(&self) -> Result<(), DbError> {
        if let Self::Sqlite { write, .. } = self {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(write)
                .await?;
        }
        Ok(())
    }

    /// Closes every connection; waits for running transactions.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes the transaction's writes durable.
    ///
    /// # Errors
    /// [`DbError::Retry`] when the database could not keep the transaction's reads true.
    pub async fn commit(self) -> Result<(), DbError> {
        Ok(on!(self, |t| t.commit().await)?)
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;

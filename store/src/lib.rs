//! SQLite and PostgreSQL behind one type; migrations; named transactions that repeat.
//!
//! **Model.** A [`Store`] is one room's database. Every query runs inside a [`Tx`] and is one SQL text with `$1`
//! placeholders that serves both databases. One dialect for all rooms: [`execute!`], [`fetch_all!`], [`fetch_one!`] and
//! [`fetch_optional!`] for a constant text, [`on!`] for a text that is built. A caller reads through [`Store::read`] and
//! writes through [`retrying!`], which names the transaction, commits it or rolls it back, repeats it when the database
//! asks, and counts all that in memory ([`Store::transactions`]).
//!
//! **Limits.** One process writes to an SQLite file at a time as far as speed goes; several are safe. Network disks are
//! not (SQLite's file locks do not hold there). Nothing here stores a time: callers store days.
//!
//! **Privacy.** SQLite overwrites deleted content (`secure_delete`) and [`Store::tidy`] empties the write-ahead log, where
//! the order of writes would otherwise stay readable. PostgreSQL keeps dead rows until its vacuum runs.
#![forbid(unsafe_code)]

mod address;
mod dialect;
mod error;
mod migrations;
mod names;
mod open;
mod retry;
mod room;
mod tx;

pub mod clock;
pub mod days;
#[cfg(feature = "test-util")]
pub mod fixture;

pub use dialect::{parsed, parsed_option};
pub use error::{DbError, Retryable};
pub use names::Transactions;
pub use open::Location;
pub use retry::Run;
pub use room::Room;
pub use tx::{Held, Tx};

use std::sync::Arc;
use std::time::Duration;

use sqlx::{PgPool, SqlitePool};

use names::Names;

/// Tries to empty a log that somebody reads from.
pub const TIDY_TRIES: u32 = 40;
/// What writers and readers have for themselves between two tries.
const TIDY_PAUSE: Duration = Duration::from_millis(100);

/// The open database of one room. Cheap to clone: clones share the connections and the counts of transactions.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    names: Arc<Names>,
}

/// The connections of a [`Store`].
#[derive(Clone)]
pub enum Pools {
    /// A file: many readers, one writer, so that writers queue in order instead of polling for the file's lock.
    Sqlite {
        /// Connections that only read.
        read: SqlitePool,
        /// The one connection that writes.
        write: SqlitePool,
        /// The one connection that empties the write-ahead log; it waits for nobody long, because writers wait for it.
        tidy: SqlitePool,
    },
    /// A server: one pool for both.
    Postgres(PgPool),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.pools {
            Pools::Sqlite { .. } => "Store(SQLite)",
            Pools::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

impl Store {
    fn new(pools: Pools) -> Self {
        Self {
            pools,
            names: Arc::default(),
        }
    }

    /// The connections, for what one database alone can do.
    #[must_use]
    pub fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Opens a transaction that sees one moment of the database and may not write; it ends when it is dropped.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection is free in time.
    pub async fn read(&self) -> Result<Tx, DbError> {
        Ok(Tx::reading(match &self.pools {
            Pools::Sqlite { read, .. } => Held::Sqlite(read.begin().await?),
            Pools::Postgres(pool) => Held::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        }))
    }

    /// Opens a write transaction whose reads stay true until commit, without a name and without repetition: for tests and
    /// benchmarks. A service writes through [`retrying!`]. Whoever opens one ends it: dropping it without
    /// [`Tx::commit`] or [`Tx::rollback`] fails a debug assertion.
    ///
    /// # Errors
    /// [`DbError::Retry`] when another writer is in the way, [`DbError::Unavailable`] when no connection is free in time.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(Tx::by_hand(self.begin().await?))
    }

    async fn begin(&self) -> Result<Held, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => Held::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Held::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE")
                    .await?,
            ),
        })
    }

    /// What every named transaction took since the store was opened, in the order of the names. Only memory knows it.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transactions> {
        self.names.all()
    }

    /// Moves SQLite's write-ahead log into the file and empties it, so that neither the order of recent writes nor deleted
    /// content is left on the disk: when this returns `Ok`, it is done. Does nothing on PostgreSQL. Call it on a slow
    /// schedule, at shutdown, and before a deletion is called done.
    ///
    /// # Errors
    /// [`DbError::Retry`] when somebody went on reading an old state for [`TIDY_TRIES`] tries, some ten seconds: the log
    /// still stands and the call is to be repeated. Any database error.
    pub async fn tidy(&self) -> Result<(), DbError> {
        let Pools::Sqlite { tidy, .. } = &self.pools else {
            return Ok(());
        };
        for _ in 0..TIDY_TRIES {
            if emptied(tidy).await? {
                return Ok(());
            }
            tokio::time::sleep(TIDY_PAUSE).await;
        }
        Err(DbError::Retry {
            code: "log in use".to_owned(),
        })
    }

    /// Tries once what [`Store::tidy`] goes on trying; false when somebody still reads an old state. Call it where the next
    /// try comes by itself.
    ///
    /// # Errors
    /// Any database error.
    pub async fn try_tidy(&self) -> Result<bool, DbError> {
        match &self.pools {
            Pools::Sqlite { tidy, .. } => emptied(tidy).await,
            Pools::Postgres(_) => Ok(true),
        }
    }

    /// Lays every row anew in the order of its key, and empties the log: within a page SQLite puts what comes later before what
    /// came earlier, so the bytes of a page tell the order of arrival though its rows do not. Does nothing on PostgreSQL.
    /// Costs as much as writing the whole file: call it by the hour and before the end.
    ///
    /// # Errors
    /// As [`Store::tidy`].
    pub async fn forget_order(&self) -> Result<(), DbError> {
        if let Pools::Sqlite { write, .. } = &self.pools {
            sqlx::query("VACUUM").execute(write).await?;
        }
        self.tidy().await
    }

    /// Closes every connection; waits for running transactions.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write, tidy } => {
                read.close().await;
                write.close().await;
                tidy.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Tries once to empty the log. "Busy" is no error of SQLite's but a number in its answer.
async fn emptied(tidy: &SqlitePool) -> Result<bool, DbError> {
    let answer: Result<(i64, i64, i64), sqlx::Error> =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(tidy)
            .await;
    match answer.map_err(DbError::from) {
        Ok((busy, _, _)) => Ok(busy == 0),
        Err(DbError::Retry { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;

//! Opening a room's database: pools, pragmas, the migration lock, refusal of an unknown schema.
//!
//! SQLite has no lock of its own around migrations (eight processes on a new file fail one time in six), so a lock file
//! beside the database is held while they run; PostgreSQL takes an advisory lock.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tokio::time::timeout;

use crate::room::Room;
use crate::{DbError, Pools, Store, address, migrations};

/// How long a writer of another process may keep this one waiting.
const BUSY: Duration = Duration::from_secs(10);
/// How long emptying the write-ahead log waits for readers in one try, while writers wait behind it.
const TIDY_BUSY: Duration = Duration::from_millis(150);
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(20);
/// Readers of one SQLite file.
const SQLITE_READERS: u32 = 8;
/// Connections to one PostgreSQL server.
const POSTGRES_POOL: u32 = 16;
/// What the one writer keeps of a file in memory, in KiB (SQLite reads a negative number so): 64 MB, taken as it fills. It
/// walks the large trees row by row; readers keep SQLite's 2 MB, because there are eight of them.
const WRITER_CACHE: &str = "-65536";
/// Pages in the write-ahead log (40 MB) before a commit moves them into the file by itself. A page that many commits touch
/// moves once. The log shows the order of writes until it is emptied; that is [`Store::tidy`]'s work, by the minute.
const LOG_PAGES: &str = "10000";
/// Advisory lock around schema creation and migrations ("payung" in ASCII).
const ADVISORY: i64 = 0x7061_7975_6e67;

/// The migration library notes when it ran; nothing here keeps a time finer than a day.
const DAY_ONLY_SQLITE: &str = "UPDATE _sqlx_migrations SET installed_on = date(installed_on), execution_time = 0 \
     WHERE installed_on <> date(installed_on) OR execution_time <> 0";
/// The same on PostgreSQL.
const DAY_ONLY_POSTGRES: &str = "UPDATE _sqlx_migrations SET installed_on = date_trunc('day', installed_on), execution_time = 0 \
     WHERE installed_on <> date_trunc('day', installed_on) OR execution_time <> 0";

/// Where a database lies. `Debug` never prints an address, because it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, created with mode 0600 if missing; its folder must exist.
    SqliteFile(PathBuf),
    /// A `postgres://` address; the room's schema is created if missing.
    Postgres(String),
}

impl Location {
    /// The room's file inside a data folder.
    #[must_use]
    pub fn in_folder(folder: &Path, room: Room) -> Self {
        Self::SqliteFile(folder.join(room.file_name()))
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SqliteFile(path) => f.debug_tuple("SqliteFile").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

impl Store {
    /// Opens a room's database and brings its schema up to date.
    ///
    /// # Errors
    /// [`DbError::NewerSchema`] when a newer program wrote it, [`DbError::File`] or [`DbError::Unavailable`] when it
    /// cannot be reached (of PostgreSQL also what the address or the server's answer names), [`DbError::ForeignSchema`] when its history differs from this program's.
    pub async fn open(location: &Location, room: Room) -> Result<Self, DbError> {
        match location {
            Location::SqliteFile(path) => open_sqlite(path, room).await,
            Location::Postgres(url) => open_postgres(url, room).await,
        }
    }
}

async fn open_sqlite(path: &Path, room: Room) -> Result<Store, DbError> {
    let lock = lock_beside(path).await?;
    private_file(path).map_err(|_| DbError::File)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let pool = |size: u32| {
        SqlitePoolOptions::new()
            .max_connections(size)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let writing = options
        .clone()
        .pragma("cache_size", WRITER_CACHE)
        .pragma("wal_autocheckpoint", LOG_PAGES);
    let write = pool(1)
        .after_release(|connection, _| Box::pin(is_at_rest(connection)))
        .connect_with(writing)
        .await?;
    migrate(&migrations::sqlite(room), &mut *write.acquire().await?).await?;
    sqlx::query(DAY_ONLY_SQLITE).execute(&write).await?;
    // Opened now and kept: a process that has no file left must still be able to empty its log.
    let tidy = pool(1)
        .connect_with(options.clone().busy_timeout(TIDY_BUSY))
        .await?;
    let read = pool(SQLITE_READERS)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    drop(lock);
    Ok(Store::new(Pools::Sqlite { read, write, tidy }))
}

/// True when the connection may be used again. After a full disk SQLite ends a transaction by itself, the driver's own
/// rollback fails and its count stays: without this the one writer would refuse every transaction until a restart.
async fn is_at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Waits for a rollback that was only asked for.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn open_postgres(url: &str, room: Room) -> Result<Store, DbError> {
    let options = address::read(url)?
        .options([("search_path", room.schema())])
        .disable_statement_logging();
    // A server that stands still takes connections and never says anything.
    let first = timeout(ACQUIRE, PgConnection::connect_with(&options)).await;
    let mut first = first.map_err(|_| DbError::Unavailable)??;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(ADVISORY)
        .execute(&mut first)
        .await?;
    sqlx::query(room.create_schema())
        .execute(&mut first)
        .await?;
    let migrated = migrate(&migrations::postgres(room), &mut first).await;
    if migrated.is_ok() {
        sqlx::query(DAY_ONLY_POSTGRES).execute(&mut first).await?;
    }
    // Closing the connection gives the advisory lock back, whether the migrations went well or not.
    first.close().await?;
    migrated?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_POOL)
        .acquire_timeout(ACQUIRE);
    let pool = pool.connect_with(options).await?;
    Ok(Store::new(Pools::Postgres(pool)))
}

async fn migrate<C: Migrate>(migrator: &Migrator, connection: &mut C) -> Result<(), DbError> {
    let known = migrator.iter().map(|step| step.version).max().unwrap_or(0);
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) => DbError::NewerSchema { found, known },
            MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => {
                DbError::ForeignSchema { version }
            }
            MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => inner.into(),
            _ => DbError::Other {
                code: "migration".to_owned(),
            },
        })
}

/// Holds `<file>.lock` until the returned handle is dropped; waits for other processes on a thread of its own.
async fn lock_beside(path: &Path) -> Result<File, DbError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let beside = PathBuf::from(name);
    let wait = move || -> std::io::Result<File> {
        let file = private_file(&beside)?;
        file.lock()?;
        Ok(file)
    };
    tokio::task::spawn_blocking(wait)
        .await
        .map_err(|_| DbError::File)?
        .map_err(|_| DbError::File)
}

/// Opens a file for its owner alone, creating it if missing. SQLite gives its side files the same mode.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

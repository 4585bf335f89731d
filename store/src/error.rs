//! Database errors that are safe to log.
//!
//! A driver's message can quote the row that broke a rule (PostgreSQL's `detail` prints key values), so only the code is
//! kept: a five-character SQLSTATE or SQLite's extended result number.

/// An error that may ask for a repetition.
pub trait Retryable {
    /// True when the same transaction, run again, may succeed.
    fn wants_retry(&self) -> bool;
}

/// What went wrong in the database; never carries a value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The database asks to run the transaction again (busy, deadlock, serialisation).
    #[error("the database asks to repeat the transaction (code {code}): try again")]
    Retry {
        /// SQLSTATE or SQLite result number.
        code: String,
    },
    /// A row with this key exists already.
    #[error("a row with this key exists already (code {code})")]
    Conflict {
        /// SQLSTATE or SQLite result number.
        code: String,
    },
    /// A value breaks a rule of the schema (check, not null, foreign key).
    #[error("a value breaks a rule of the database schema (code {code})")]
    Constraint {
        /// SQLSTATE or SQLite result number.
        code: String,
    },
    /// A query that must find a row found none.
    #[error("the row asked for does not exist")]
    NotFound,
    /// A stored value does not have the shape the program knows.
    #[error("a stored value has an unknown shape: run the newest program, or restore a backup")]
    Corrupt,
    /// No connection: wrong address, server down, pool exhausted, file unreadable.
    #[error("the database cannot be reached: check its address and that it is running")]
    Unavailable,
    /// The address does not begin as one of PostgreSQL.
    #[error("this is no address of a PostgreSQL database: it begins with postgres://")]
    Scheme,
    /// The address cannot be read.
    #[error(
        "the address of the database cannot be read: in user, password and name, characters such as @ : / ? # % must be written \
         as %40 %3A %2F %3F %23 %25; sslmode is disable, prefer, require, verify-ca or verify-full"
    )]
    Address,
    /// The server is on another host and the address does not ask for TLS with a verified certificate.
    #[error(
        "the database is on another host: its address must end in ?sslmode=verify-full (and &sslrootcert=FILE where the \
         certificate is not a public authority's)"
    )]
    Bare,
    /// No TLS with this server.
    #[error(
        "no TLS with the database server: it offers none, its certificate is not for this host name, or nobody known signed it \
         (sslrootcert=FILE in the address)"
    )]
    Tls,
    /// The server does not let this user in.
    #[error("the database server refuses user or password")]
    Login,
    /// The server has no such database.
    #[error("the database server has no database of this name: make it first (createdb)")]
    NoDatabase,
    /// The user may not do this.
    #[error(
        "the database user may not do this: it must be able to create schemas in the database, or own them"
    )]
    Permission,
    /// No space.
    #[error("the database's disk is full: nothing was written; make room")]
    Full,
    /// The database is to be read only.
    #[error("the database cannot be written: it is a copy that follows another one, or read only")]
    ReadOnly,
    /// The file is no database, or its pages are broken.
    #[error("the database file is damaged, or is no database: restore it from its backup")]
    Damaged,
    /// The server has no connection left.
    #[error("the database server has no connection left: raise its max_connections")]
    Crowded,
    /// The database was written by a newer program.
    #[error(
        "the database has schema version {found}, this program knows up to {known}: install the newer program"
    )]
    NewerSchema {
        /// Version found in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// A migration that was applied differs from the one this program carries, or broke off half-way.
    #[error(
        "schema version {version} of the database is not the one this program carries: restore a backup"
    )]
    ForeignSchema {
        /// The version that differs.
        version: i64,
    },
    /// The operating system refused a file operation on the database file.
    #[error("the database file cannot be used: check the folder's permissions and free space")]
    File,
    /// Anything else.
    #[error("the database refused the statement (code {code})")]
    Other {
        /// SQLSTATE or SQLite result number.
        code: String,
    },
}

/// Busy, busy snapshot, busy recovery, busy timeout, locked (shared cache); serialisation failure, deadlock.
const RETRY: [&str; 7] = ["5", "517", "261", "773", "6", "40001", "40P01"];

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) => Self::from_code(inner.as_ref()),
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_) => Self::Corrupt,
            sqlx::Error::Tls(_) => Self::Tls,
            // So the driver tells of a handshake that fails.
            sqlx::Error::Io(inner) if inner.kind() == std::io::ErrorKind::InvalidData => Self::Tls,
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Configuration(_) => Self::Unavailable,
            _ => Self::Other {
                code: "driver".to_owned(),
            },
        }
    }
}

impl DbError {
    /// The cause that a code names by itself: SQLSTATE, or a primary or extended result number of SQLite.
    fn of_known(code: &str) -> Option<Self> {
        Some(match code {
            "28P01" | "28000" => Self::Login,
            "3D000" => Self::NoDatabase,
            "42501" => Self::Permission,
            "53100" | "13" => Self::Full,
            "53300" => Self::Crowded,
            "25006" | "8" => Self::ReadOnly,
            // Not a database; malformed. Cannot open; a folder in its place. No room for the shared memory beside it.
            "26" | "11" => Self::Damaged,
            "14" | "526" => Self::File,
            "4874" | "4618" => Self::Full,
            _ => return None,
        })
    }

    fn from_code(inner: &dyn sqlx::error::DatabaseError) -> Self {
        let code: String = inner
            .code()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        if RETRY.contains(&code.as_str()) {
            return Self::Retry { code };
        }
        if let Some(cause) = Self::of_known(&code) {
            return cause;
        }
        match inner.kind() {
            sqlx::error::ErrorKind::UniqueViolation => Self::Conflict { code },
            sqlx::error::ErrorKind::ForeignKeyViolation
            | sqlx::error::ErrorKind::NotNullViolation
            | sqlx::error::ErrorKind::CheckViolation => Self::Constraint { code },
            _ => Self::Other { code },
        }
    }
}

impl Retryable for DbError {
    fn wants_retry(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }
}

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
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
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

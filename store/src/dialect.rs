//! One SQL text, its values, and what to do with the rows: short forms for both databases and every room.
//!
//! Every statement is a constant with `$1` placeholders, so nothing a client sends is ever part of a statement. A crate
//! that uses these names `sqlx` among its dependencies.

use crate::DbError;

/// Reads a stored value into its type.
///
/// # Errors
/// [`DbError::Corrupt`] when it does not parse: the database is damaged.
pub fn parsed<T>(bytes: &[u8]) -> Result<T, DbError>
where
    T: for<'a> TryFrom<&'a [u8]>,
{
    T::try_from(bytes).map_err(|_| DbError::Corrupt)
}

/// The same for a column that may be null.
///
/// # Errors
/// As [`parsed`].
pub fn parsed_option<T>(bytes: Option<&Vec<u8>>) -> Result<Option<T>, DbError>
where
    T: for<'a> TryFrom<&'a [u8]>,
{
    bytes.map(|bytes| parsed(bytes)).transpose()
}

/// Runs one expression on whichever database a [`Tx`](crate::Tx) belongs to; a driver's error becomes a
/// [`DbError`].
///
/// ```ignore
/// on!(tx, |t| query.build().execute(&mut **t).await.map(drop))?;
/// ```
#[macro_export]
macro_rules! on {
    ($tx:expr, |$t:ident| $body:expr) => {
        ::core::result::Result::map_err(
            match $crate::Tx::held($tx) {
                $crate::Held::Sqlite($t) => $body,
                $crate::Held::Postgres($t) => $body,
            },
            $crate::DbError::from,
        )
    };
}

/// Runs a statement; answers the number of rows it touched.
///
/// ```ignore
/// execute!(tx, FORGET, day)?;
/// ```
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::on!($tx, |t| sqlx::query($sql)$(.bind($bind))*.execute(&mut **t).await.map(|done| done.rows_affected()))
    };
}

/// Reads every row as the tuple `$row`.
///
/// ```ignore
/// for (site, code) in fetch_all!(tx, (String, i64), SITES)? {}
/// ```
#[macro_export]
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::on!($tx, |t| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **t).await)
    };
}

/// Reads one row, or none, as the tuple `$row`.
#[macro_export]
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::on!($tx, |t| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **t).await)
    };
}

/// Reads exactly one row as the tuple `$row`; none is [`DbError::NotFound`].
#[macro_export]
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::on!($tx, |t| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(&mut **t).await)
    };
}

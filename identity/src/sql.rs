//! Three short forms around `store::on!`: one SQL text, its values, and what to do with the rows.
//!
//! Every statement is a constant with `$1` placeholders, so nothing a client sends is ever part of a statement.

use store::DbError;

/// Runs a statement; answers the number of rows it touched.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        store::on!($tx, |t| sqlx::query($sql)$(.bind($bind))*.execute(&mut **t).await.map(|done| done.rows_affected()))
            .map_err(store::DbError::from)
    };
}

/// Reads every row as the tuple `$row`.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        store::on!($tx, |t| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **t).await)
            .map_err(store::DbError::from)
    };
}

/// Reads one row, or none, as the tuple `$row`.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        store::on!($tx, |t| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **t).await)
            .map_err(store::DbError::from)
    };
}

/// Reads exactly one row as the tuple `$row`.
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        store::on!($tx, |t| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(&mut **t).await)
            .map_err(store::DbError::from)
    };
}

pub(crate) use {execute, fetch_all, fetch_one, fetch_optional};

/// Reads a stored value into its type; a stored value that does not parse is a damaged database.
pub(crate) fn parsed<T>(bytes: &[u8]) -> Result<T, DbError>
where
    T: for<'a> TryFrom<&'a [u8]>,
{
    T::try_from(bytes).map_err(|_| DbError::Corrupt)
}

/// The same for a column that may be null.
pub(crate) fn parsed_option<T>(bytes: Option<&Vec<u8>>) -> Result<Option<T>, DbError>
where
    T: for<'a> TryFrom<&'a [u8]>,
{
    bytes.map(|bytes| parsed(bytes)).transpose()
}

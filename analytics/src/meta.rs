//! The statements of `meta`: what holds for the programme as a whole, a word and its value.

use std::collections::BTreeMap;

use store::{DbError, Tx, execute, fetch_all};

const ALL: &str = "SELECT key, value FROM meta";
const ADD: &str = "INSERT INTO meta (key, value) VALUES ($1, $2)";
const PUT: &str = "INSERT INTO meta (key, value) VALUES ($1, $2)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/// Every word with its value.
///
/// # Errors
/// Any database error.
pub(crate) async fn read(tx: &mut Tx) -> Result<BTreeMap<String, String>, DbError> {
    let rows = fetch_all!(tx, (String, String), ALL)?;
    Ok(rows.into_iter().collect())
}

/// Writes a word that must not be there yet.
///
/// # Errors
/// [`DbError::Conflict`] when it is there.
pub(crate) async fn add(tx: &mut Tx, key: &str, value: &str) -> Result<(), DbError> {
    execute!(tx, ADD, key, value)?;
    Ok(())
}

/// Writes a word, over an older value of it.
///
/// # Errors
/// Any database error.
pub(crate) async fn put(tx: &mut Tx, key: &str, value: &str) -> Result<(), DbError> {
    execute!(tx, PUT, key, value)?;
    Ok(())
}

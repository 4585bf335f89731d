//! How many contacts came after a recorded death, in bands: enough for an operator to ask the sites, too coarse to count people.

use crate::App;
use crate::error::{AFTER_DEATH, Error};
use crate::query;

/// The band of a count, in words; `None` for none.
#[must_use]
pub const fn band(count: u64) -> Option<&'static str> {
    match count {
        0 => None,
        1..=9 => Some("fewer than 10"),
        10..=99 => Some("10 to 99"),
        _ => Some("100 or more"),
    }
}

/// The band of all contacts after a recorded death that ever came.
///
/// # Errors
/// The states of the database.
pub async fn all(app: &App) -> Result<Option<&'static str>, Error> {
    let count = query::refused(&mut app.store.read().await?, AFTER_DEATH).await?;
    Ok(band(u64::try_from(count).unwrap_or(0)))
}

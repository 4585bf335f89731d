//! How events come in: sealed reports that are delivered, files that are imported, and their booking.

pub(crate) mod accept;
pub(crate) mod book;
mod import;
mod tags;

pub use accept::{Header, Opened, accept, open_all, report_keys, take};
pub use import::{ImportProgress, Summary, import};

use crypto::day::Day;

use crate::App;
use crate::error::Error;

/// The day before which everything that the identity role received is here; `None` until it said so for the first time.
///
/// # Errors
/// The states of the database.
pub async fn delivered(app: &App) -> Result<Option<Day>, Error> {
    crate::setup::delivered(&mut app.store.read().await?).await
}

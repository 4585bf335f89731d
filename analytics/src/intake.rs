//! How events come in: sealed reports that are delivered, files that are imported, and their booking.

pub(crate) mod accept;
pub(crate) mod book;
mod import;

pub use accept::{Opened, accept, open_all, take};
pub use import::{ImportProgress, Summary, import};

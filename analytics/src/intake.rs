//! How events come in: sealed reports that are delivered, files that are imported, and their booking.

pub(crate) mod accept;
pub(crate) mod book;
mod import;
mod tags;

pub use accept::{Header, Opened, accept, open_all, report_keys, take};
pub use import::{ImportProgress, Summary, import};

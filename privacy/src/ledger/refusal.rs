//! Why the ledger refuses, and what to do about it.

use thiserror::Error;

use crate::catalogue::CatalogueError;

/// The ledger refuses a debit, or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The budget of the year or a table's share is spent.
    #[error(
        "the privacy budget of {year} does not cover table {table}: nothing was released; it renews with the calendar year"
    )]
    Spent {
        /// The calendar year.
        year: i32,
        /// The table's letter.
        table: &'static str,
    },
    /// The calendar year had its revision.
    #[error(
        "the reserve of {year} is spent: a calendar year has one revision; nothing was changed"
    )]
    ReserveSpent {
        /// The calendar year.
        year: i32,
    },
    /// The debits do not fit 64 bits.
    #[error("the ledger is damaged: restore the statistics database from its backup")]
    Damaged,
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

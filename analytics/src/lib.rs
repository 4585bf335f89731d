//! The statistics store: what comes in, the registry, the ledger's rows, counting and noise, closing, and its HTTP interface.
//!
//! ```text
//! report -> event -> one person's history -> contributions (indicators) -> close: count, noise, sign -> release
//! ```
//!
//! This room knows no card, no terminal and no staff: a person is the element `N_a` and a random number. When a person counts
//! is said in [`indicators`], what may be told about one in [`privacy`]; here are the rows, and the only exact counts there
//! are. Contributions of a closed quarter never change: late reports are booked to the first open one.
//!
//! # What is measured
//!
//! The tables of [`privacy::catalogue`], by quarter and by year, each cell of each level with its own noise; running totals
//! over blocks of 20 quarters. Cells follow from the registry, never from data; every cell is measured and published, zero or
//! not. A revision counts two of the tables of a closed quarter once more.
//!
//! # What is released
//!
//! Only noisy integers are stored; everything published is a deterministic function of them and of public facts, so reading
//! again, in any format, says nothing new. A release shows the raw measurement, the unbiased consistent estimate (it may be
//! negative; only these may be summed), its exact standard deviation and 95 % noise range, a whole number for reading, and
//! whether the noise is large against the number. The range covers the noise alone, not chance in who came.
//!
//! # Neighbours and guarantee
//!
//! Two databases are neighbours when they differ by one person with all of that person's reports. What all releases about a
//! calendar year can tell about one person costs at most the year's budget `rho` (zero-concentrated differential privacy;
//! default 0.0882, which is epsilon 2.0 at delta 1e-6), whatever happened in the years before, and losses of years add.
//! Three limits to state beside every figure:
//!
//! * A bound that releases of a year share (drop-outs, re-engagements, running totals) can be used up by the first of them,
//!   while the ledger debits a part with each: `bound` in the ledger's view counts it in full from the first on.
//! * A person with two unlinked cards is two units: together they may lose four times as much.
//! * The store itself sees pseudonymous reports; the guarantee is about what leaves it.
#![forbid(unsafe_code)]

pub mod after_death;
mod app;
mod blocking;
mod calendar;
pub mod choices;
pub mod close;
pub mod days;
pub mod error;
mod ground;
pub mod http;
pub mod intake;
pub mod keys;
pub mod ledger;
pub mod log;
pub mod measure;
mod meta;
mod packed;
pub mod query;
pub mod registry;
pub mod setup;
pub mod stored;

#[cfg(test)]
mod proofs;
#[cfg(test)]
mod testing;

pub use app::App;

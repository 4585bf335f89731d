//! Reports, episodes, frozen contributions, noisy measurements and releases.
//!
//! ```text
//! report -> event -> one person's history -> project() -> contribution(period, cell, person) -> close -> release
//! ```
//!
//! The unit of privacy is a person. [`indicators`] looks at one person's rows and a keyed hash, never at another person, the
//! order of arrival or a global rank, and never gives one person more than the published caps; closing a quarter only
//! counts what it wrote. Contributions of a closed quarter never change: late reports are booked to the first open one.
//!
//! This room knows no card, no terminal and no staff: a person is the element `N_a` and a random number.
//!
//! # What is measured
//!
//! Three tables a quarter, each cell of each level with its own noise ([`privacy::catalogue`]): A, clients active on the last day (total,
//! city, city by six groups; a partition, so parents are sums); D, drop-outs from a service (total, city); F, clients enrolled
//! for the first time ever, by city, as running totals over blocks of 20 quarters. Cells follow from the registry, never from
//! data; every cell is measured and published, zero or not.
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
//! Two databases are neighbours when they differ by one person with all of that person's reports. For each calendar year
//! the debits of all tables are at most the programme's budget `rho` per person (zero-concentrated differential privacy;
//! default 0.0882, which is epsilon 2.0 at delta 1e-6), and losses of years add. Three limits to state beside every figure:
//!
//! * Table F is bounded over its block: a person's cost over 20 quarters is at most five yearly tenths, but about 74 % of it
//!   may fall into the year of enrolment, where the ledger debits a fifth. For the tables released now the year's budget
//!   holds even so (a test keeps this true; adding tables must look at it again).
//! * A person with two unlinked cards is two units: together they may lose four times as much.
//! * The store itself sees pseudonymous reports; the guarantee is about what leaves it.
#![forbid(unsafe_code)]

pub mod app;
pub mod book;
pub mod choices;
pub mod close;
pub mod error;
pub mod export;
pub mod http;
pub mod import;
pub mod intake;
pub mod keys;
pub mod ledger;
pub mod log;
pub mod measure;
pub mod noise;
pub mod query;
pub mod registry;
pub mod release;
pub mod revision;
pub mod setup;
pub mod stored;

#[cfg(test)]
mod accounting_tests;
#[cfg(test)]
mod bound_tests;
#[cfg(test)]
mod choice_tests;
#[cfg(test)]
mod neighbour_tests;
#[cfg(test)]
mod pilot_tests;
#[cfg(test)]
mod revision_accounting_tests;
#[cfg(test)]
mod signed_tests;
#[cfg(test)]
mod startless_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod testing_close;

pub use app::App;

//! What may be told about one person: cells, bounds, scales, the catalogue of tables, the budget and its ledger.
//!
//! ```text
//! rho < budget, sigma        cell, toeplitz, scope < catalogue: table < tables, cells < plan < again        catalogue < ledger
//! ```
//!
//! The unit is a person. [`catalogue`] says which tables are released, from which [`cell`]s, and by how much one person can
//! move them; [`sigma`] turns that bound and an allowance into a noise scale; [`ledger`] decides whether a release may still
//! be debited. Nothing here draws noise, reads a row or knows a person: everything follows from public facts ([`scope`]), so
//! whoever checks a release runs the same code.
//!
//! **Limits.** The cells hold 4,095 cities and 255 services. Losses are whole nano-rho; what they mean as (epsilon, delta) is
//! for reading ([`epsilon`]).
#![forbid(unsafe_code)]

pub mod budget;
pub mod catalogue;
pub mod cell;
pub mod epsilon;
pub mod ledger;
pub mod rho;
pub mod scope;
pub mod sigma;
pub mod toeplitz;

#[cfg(any(test, feature = "test-util"))]
pub mod testing;

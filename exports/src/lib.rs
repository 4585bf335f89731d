//! Exports: deterministic renderings of stored releases. Nothing is measured or drawn here, so every export of a release is
//! byte for byte the same, on every host and after every restart.
//!
//! JSON and CSV were signed when the quarter closed and carry their signatures. The other forms ([`form`]) are made from the
//! signed JSON alone, some with a [`mapping`] of codes; [`signature`] vouches for their bytes in a file of its own, and anyone
//! can make them again from the JSON and compare.
#![forbid(unsafe_code)]

mod adx;
mod dhis2;
pub mod error;
mod fhir;
pub mod form;
pub mod html;
pub mod language;
pub mod ledger_page;
pub mod mapping;
mod pdf;
pub mod render;
mod report;
mod rows;
pub mod signature;
mod source;
#[cfg(test)]
mod tests;
mod xml;

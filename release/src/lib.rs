//! What is published about a quarter: how it is estimated, assembled, written, signed, taken apart and verified.
//!
//! ```text
//! measurements, published < wls, estimate < rates < assemble        object < csv < seal < parts, verify < verdict        log
//! ```
//!
//! Nothing here reads a clock, a file or a database: everything is a function of public facts and noisy measurements, so that
//! whoever holds a signed file computes it again with the very code that made it, in a browser too.
#![forbid(unsafe_code)]

pub mod assemble;
mod csv;
pub mod decimal;
pub mod error;
pub mod estimate;
pub mod facts;
pub mod log;
pub mod measurements;
pub mod naming;
pub mod object;
pub mod parts;
pub mod planner;
pub mod published;
mod rates;
pub mod reason;
pub mod seal;
pub mod verdict;
pub mod verify;
mod wls;

#[cfg(test)]
mod signed_tests;

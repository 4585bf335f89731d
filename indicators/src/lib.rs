//! When a person counts: the definitions file, one person's history, its episodes, and what it adds to the released tables.
//!
//! ```text
//! event -> History -> Walk (episodes) -> Projector -> Contribution (period, cell)
//! ```
//!
//! Pure and per person. [`project`] looks at one person's rows and a keyed hash, never at another person, the order of arrival
//! or a global rank, and never gives one person more than [`CAPS`](contribution::CAPS); the privacy of every release rests on
//! that bound. The definitions are one versioned data file, which terminals execute too.
//!
//! **Causal.** What is said about the days up to `t` depends only on events effective by `t`: a late report never changes a
//! closed quarter.
#![forbid(unsafe_code)]

pub mod contribution;
pub mod episode;
pub mod history;
pub mod kind;
pub mod project;

mod definitions;

pub use definitions::{
    BOUNDING, FIRST_REGISTERED, Finding, Indicators, IndicatorsError, Lapse, REGISTERED_RULE, Rule,
    Service, ServiceNumber,
};

#[cfg(any(test, feature = "test-util"))]
pub mod testing;

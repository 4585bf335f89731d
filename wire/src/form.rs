//! How values look as text in the description of the interface (OpenAPI 3.1), and what a refusal looks like there.
//!
//! Types of `crypto` know nothing of the description: a field says which of these forms its text has. A role that serves the
//! interface builds this (feature `openapi`); whatever runs in a browser does not.

mod described;
pub mod published;
mod text;

pub use described::{Answers, Refused, operations, refuse, tagged};
pub use text::*;

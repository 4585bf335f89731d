//! The one error that all parsers of small values share.

use thiserror::Error;

/// A value did not have the form it must have. Names the kind of value and the form, never the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{what} must be {expected}")]
pub struct FormatError {
    what: &'static str,
    expected: &'static str,
}

impl FormatError {
    /// `what` names the kind of value, `expected` the form it must have.
    #[must_use]
    pub const fn new(what: &'static str, expected: &'static str) -> Self {
        Self { what, expected }
    }
}

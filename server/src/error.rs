//! What a command says when it fails: one line for a person, never the input, never a secret.

use std::fmt;

/// A failed command; its text is the line that is printed.
pub struct Failure(String);

impl Failure {
    /// A failure with its line.
    pub fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }

    /// Says what an error of a room says, where that says what was being done.
    pub fn said(cause: impl fmt::Display) -> Self {
        Self(cause.to_string())
    }

    /// Wraps an error of a room: `doing` says what was being done.
    pub fn of(doing: &str, cause: impl fmt::Display) -> Self {
        Self(format!("{doing}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

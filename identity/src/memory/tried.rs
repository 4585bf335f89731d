//! A try of a PIN between its two halves.

/// A try that was counted.
pub(crate) struct Try {
    /// The row's sealed bytes: a right PIN is one of this very record.
    pub(crate) sealed: Vec<u8>,
    /// It was the last, and the row is gone already.
    pub(crate) last: bool,
}

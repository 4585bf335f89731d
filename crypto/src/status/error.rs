//! Why a status list is refused.

/// Why a status list was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// The index or the size is beyond the list or beyond what a list may hold.
    #[error("the status index is out of range: make the list larger")]
    Range,
    /// Not a status list token of the accepted form.
    #[error("the status list is malformed: fetch it again")]
    Malformed,
    /// The signature does not verify.
    #[error("the status list is not signed by this programme: do not use it")]
    Signature,
    /// Compression failed for want of memory.
    #[error("the status list could not be compressed: try again")]
    Compression,
}

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
    /// The list is called otherwise than the programme's list of cards.
    #[error("the status list is another one than this programme's: tell the operator")]
    Subject,
    /// The list is dated more than a day ahead.
    #[error(
        "the status list is dated more than a day ahead: check this device's date, else tell the operator"
    )]
    Ahead,
    /// The list was issued on a day before the kept one.
    #[error("the status list is older than the one kept here: if it stays so, tell the operator")]
    Older,
    /// The list is shorter than the kept one, or a card that was withdrawn there is not withdrawn here.
    #[error("the status list takes back what an earlier one said: tell the operator")]
    TakenBack,
    /// Compression failed for want of memory.
    #[error("the status list could not be compressed: try again")]
    Compression,
}

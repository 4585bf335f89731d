//! The status list: one bit per card index, signed, with a time to live
//! (draft-ietf-oauth-status-list-21, the CWT form).
//!
//! A token is a tagged COSE_Sign1 of type `application/statuslist+cwt` with the claims subject,
//! issued-at and expiry (both at the grain of a day), time to live and the list: `bits` and the
//! zlib-compressed bytes, least significant bit first. A list holds at most [`MAX_LIST_BYTES`]
//! bytes unpacked, whatever the compressed data claim.

mod packed;
mod token;

#[cfg(test)]
mod tests;

pub use packed::{MAX_LIST_BYTES, MAX_LIST_ENTRIES};
pub use token::CheckedStatusList;

use packed::Packed;

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

/// A list of cards by index: set means withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList(Packed);

impl StatusList {
    /// A list of `size` cards (rounded up to a multiple of eight), none withdrawn.
    ///
    /// # Errors
    /// [`StatusError::Range`] beyond [`MAX_LIST_ENTRIES`] cards.
    pub fn new(size: u32) -> Result<Self, StatusError> {
        Packed::new(1, size).map(Self)
    }

    /// Sets or clears a bit.
    ///
    /// # Errors
    /// [`StatusError::Range`] beyond the list.
    pub fn set(&mut self, index: u32, withdrawn: bool) -> Result<(), StatusError> {
        self.0.set(index, u8::from(withdrawn))
    }

    /// Whether a card is withdrawn; `None` beyond the list.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<bool> {
        self.0.get(index).map(|value| value != 0)
    }

    /// Number of cards the list can speak of.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.0.entries()
    }
}

//! The list itself: one bit per card.

use super::error::StatusError;
use super::packed::Packed;

/// A list of cards by index: set means withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList(pub(super) Packed);

impl StatusList {
    /// A list of `size` cards (rounded up to a multiple of eight), none withdrawn.
    ///
    /// # Errors
    /// [`StatusError::Range`] beyond [`MAX_LIST_ENTRIES`](super::MAX_LIST_ENTRIES) cards.
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

    /// Whether this list says all that `earlier` said: it is as long at least, and every card that was withdrawn is.
    #[must_use]
    pub fn covers(&self, earlier: &Self) -> bool {
        self.0.covers(&earlier.0)
    }

    /// Number of cards the list can speak of.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.0.entries()
    }
}

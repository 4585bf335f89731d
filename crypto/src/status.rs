//! The status list: one bit per card index, signed, with a time to live
//! (draft-ietf-oauth-status-list-21, the CWT form).
//!
//! A token is a tagged COSE_Sign1 of type `application/statuslist+cwt` with the claims subject,
//! issued-at and expiry (both at the grain of a day), time to live and the list: `bits` and the
//! zlib-compressed bytes, least significant bit first. A list holds at most [`MAX_LIST_BYTES`]
//! bytes unpacked, whatever the compressed data claim. Which list may take the place of which is decided in one place,
//! [`CheckedStatusList::take`].

mod error;
mod list;
mod packed;
mod take;
mod token;

#[cfg(test)]
mod tests;

pub use error::StatusError;
pub use list::StatusList;
pub use packed::{MAX_LIST_BYTES, MAX_LIST_ENTRIES};
pub use take::subject;
pub use token::CheckedStatusList;

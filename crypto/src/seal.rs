//! Sealing under a shared key: XChaCha20-Poly1305 with a random nonce.
//!
//! Sealed form: 24-byte nonce, ciphertext, 16-byte tag; 40 bytes longer than the plain text. Associated data: the
//! purpose, the length of the id (4 bytes, big endian), the id. The length begins with a zero byte, which no label
//! contains, so purpose and id cannot run into each other.
//! Limit: messages stay far below 2^38 bytes and ids below 2^24 bytes.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use thiserror::Error;

use crate::label::Label;
use crate::rng::{self, Rng};

/// Bytes that sealing adds.
pub const OVERHEAD: usize = NONCE + TAG;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// Longer than the cipher allows.
    #[error("the message is too long to be sealed: split it")]
    TooLong,
    /// Wrong key, purpose or id, or altered bytes; which of them cannot be told apart.
    #[error("this could not be opened: the key is another one, or the bytes were altered")]
    Refused,
}

/// Seals `plain` under `key` for one purpose and one id (which may be empty).
///
/// # Errors
/// [`SealError::TooLong`] beyond the cipher's limit.
pub fn seal(
    key: &[u8; 32],
    purpose: Label,
    id: &[u8],
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, SealError> {
    seal_with(key, &rng::bytes(rng), &associated(purpose, id), plain)
}

/// Opens what [`seal`] made with the same key, purpose and id.
///
/// # Errors
/// [`SealError::Refused`] for anything else.
pub fn open(
    key: &[u8; 32],
    purpose: Label,
    id: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, SealError> {
    open_with(key, &associated(purpose, id), sealed)
}

fn associated(purpose: Label, id: &[u8]) -> Vec<u8> {
    let length = u32::try_from(id.len()).unwrap_or(u32::MAX).to_be_bytes();
    [purpose.as_bytes(), &length, id].concat()
}

/// The core, with all inputs in the caller's hand. The nonce must be fresh and random.
pub(crate) fn seal_with(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    let body = XChaCha20Poly1305::new(key.into())
        .encrypt(XNonce::from_slice(nonce), Payload { msg: plain, aad })
        .map_err(|_| SealError::TooLong)?;
    Ok([&nonce[..], &body].concat())
}

/// The inverse of [`seal_with`].
pub(crate) fn open_with(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE>()
        .ok_or(SealError::Refused)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(XNonce::from_slice(nonce), Payload { msg: body, aad })
        .map_err(|_| SealError::Refused)
}

#[cfg(test)]
mod tests;

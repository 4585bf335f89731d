//! A PIN, where whoever guesses has the locked memory of a device in hand.
//!
//! Six digits are a million guesses, each of which costs an Argon2id ([`PinKey::stretch`]): a fifth of a second and 64 MiB, so
//! two and a half days on one core. That slows whoever copied a memory, and stops nobody: what a PIN opens must be gone before,
//! and must need something else that was in that memory too. Five wrong tries bind the page that counts them, not the copy.

use crate::digest;
use crate::label;
use crate::rng::{self, Rng};
use crate::secret::{Secret, secrets};
use crate::stretch::COST;

/// Digits of a PIN.
pub const DIGITS: usize = 6;

secrets! {
    /// A PIN as it was typed: six ASCII digits. Who parses it is `wire::typed`.
    Pin, DIGITS;
    /// What a PIN becomes, 32 bytes.
    PinKey, 32;
}

/// Drawn when a PIN is chosen, 16 bytes: the same PIN of two devices opens different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinSalt([u8; 16]);

impl PinSalt {
    /// A fresh one.
    pub fn random(rng: &mut impl Rng) -> Self {
        Self(rng::bytes(rng))
    }

    /// From where it was kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// To be kept.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Key stretching failed, in practice for want of 64 MiB of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device could not stretch the PIN: free some memory and try again")]
pub struct NoMemory;

impl PinKey {
    /// Argon2id of the PIN.
    ///
    /// # Errors
    /// [`NoMemory`].
    pub fn stretch(pin: &Pin, salt: &PinSalt) -> Result<Self, NoMemory> {
        let key = COST.stretch(pin.expose(), &salt.0).ok_or(NoMemory)?;
        Ok(Self(key))
    }

    /// The key that seals what a locked device holds in memory.
    #[must_use]
    pub fn lock_key(&self) -> Secret<32> {
        digest::derive_secret(label::LOCK_KEY, self.expose())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_depends_on_every_digit_and_on_the_salt() {
        let key = |pin: &[u8; 6], salt| {
            let salt = PinSalt::from_bytes([salt; 16]);
            PinKey::stretch(&Pin::from_bytes(*pin), &salt).unwrap()
        };
        let first = key(b"271828", 1);
        assert_eq!(first, key(b"271828", 1));
        assert_ne!(first, key(b"271829", 1));
        assert_ne!(first, key(b"271828", 2));
        assert_ne!(first.lock_key().expose(), first.expose());
    }
}

//! Key pairs by `ed25519-dalek`: in a browser, where `ring` would need a C compiler for wasm32.
//!
//! Ed25519 is deterministic: both halves give the same bytes for the same seed, and a test holds them to that.

use ed25519_dalek::{Signer, SigningKey};

/// A key pair, ready to sign.
pub(super) struct Pair(SigningKey);

impl Pair {
    /// The key pair of a seed; always there, as every seed is usable.
    pub(super) fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Some(Self(SigningKey::from_bytes(seed)))
    }

    /// The public key; always there.
    pub(super) fn public(&self) -> Option<[u8; 32]> {
        Some(self.0.verifying_key().to_bytes())
    }

    /// The signature over a message.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

//! Key pairs by `ring`: everywhere but in a browser.

use ring::signature::{Ed25519KeyPair, KeyPair};

/// A key pair, ready to sign.
pub(super) struct Pair(Ed25519KeyPair);

impl Pair {
    /// The key pair of a seed; `None` if the seed is unusable.
    pub(super) fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// The public key; `None` if it has another length, which does not happen.
    pub(super) fn public(&self) -> Option<[u8; 32]> {
        self.0.public_key().as_ref().try_into().ok()
    }

    /// The signature over a message.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        out.copy_from_slice(self.0.sign(message).as_ref());
        out
    }
}

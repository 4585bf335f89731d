//! Ed25519: signing by `ring` (in a browser by `ed25519-dalek`), strict verification by `ed25519-dalek` everywhere.
//!
//! What is signed is `label || 0x00 || message`; labels contain no zero byte, so a signature made for one purpose
//! never fits another. COSE messages carry their own context and use the unlabelled core.
//! `verify_strict` refuses small-order keys and points and non-canonical encodings, so that a signature accepted by
//! one terminal is accepted by all.

#[cfg(any(target_arch = "wasm32", test))]
mod dalek;
#[cfg(not(target_arch = "wasm32"))]
mod ring;

use ed25519_dalek::{Signature, VerifyingKey};
use thiserror::Error;

#[cfg(target_arch = "wasm32")]
use self::dalek::Pair;
#[cfg(not(target_arch = "wasm32"))]
use self::ring::Pair;

use crate::label::{self, Label};
use crate::rng::Rng;
use crate::secret::Secret;

/// Why a key or a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignError {
    /// The seed cannot be used.
    #[error("this signing seed cannot be used: make a new one")]
    Seed,
    /// The public key or the signature is malformed, or does not fit the message.
    #[error("the signature does not fit: refuse what it was attached to")]
    Refused,
}

/// An Ed25519 key pair from a 32-byte seed.
pub struct SigningKey {
    seed: Secret<32>,
    pair: Pair,
    public: [u8; 32],
}

impl SigningKey {
    /// The key pair of a seed (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    /// [`SignError::Seed`] if the seed is unusable.
    pub fn from_seed(seed: &Secret<32>) -> Result<Self, SignError> {
        let pair = Pair::from_seed(seed.expose()).ok_or(SignError::Seed)?;
        let public = pair.public().ok_or(SignError::Seed)?;
        Ok(Self {
            seed: seed.clone(),
            pair,
            public,
        })
    }

    /// A fresh key pair.
    ///
    /// # Errors
    /// As [`SigningKey::from_seed`].
    pub fn generate(rng: &mut impl Rng) -> Result<Self, SignError> {
        Self::from_seed(&Secret::random(rng))
    }

    /// The seed, for a key file.
    #[must_use]
    pub const fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    /// The public key, 32 bytes.
    #[must_use]
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    /// Signs a message for one purpose; 64 bytes.
    #[must_use]
    pub fn sign(&self, label: Label, message: &[u8]) -> [u8; 64] {
        self.sign_raw(&labelled(label, message))
    }

    /// Signs bytes that carry their own context.
    pub(crate) fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Checks a signature made by [`SigningKey::sign`].
///
/// # Errors
/// [`SignError::Refused`] for a malformed or weak key, a malformed signature, or one that does not fit.
pub fn verify(
    public: &[u8; 32],
    label: Label,
    message: &[u8],
    signature: &[u8; 64],
) -> Result<(), SignError> {
    verify_raw(public, &labelled(label, message), signature)
}

/// Checks a signature over bytes that carry their own context.
pub(crate) fn verify_raw(
    public: &[u8; 32],
    message: &[u8],
    signature: &[u8; 64],
) -> Result<(), SignError> {
    VerifyingKey::from_bytes(public)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
        .map_err(|_| SignError::Refused)
}

fn labelled(label: Label, message: &[u8]) -> Vec<u8> {
    [label.as_bytes(), &[0], message].concat()
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$sign_doc:meta])* $sign:ident, $verify:ident => $label:ident;)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(SigningKey);

        impl $name {
            /// The key pair of a seed.
            ///
            /// # Errors
            /// [`SignError::Seed`] if the seed is unusable.
            pub fn from_seed(seed: &Secret<32>) -> Result<Self, SignError> {
                SigningKey::from_seed(seed).map(Self)
            }

            /// A fresh key pair.
            ///
            /// # Errors
            /// As `from_seed`.
            pub fn generate(rng: &mut impl Rng) -> Result<Self, SignError> {
                SigningKey::generate(rng).map(Self)
            }

            /// The seed, for a key file.
            #[must_use]
            pub const fn seed(&self) -> &Secret<32> {
                self.0.seed()
            }

            /// The public key, 32 bytes.
            #[must_use]
            pub const fn public(&self) -> [u8; 32] {
                self.0.public()
            }

            $(
                $(#[$sign_doc])*
                #[must_use]
                pub fn $sign(&self, message: &[u8]) -> [u8; 64] {
                    self.0.sign(label::$label, message)
                }

                /// Checks a signature of this purpose.
                ///
                /// # Errors
                /// [`SignError::Refused`] if it does not fit.
                pub fn $verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), SignError> {
                    verify(public, label::$label, message, signature)
                }
            )*
        }
    )+};
}

purposes! {
    /// The programme's root key, which the service does not have: signs the core of the trust bundle.
    RootKey {
        /// Signs a core's payload.
        sign, verify => SIGN_CORE;
    }
    /// The service's list key: signs what comes and goes without the root.
    ListKey {
        /// Signs the key of a provider's domain.
        sign_listing, verify_listing => SIGN_LISTING;
        /// Signs where the log of keys ends.
        sign_head, verify_head => SIGN_HEAD;
    }
    /// Signs status lists.
    StatusKey {
        /// Signs a status list that is not inside a COSE message.
        sign, verify => SIGN_STATUS;
    }
    /// Signs releases.
    ReleaseKey {
        /// Signs a release or an export of it.
        sign, verify => SIGN_RELEASE;
    }
    /// A provider's key: signs its reports to the statistics store.
    ReportKey {
        /// Signs a report.
        sign, verify => SIGN_REPORT;
    }
    /// A terminal's own key.
    TerminalKey {
        /// Signs the end of a log-in.
        sign_login, verify_login => SIGN_TERMINAL_LOGIN;
    }
}

impl StatusKey {
    /// Signs the bytes of a COSE signature structure.
    pub(crate) fn sign_cose(&self, structure: &[u8]) -> [u8; 64] {
        self.0.sign_raw(structure)
    }
}

#[cfg(test)]
mod tests;

//! Bytes that must not leak: wiped on drop, compared in constant time, never printed, never serialised.
//!
//! Limit: a move may leave a copy on the stack that nothing wipes; keep secrets behind references where they live long.

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::FormatError;
use crate::rng::Rng;

/// Exactly `N` secret bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes over `N` bytes.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// `N` fresh random bytes.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut out = Self([0; N]);
        rng.fill_bytes(&mut out.0);
        out
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> TryFrom<&[u8]> for Secret<N> {
    type Error = FormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, FormatError> {
        <[u8; N]>::try_from(bytes)
            .map(Self)
            .map_err(|_| FormatError::new("a secret", "of its fixed length"))
    }
}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> std::fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Types of secret bytes of a fixed length, one for each purpose so that none is mistaken for another: made from bytes or
/// at random, shown by `expose` alone.
macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident, $length:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name($crate::secret::Secret<{ $length }>);

        impl $name {
            /// From its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self($crate::secret::Secret::new(bytes))
            }

            /// A fresh one.
            pub fn random(rng: &mut impl $crate::rng::Rng) -> Self {
                Self($crate::secret::Secret::random(rng))
            }

            /// The bytes, for the one call that needs them.
            #[must_use]
            pub const fn expose(&self) -> &[u8; $length] {
                self.0.expose()
            }
        }
    )+};
}

pub(crate) use secrets;

/// Secret bytes of any length (a passphrase, an unsealed key file). The length itself is not protected.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes over the bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for SecretBytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<String> for SecretBytes {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl ConstantTimeEq for SecretBytes {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for SecretBytes {}

impl std::fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn debug_is_redacted() {
        assert_eq!(format!("{:?}", Secret::new([0x41; 32])), "Secret(..)");
        assert_eq!(
            format!("{:?}", SecretBytes::new(b"AAAA".to_vec())),
            "SecretBytes(..)"
        );
    }

    #[test]
    fn only_the_exact_length_is_taken() {
        assert!(Secret::<16>::try_from(&[0u8; 15][..]).is_err());
        assert!(Secret::<16>::try_from(&[0u8; 17][..]).is_err());
        let taken = Secret::<16>::try_from(&[9u8; 16][..]).unwrap();
        assert_eq!(taken.expose(), &[9; 16]);
    }

    #[test]
    fn equality_looks_at_every_byte() {
        let one = Secret::new([5; 32]);
        for place in 0..32 {
            let mut other = [5; 32];
            other[place] ^= 0x80;
            assert_ne!(one, Secret::new(other));
        }
        assert_eq!(one, one.clone());
        assert_ne!(
            SecretBytes::from(&b"a"[..]),
            SecretBytes::from(String::from("ab"))
        );
    }

    #[test]
    fn wiping_leaves_zeros() {
        let mut secret = Secret::new([7; 32]);
        secret.zeroize();
        assert_eq!(secret.expose(), &[0; 32]);
        let mut bytes = SecretBytes::new(vec![7; 9]);
        bytes.zeroize();
        assert!(bytes.expose().is_empty());
    }
}

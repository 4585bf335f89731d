//! Tokens that let whoever bears them in: shown once, stored only as a hash.
//!
//! Text form: a role token is `pyr_` and base64url of 32 random bytes, an invitation ([`crate::invitation`]) `pyi_` and what it says.
//! The stored hash covers every byte, under a label of the kind.
//!
//! An invitation's text goes from person to person only. The service is given the hash when it is made and an [`Opener`] when it is
//! used; from neither it can write the text.

use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::b64;
use crate::digest;
use crate::label;
use crate::rng::Rng;
use crate::secret::Secret;

/// The text is not a token of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not a token of the right kind: copy it again, whole")]
pub struct TokenError;

/// One role of the service towards the other.
const ROLE: &str = "pyr_";
/// The first letters of an invitation.
pub(crate) const INVITATION: &str = "pyi_";

/// A token's text: secret, wiped on drop, never printed by accident.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Token(String);

impl Token {
    /// A fresh role token, and the hash to store.
    pub fn role(rng: &mut impl Rng) -> (Self, TokenHash) {
        let secret = Secret::<32>::random(rng);
        let hash = TokenHash(digest::derive(label::TOKEN_ROLE, secret.expose()));
        (Self::write(ROLE, secret.expose()), hash)
    }

    pub(crate) fn write(prefix: &str, bytes: &[u8]) -> Self {
        let encoded = Zeroizing::new(b64::encode(bytes));
        Self([prefix, &encoded].concat())
    }

    /// The text, to be shown once.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What is stored of a token. Compared in constant time.
#[derive(Clone, Copy, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// From storage.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For storage.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// The hash of a presented role token.
///
/// # Errors
/// [`TokenError`] if the text is not a role token.
pub fn role_hash(text: &str) -> Result<TokenHash, TokenError> {
    let secret = read::<32>(text, ROLE)?;
    Ok(TokenHash(digest::derive(
        label::TOKEN_ROLE,
        secret.expose(),
    )))
}

/// What opens an invitation, 32 bytes: shown to the service once, at registration.
#[derive(Clone, Debug)]
pub struct Opener(Secret<32>);

impl Opener {
    /// As derived from an invitation.
    pub(crate) const fn new(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// As received.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// To be sent.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// What the service keeps of the invitation.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(digest::derive(label::TOKEN_INVITATION, self.expose()))
    }
}

/// The bytes of a token of one kind.
pub(crate) fn read<const N: usize>(text: &str, prefix: &str) -> Result<Secret<N>, TokenError> {
    let encoded = text.strip_prefix(prefix).ok_or(TokenError)?;
    let bytes = Zeroizing::new(b64::decode(encoded).map_err(|_| TokenError)?);
    Secret::try_from(&bytes[..]).map_err(|_| TokenError)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rng::Random;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_found_again_by_their_hash() {
        let mut rng = Random::seeded([1; 32]);
        let (token, hash) = Token::role(&mut rng);
        assert_eq!(token.text().len(), 4 + 43);
        assert_eq!(role_hash(token.text()).unwrap(), hash);
        assert_ne!(Token::role(&mut rng).1, hash);
        assert_eq!(format!("{token:?} {hash:?}"), "Token(..) TokenHash(..)");
        assert_eq!(TokenHash::from_bytes(*hash.as_bytes()), hash);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_canonical(text in "(pyr_|pyi_)?[A-Za-z0-9_-]{40,70}") {
            if role_hash(&text).is_ok() {
                prop_assert_eq!(text.len(), 47);
            }
        }
    }
}

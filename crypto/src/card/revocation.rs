//! What withdraws a card: its signed blank, and a token that only a reader of the card has.
//!
//! `r = derive("revoke token", c)`, `com = derive("card commitment", r)[..16]`. The issuer saw `com` when it signed, and
//! so did whoever carried that request; neither has `r`. The service computes `com` from `r`, and its own signature over
//! the blank and `com` says which index to mark. Nobody who lacks the card can name an index that passes, so that an
//! answer says nothing about which indices are given out. Limit: whoever ever read the card can withdraw it for ever.

use super::{CardError, CardSecret, Commitment, SignedBlank};
use crate::digest::{derive_id, derive_secret};
use crate::label;
use crate::secret::Secret;

/// `r`, 32 bytes: proves that a card was read, and tells nothing of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeToken(Secret<32>);

impl RevokeToken {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    pub(super) fn derive(secret: &CardSecret) -> Self {
        Self(derive_secret(label::CARD_REVOKE_TOKEN, secret.expose()))
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// What the issuer signed.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment(derive_id(label::CARD_COMMITMENT, self.expose()))
    }
}

/// Everything that is needed to withdraw one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What the issuer signed.
    pub blank: SignedBlank,
    /// What a reader of the card has.
    pub token: RevokeToken,
}

impl Revocation {
    /// The card's index, if blank and token belong together and an issuer signed them.
    ///
    /// # Errors
    /// As [`SignedBlank::verify`].
    pub fn check(&self, issuers: &[(u8, [u8; 32])]) -> Result<u32, CardError> {
        let (index, ..) = self.blank.verify(&self.token.commitment(), issuers)?;
        Ok(index)
    }
}

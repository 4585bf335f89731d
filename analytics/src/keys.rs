//! The statistics role's secrets and their place in the key file.
//!
//! The file's bytes are JSON with base64url fields; `crypto::keyfile` seals them under the operator's passphrase. Every key
//! is drawn on its own, none is derived from another, and none is known to the identity role (which holds the two public
//! keys and the role token's text).

use crypto::hpke::{HpkePublic, HpkeSecret};
use crypto::json::{self, Hidden};
use crypto::rng::Rng;
use crypto::secret::{Secret, SecretBytes};
use crypto::sign::ReleaseKey;
use crypto::statistics::{StatisticsPublic, StatisticsSecret};
use crypto::token::{Token, TokenHash};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// All secrets of the statistics role.
pub struct AnalyticsKeys {
    /// `y`: opens the person's element of a report.
    pub elgamal: StatisticsSecret,
    /// Opens the sealed body of a report.
    pub hpke: HpkeSecret,
    /// Signs releases (Ed25519).
    pub release: ReleaseKey,
    /// Breaks ties when contributions are bounded; whoever holds it can predict which of four services is counted.
    pub bounding: Secret<32>,
    /// Turns person keys of imported files into elements; the same file imported twice meets the same people.
    pub import: Secret<32>,
    /// Keys the tags by which a report is known again in the whole store.
    pub reports: Secret<32>,
    /// Hash of the token that the identity role presents when it delivers; compared in constant time.
    pub role_token: TokenHash,
}

/// The bytes are not a key file of this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the statistics keys cannot be read: restore the key file from the programme's backup")]
pub struct KeysError;

/// The key file's fields, in its order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    elgamal: Hidden<32>,
    hpke: Hidden<32>,
    release: Hidden<32>,
    bounding: Hidden<32>,
    import: Hidden<32>,
    reports: Hidden<32>,
    role_token: Hidden<32>,
}

impl AnalyticsKeys {
    /// Draws every key. The token's text is returned once, for the identity role; only its hash stays here.
    ///
    /// # Errors
    /// [`KeysError`] when a signing key cannot be made (does not happen with a working source of randomness).
    pub fn generate(rng: &mut impl Rng) -> Result<(Self, Token), KeysError> {
        let (token, role_token) = Token::role(rng);
        let keys = Self {
            elgamal: StatisticsSecret::random(rng),
            hpke: HpkeSecret::generate(rng),
            release: ReleaseKey::generate(rng).map_err(|_| KeysError)?,
            bounding: Secret::random(rng),
            import: Secret::random(rng),
            reports: Secret::random(rng),
            role_token,
        };
        Ok((keys, token))
    }

    /// The two public keys that terminals encrypt to; they travel in the trust bundle.
    #[must_use]
    pub fn public(&self) -> (StatisticsPublic, HpkePublic) {
        (self.elgamal.public(), self.hpke.public())
    }

    /// The bytes for the sealed key file.
    ///
    /// # Errors
    /// [`KeysError`] when JSON cannot be written (does not happen for these fields).
    pub fn to_bytes(&self) -> Result<SecretBytes, KeysError> {
        let stored = Stored {
            elgamal: Hidden::of(self.elgamal.to_bytes().expose()),
            hpke: Hidden::of(self.hpke.expose()),
            release: Hidden::of(self.release.seed().expose()),
            bounding: Hidden::of(self.bounding.expose()),
            import: Hidden::of(self.import.expose()),
            reports: Hidden::of(self.reports.expose()),
            role_token: Hidden::of(self.role_token.as_bytes()),
        };
        let mut bytes = json::write(&stored).map_err(|_| KeysError)?;
        Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
    }

    /// Reads what [`AnalyticsKeys::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeysError`] when a field is missing, unknown, of the wrong length or not a valid key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeysError> {
        let stored: Stored = json::read(bytes).map_err(|_| KeysError)?;
        Ok(Self {
            elgamal: StatisticsSecret::from_bytes(stored.elgamal.expose())
                .map_err(|_| KeysError)?,
            hpke: HpkeSecret::new(stored.hpke.0),
            release: ReleaseKey::from_seed(&stored.release.0).map_err(|_| KeysError)?,
            bounding: stored.bounding.0,
            import: stored.import.0,
            reports: stored.reports.0,
            role_token: TokenHash::from_bytes(*stored.role_token.expose()),
        })
    }
}

impl std::fmt::Debug for AnalyticsKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnalyticsKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crypto::rng::Random;

    #[test]
    fn keys_survive_the_key_file_and_print_nothing() {
        let mut rng = Random::seeded([7; 32]);
        let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
        let bytes = keys.to_bytes().unwrap();
        let read = AnalyticsKeys::from_bytes(bytes.expose()).unwrap();
        assert_eq!(read.to_bytes().unwrap().expose(), bytes.expose());
        assert_eq!(format!("{keys:?}"), "AnalyticsKeys(..)");
        assert_eq!(read.release.public(), keys.release.public());
    }

    #[test]
    fn a_damaged_key_file_is_refused() {
        let mut rng = Random::seeded([8; 32]);
        let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
        let bytes = keys.to_bytes().unwrap();
        let text = std::str::from_utf8(bytes.expose()).unwrap();
        assert!(AnalyticsKeys::from_bytes(text.replace("bounding", "bound").as_bytes()).is_err());
        assert!(AnalyticsKeys::from_bytes(&bytes.expose()[..bytes.expose().len() - 1]).is_err());
        assert!(AnalyticsKeys::from_bytes(b"{}").is_err());
    }
}

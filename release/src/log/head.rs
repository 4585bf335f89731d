//! Where a log ends, signed with the release key.
//!
//! Length, number of lines and last hash. It tells one programme's log from another's and a whole copy from one whose end is
//! missing. The signed text is
//!
//! ```text
//! payung release log head 1
//! length <bytes>
//! lines <number>
//! hash <hex BLAKE3 of the last line, zeros for an empty log>
//! ```
//!
//! Nothing else that the release key signs begins like this (releases begin with a brace or `#`, export signatures with
//! `payung export signature`), so no signature fits in another's place.

use crypto::b64::Fixed;
use crypto::hex;
use crypto::sign::ReleaseKey;
use serde::{Deserialize, Serialize};

use super::error::MirrorError;

const TITLE: &str = "payung release log head 1";

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes of its whole lines.
    pub length: u64,
    /// Number of lines.
    pub lines: u64,
    /// Hash of the last line; zeros for an empty log.
    pub hash: [u8; 32],
}

impl Head {
    fn text(&self) -> String {
        format!(
            "{TITLE}\nlength {}\nlines {}\nhash {}\n",
            self.length,
            self.lines,
            hex::encode(&self.hash)
        )
    }

    /// Signs it. The same head gives the same bytes.
    #[must_use]
    pub fn sign(&self, key: &ReleaseKey) -> SignedHead {
        SignedHead {
            length: self.length,
            lines: self.lines,
            hash: Fixed(self.hash),
            key: Fixed(key.public()),
            signature: Fixed(key.sign(self.text().as_bytes())),
        }
    }
}

/// A signed head, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    length: u64,
    lines: u64,
    hash: Fixed<32>,
    key: Fixed<32>,
    signature: Fixed<64>,
}

impl SignedHead {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`MirrorError::Head`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MirrorError> {
        serde_json::from_slice(bytes).map_err(|_| MirrorError::Head)
    }

    /// The head, if `key` signed it.
    ///
    /// # Errors
    /// [`MirrorError::OtherKey`], [`MirrorError::Signature`].
    pub fn verify(&self, key: &[u8; 32]) -> Result<Head, MirrorError> {
        if self.key.0 != *key {
            return Err(MirrorError::OtherKey);
        }
        let head = Head {
            length: self.length,
            lines: self.lines,
            hash: self.hash.0,
        };
        ReleaseKey::verify(key, head.text().as_bytes(), &self.signature.0)
            .map_err(|_| MirrorError::Signature)?;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crypto::rng::Random;

    use super::*;

    #[test]
    fn a_changed_head_is_refused() {
        let head = Head {
            length: 1_314,
            lines: 6,
            hash: [5; 32],
        };
        let ours = ReleaseKey::generate(&mut Random::seeded([1; 32])).unwrap();
        let forged = |change: fn(&mut SignedHead)| {
            let mut signed = head.sign(&ours);
            change(&mut signed);
            signed.verify(&ours.public()).unwrap_err()
        };
        assert_eq!(forged(|one| one.length += 1), MirrorError::Signature);
        assert_eq!(forged(|one| one.lines -= 1), MirrorError::Signature);
        assert_eq!(forged(|one| one.hash.0[3] ^= 1), MirrorError::Signature);
        assert_eq!(
            forged(|one| one.signature.0[9] ^= 1),
            MirrorError::Signature
        );
        assert_eq!(forged(|one| one.key.0[0] ^= 1), MirrorError::OtherKey);
        for bytes in [&b"{}"[..], b"", b"[1]"] {
            assert_eq!(
                SignedHead::from_bytes(bytes).unwrap_err(),
                MirrorError::Head
            );
        }
        // An export's or a release's signature is over another text.
        let other = ours.sign(b"payung export signature 1\n");
        let mut signed = head.sign(&ours);
        signed.signature = Fixed(other);
        assert_eq!(signed.verify(&ours.public()), Err(MirrorError::Signature));
    }
}

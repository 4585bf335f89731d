//! The exact bytes of a release and its signature.
//!
//! A release is assembled from public facts and noisy measurements by a pure function, once, and stored as bytes. The signed
//! file is one line of JSON: `{"release":{..},"key":..,"signature":..,"hash":..,"csv_signature":..}`. The bytes of the
//! `release` object are taken as they stand: `hash` is their BLAKE3 (hex), `signature` their Ed25519 signature under the
//! programme's release key. `csv_signature` signs the CSV form, so that no export ever needs the private key.

use crypto::b64::{self, Fixed};
use crypto::sign::ReleaseKey;
use crypto::{digest, hex};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::csv;
use super::error::ReleaseError;
use super::object::{FORMAT, Release};

/// The file as exported: the release's own bytes, untouched, and what vouches for them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedRelease {
    /// The bytes that are hashed and signed.
    pub release: Box<RawValue>,
    /// The release key's public half.
    pub key: Fixed<32>,
    /// Ed25519 over the release's bytes.
    pub signature: Fixed<64>,
    /// BLAKE3 of the release's bytes, hex.
    pub hash: String,
    /// Ed25519 over the CSV form.
    pub csv_signature: Fixed<64>,
}

/// A signed release as stored: the file's bytes and the release's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The JSON file, one line with its newline.
    pub body: Vec<u8>,
    /// BLAKE3 of the inner release.
    pub hash: [u8; 32],
}

/// Writes and signs a release. Ed25519 is deterministic: the same release under the same key gives the same bytes.
///
/// # Errors
/// [`ReleaseError::Format`] when JSON cannot be written (does not happen for these fields).
pub fn seal(release: &Release, key: &ReleaseKey) -> Result<Sealed, ReleaseError> {
    let text = serde_json::to_string(release).map_err(|_| ReleaseError::Format)?;
    let hash = digest::hash(text.as_bytes());
    let signature = Fixed(key.sign(text.as_bytes()));
    let csv_signature = Fixed(key.sign(csv::unsigned(release, &hash, &key.public()).as_bytes()));
    let release = RawValue::from_string(text).map_err(|_| ReleaseError::Format)?;
    let signed = SignedRelease {
        release,
        key: Fixed(key.public()),
        signature,
        hash: hex::encode(&hash),
        csv_signature,
    };
    Ok(Sealed {
        body: signed.to_bytes()?,
        hash,
    })
}

/// The signed CSV form of a stored file.
///
/// # Errors
/// [`ReleaseError::Format`] when the bytes are no release.
pub fn as_csv(body: &[u8]) -> Result<Vec<u8>, ReleaseError> {
    let signed = SignedRelease::from_bytes(body)?;
    let hash = digest::hash(signed.release.get().as_bytes());
    let mut text = csv::unsigned(&signed.open()?, &hash, &signed.key.0);
    text.push_str(csv::SIGNATURE);
    text.push_str(&b64::encode(&signed.csv_signature.0));
    text.push('\n');
    Ok(text.into_bytes())
}

impl SignedRelease {
    /// Reads a file written by [`seal`]; nothing is verified yet.
    ///
    /// # Errors
    /// [`ReleaseError::Format`] when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReleaseError> {
        serde_json::from_slice(bytes).map_err(|_| ReleaseError::Format)
    }

    /// The file's bytes, one line.
    ///
    /// # Errors
    /// [`ReleaseError::Format`] when JSON cannot be written (does not happen for these fields).
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReleaseError> {
        let mut bytes = serde_json::to_vec(self).map_err(|_| ReleaseError::Format)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The release inside.
    ///
    /// # Errors
    /// [`ReleaseError::Format`] when it is of another format.
    pub fn open(&self) -> Result<Release, ReleaseError> {
        let release: Release =
            serde_json::from_str(self.release.get()).map_err(|_| ReleaseError::Format)?;
        if release.format == FORMAT {
            Ok(release)
        } else {
            Err(ReleaseError::Format)
        }
    }
}

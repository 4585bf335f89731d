//! Verification of an exported file, without a database: anybody who knows the programme's release key can do it.
//!
//! A JSON file is accepted when it is byte for byte what this programme writes, its hash and both signatures fit, and, when
//! its noise parameters are those of this version's catalogue, every published number follows from the raw measurements in
//! it. A CSV file is accepted when its signature covers every byte before the signature line.

use crypto::b64::{self, Fixed};
use crypto::day::Quarter;
use crypto::sign::ReleaseKey;
use crypto::{digest, hex};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::assemble::assemble;
use super::csv;
use super::object::Release;
use super::parts::{Parts, parts};
use super::seal::SignedRelease;

/// A verified file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// BLAKE3 of the JSON release, hex.
    pub hash: String,
    /// True when every published number was computed again from the raw measurements and agreed (JSON only).
    pub recomputed: bool,
}

impl Verified {
    /// What was checked, in one sentence.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        if self.recomputed {
            "the signature fits and every published number follows from the measurements in the file"
        } else {
            "the signature fits"
        }
    }
}

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifyError {
    /// Neither JSON nor CSV of a release, or not written the one way it is written.
    #[error(
        "this is not a release file as the programme writes it: fetch it again from the programme"
    )]
    Format,
    /// It names another key.
    #[error(
        "this file is signed with another programme's key: check that you have the right file and the right key"
    )]
    OtherKey,
    /// A signature or the hash does not fit.
    #[error("the signature does not fit: the file was changed after it was published")]
    Signature,
    /// The numbers do not follow from the measurements.
    #[error(
        "the published numbers do not follow from the measurements in the file: report this to the programme"
    )]
    Numbers,
}

/// Verifies a JSON or CSV export against the programme's release key, from its bytes alone.
///
/// # Errors
/// [`VerifyError`] as its texts say.
pub fn verify(file: &[u8], key: &[u8; 32]) -> Result<Verified, VerifyError> {
    if file.starts_with(b"#") {
        verify_csv(file, key)
    } else {
        verify_json(file, key)
    }
}

fn verify_json(file: &[u8], key: &[u8; 32]) -> Result<Verified, VerifyError> {
    let signed = SignedRelease::from_bytes(file).map_err(|_| VerifyError::Format)?;
    if signed.to_bytes().map_err(|_| VerifyError::Format)? != file {
        return Err(VerifyError::Format);
    }
    if signed.key.0 != *key {
        return Err(VerifyError::OtherKey);
    }
    let bytes = signed.release.get().as_bytes();
    let hash = digest::hash(bytes);
    ReleaseKey::verify(key, bytes, &signed.signature.0).map_err(|_| VerifyError::Signature)?;
    let release = signed.open().map_err(|_| VerifyError::Format)?;
    let text = csv::unsigned(&release, &hash, key);
    ReleaseKey::verify(key, text.as_bytes(), &signed.csv_signature.0)
        .map_err(|_| VerifyError::Signature)?;
    if signed.hash != hex::encode(&hash) {
        return Err(VerifyError::Signature);
    }
    let recomputed = recompute(&release)?;
    Ok(Verified {
        period: release.period,
        version: release.version,
        hash: signed.hash,
        recomputed,
    })
}

fn verify_csv(file: &[u8], key: &[u8; 32]) -> Result<Verified, VerifyError> {
    let text = std::str::from_utf8(file).map_err(|_| VerifyError::Format)?;
    let body = text.strip_suffix('\n').ok_or(VerifyError::Format)?;
    let end = body.rfind('\n').ok_or(VerifyError::Format)? + 1;
    let (before, last) = body.split_at(end);
    let signature = last
        .strip_prefix(csv::SIGNATURE)
        .and_then(|text| b64::decode(text).ok())
        .ok_or(VerifyError::Format)?;
    let signature = Fixed::<64>::try_from(&signature[..]).map_err(|_| VerifyError::Format)?;
    let mut lines = before.lines();
    let mut field = |prefix| {
        lines
            .next()
            .and_then(|line| line.strip_prefix(prefix))
            .ok_or(VerifyError::Format)
    };
    let name = field("# payung release ")?;
    let (hash, named) = (field("# hash ")?.to_owned(), field("# key ")?);
    if named != b64::encode(key) {
        return Err(VerifyError::OtherKey);
    }
    ReleaseKey::verify(key, before.as_bytes(), &signature.0).map_err(|_| VerifyError::Signature)?;
    let (period, version) = name.split_once(" version ").ok_or(VerifyError::Format)?;
    let (period, version) = (period.parse().ok(), version.parse().ok());
    let (period, version) = period.zip(version).ok_or(VerifyError::Format)?;
    Ok(Verified {
        period,
        version,
        hash,
        recomputed: false,
    })
}

/// Assembles the release again from the raw measurements it carries; false when it was made under another catalogue.
fn recompute(release: &Release) -> Result<bool, VerifyError> {
    let Some(Parts {
        facts,
        plans,
        values,
    }) = parts(release).map_err(|_| VerifyError::Numbers)?
    else {
        return Ok(false);
    };
    let again = assemble(&facts, &plans, &values).map_err(|_| VerifyError::Numbers)?;
    if again == *release {
        Ok(true)
    } else {
        Err(VerifyError::Numbers)
    }
}

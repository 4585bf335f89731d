//! What a browser asks of this house: whether a published file is to be believed.
//!
//! The page hands over the bytes of a file and the programme's release key and gets a verdict as JSON. Nothing here does I/O,
//! reads a clock or draws randomness, and no input makes it panic. Node runs the very module that a page loads, over
//! the same files as the tests of `release`, and compares each verdict with the one that this crate gives on its own
//! machine, byte for byte.
#![forbid(unsafe_code)]

use crypto::hex;
use release::verify::{Verified, VerifyError};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// What is said of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The programme signed exactly these bytes.
    Verified {
        /// The quarter, such as `2027Q3`.
        period: String,
        /// 1 for the quarter's first release.
        version: u32,
        /// BLAKE3 of the JSON release, hexadecimal.
        hash: String,
        /// Whether every published number was computed again from the measurements in the file and agreed.
        recomputed: bool,
    },
    /// The file, or the key, is not what it should be.
    Refused {
        /// One word for programs: `key`, `format`, `other-key`, `signature` or `numbers`.
        reason: &'static str,
        /// What to do, for people.
        text: String,
    },
}

/// Verifies a JSON or CSV release; `key` is the programme's release key, 64 lower-case hexadecimal digits.
#[must_use]
pub fn verdict(file: &[u8], key: &str) -> Verdict {
    let Some(key) = hex::decode::<32>(key) else {
        let text = "a release key has 64 lower-case hexadecimal digits: copy it again".to_owned();
        return Verdict::Refused {
            reason: "key",
            text,
        };
    };
    match release::verify::verify(file, &key) {
        Ok(Verified {
            period,
            version,
            hash,
            recomputed,
        }) => Verdict::Verified {
            period: period.to_string(),
            version,
            hash,
            recomputed,
        },
        Err(error) => Verdict::Refused {
            reason: reason(error),
            text: error.to_string(),
        },
    }
}

const fn reason(error: VerifyError) -> &'static str {
    match error {
        VerifyError::Format => "format",
        VerifyError::OtherKey => "other-key",
        VerifyError::Signature => "signature",
        VerifyError::Numbers => "numbers",
    }
}

/// [`verdict`] as JSON text, for a page.
#[must_use]
#[wasm_bindgen(js_name = verifyRelease)]
pub fn verify_release(file: &[u8], key: &str) -> String {
    // Text, numbers and words only: writing them cannot fail.
    serde_json::to_string(&verdict(file, key)).unwrap_or_default()
}

#[cfg(test)]
mod tests;

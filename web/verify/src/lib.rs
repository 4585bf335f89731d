//! Whether a published file is to be believed: the code of `payung release verify`, bound for whoever checks a file in a browser.
//!
//! A module of its own beside `web/core`: who counts clients does not load it. No input makes this panic.
#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use crypto::hex;
use release::verdict::Verdict;
use release::verify::verify;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

/// Said of a key that is none, in the form of [`Verdict`].
#[derive(Serialize)]
struct NoKey {
    verdict: &'static str,
    cause: &'static str,
    sentence: &'static str,
}

const NO_KEY: NoKey = NoKey {
    verdict: "refused",
    cause: "key",
    sentence: "a release key has 64 lower-case hexadecimal digits: copy it again",
};

/// Verifies a JSON or CSV release; `key` is the programme's release key, 64 lower-case hexadecimal digits. The answer is a
/// [`Verdict`] as JSON, or the same with the cause `key`.
#[must_use]
#[wasm_bindgen(js_name = verifyRelease)]
pub fn verify_release(file: &[u8], key: &str) -> String {
    let said = match hex::decode::<32>(key) {
        Some(key) => serde_json::to_string(&Verdict::from(verify(file, &key))),
        None => serde_json::to_string(&NO_KEY),
    };
    // Text, numbers and words only: writing them cannot fail.
    said.unwrap_or_default()
}

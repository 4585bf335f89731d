//! The vectors of `crypto`, checked in a browser.
//!
//! A module of its own: what people load offers no primitives and carries no checks. This one has the same `crypto` inside, by
//! the same compiler, profile and flags and with the same features of every library, and is run beside the pages by `web/tests/vectors.test.mjs`; no
//! page loads it, and nothing that is delivered holds it. Elsewhere than in a browser it is empty.
#![forbid(unsafe_code)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// Checks one file of `crypto/vectors`, by its path below that folder and its text; how many cases held.
///
/// # Errors
/// A sentence that names the first case which does not hold; it is thrown as text.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen(js_name = checkVectors)]
pub fn check_vectors(name: &str, text: &str) -> Result<usize, String> {
    crypto::vectors::check(name, text)
}

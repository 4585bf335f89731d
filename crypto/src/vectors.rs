//! Whether the vectors of `crypto/vectors` hold: the same check for this machine's tests and for a browser.
//!
//! Published vectors are gone through step by step; our own are derived anew from fixed inputs and compared as a whole. The
//! module exists in tests and under the feature `vectors`, which only `web/vectors` asks for; nothing that is delivered has it.

pub(crate) mod card;
pub(crate) mod case;
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::card::edge;
use crate::{digest, domain, opaque, reopen, request, statistics, voprf};
use case::{Held, equal};

/// Checks one file: its path below `crypto/vectors`, and its text. Answers how many cases held; of our own vectors every value is one.
///
/// # Errors
/// A sentence that names the first case which does not hold, or says that nobody knows the file or that it is not JSON.
pub fn check(name: &str, text: &str) -> Result<usize, String> {
    let file = serde_json::from_str(text).map_err(|_| "this file is not JSON".to_owned())?;
    checked(name, &file).map_err(|error| format!("{name}: {error}"))
}

fn checked(name: &str, file: &Value) -> Held<usize> {
    match name {
        "card.json" => equal(file, &card::made()?),
        "derivation.json" => equal(file, &domain::vectors::made()?),
        "reopen.json" => equal(file, &reopen::vectors::made()?),
        "request.json" => equal(file, &request::vectors::made()?),
        "blake3/test_vectors.json" => digest::vectors::blake3(file),
        "rfc9497/allVectors.json" => {
            let evaluated = voprf::vectors::base_mode(file)? + voprf::vectors::voprf_mode(file)?;
            Ok(evaluated + statistics::vectors::hashed(file)?)
        }
        "rfc9807/vectors.json" => {
            Ok(opaque::vectors::real(file)? + opaque::vectors::unknown(file)?)
        }
        "edge/card-signatures.json" => edge::signatures(file),
        "edge/card-cbor.json" => edge::encodings(file),
        "edge/voprf-answers.json" => voprf::vectors::answers(file),
        "edge/elgamal.json" => statistics::vectors::pairs(file),
        _ => Err("nobody knows how to check this file".into()),
    }
}

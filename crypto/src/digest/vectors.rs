//! The BLAKE3 project's own vectors, through the functions of this module.

use serde_json::Value;

use super::{derive, derive_id, hash, keyed};
use crate::label::Label;
use crate::vectors::case::{Held, bytes, each, same, text};

/// Every case, in all three modes; of each output the first 32 bytes, more is never asked for.
pub(crate) fn blake3(file: &Value) -> Held<usize> {
    let key: [u8; 32] = text(&file["key"])?.as_bytes().try_into()?;
    let context = Label::for_vectors("BLAKE3 2019-12-27 16:29:52 test vectors context");
    same(
        "context_string",
        context.as_str(),
        text(&file["context_string"])?,
    )?;
    each(&file["cases"], |case| {
        let length = case["input_len"].as_u64().ok_or("no input_len")?;
        let input: Vec<u8> = (0..=250).cycle().take(usize::try_from(length)?).collect();
        let expect = |field: &str| -> Held<Vec<u8>> {
            let all = bytes(&case[field])?;
            Ok(all.get(..32).ok_or("fewer than 32 bytes")?.to_vec())
        };
        same("hash", &hash(&input)[..], expect("hash")?)?;
        same(
            "keyed_hash",
            &keyed(&key, &input)[..],
            expect("keyed_hash")?,
        )?;
        let derived = expect("derive_key")?;
        same("derive_key", &derive(context, &input)[..], &derived[..])?;
        same(
            "derive_key, cut",
            &derive_id(context, &input)[..],
            &derived[..16],
        )
    })
}

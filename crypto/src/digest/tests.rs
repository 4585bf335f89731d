//! The BLAKE3 project's own vectors, through the functions of this module.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use super::*;
use crate::label;

#[test]
fn blake3_vectors() {
    let Some(file) = crate::tests::outside::vectors("blake3/test_vectors.json") else {
        return;
    };
    let key: [u8; 32] = file["key"].as_str().unwrap().as_bytes().try_into().unwrap();
    let context = Label::for_vectors("BLAKE3 2019-12-27 16:29:52 test vectors context");
    assert_eq!(context.as_str(), file["context_string"].as_str().unwrap());
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 35);
    for case in cases {
        let length = usize::try_from(case["input_len"].as_u64().unwrap()).unwrap();
        let input: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let expect = |field: &str| crate::tests::outside::hex_of(&case[field])[..32].to_vec();
        assert_eq!(hash(&input).to_vec(), expect("hash"));
        assert_eq!(keyed(&key, &input).to_vec(), expect("keyed_hash"));
        assert_eq!(derive(context, &input).to_vec(), expect("derive_key"));
        assert_eq!(derive_id(context, &input)[..], expect("derive_key")[..16]);
    }
}

#[test]
fn labels_and_part_boundaries_separate() {
    assert_ne!(
        derive(label::ENVELOPE_ID, b"x"),
        derive(label::ENVELOPE_KEY, b"x")
    );
    assert_ne!(
        derive_parts(label::STAFF_CREDENTIAL, &[b"ab", b"c"]),
        derive_parts(label::STAFF_CREDENTIAL, &[b"a", b"bc"])
    );
    assert_ne!(
        derive_parts(label::STAFF_CREDENTIAL, &[b"ab"]),
        derive_parts(label::STAFF_CREDENTIAL, &[b"ab", b""])
    );
}

#[test]
fn keyed_parts_frame_like_derived_ones() {
    let key = [7; 32];
    let framed = [&2_u64.to_be_bytes()[..], b"ab", &1_u64.to_be_bytes(), b"c"].concat();
    assert_eq!(keyed_parts(&key, &[b"ab", b"c"]), keyed(&key, &framed));
    assert_ne!(
        keyed_parts(&key, &[b"ab", b"c"]),
        keyed_parts(&key, &[b"a", b"bc"])
    );
    assert_ne!(
        keyed_parts(&key, &[b"ab"]),
        keyed_parts(&key, &[b"ab", b""])
    );
}

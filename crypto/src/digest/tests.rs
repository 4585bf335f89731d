//! The BLAKE3 project's own vectors, through the functions of this module.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::label;
use crate::tests::outside::kept;

#[test]
fn blake3_vectors() {
    let file = kept("blake3/test_vectors.json");
    assert_eq!(vectors::blake3(&file).unwrap(), 35);
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

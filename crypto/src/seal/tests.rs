//! Wycheproof's XChaCha20-Poly1305 cases, and the binding of purpose and id.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::label;
use crate::rng::Random;
use crate::tests::outside::{hex_array, hex_of, vectors};
use proptest::prelude::*;

#[test]
fn wycheproof_xchacha20_poly1305() {
    let Some(file) = vectors("wycheproof/xchacha20_poly1305_test.json") else {
        return;
    };
    let (mut valid, mut invalid) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let (key, aad) = (hex_array::<32>(&test["key"]), hex_of(&test["aad"]));
            let sealed = [
                hex_of(&test["iv"]),
                hex_of(&test["ct"]),
                hex_of(&test["tag"]),
            ]
            .concat();
            let opened = open_with(&key, &aad, &sealed);
            if test["result"] == "valid" {
                let plain = hex_of(&test["msg"]);
                assert_eq!(opened.unwrap(), plain, "case {}", test["tcId"]);
                let again = seal_with(&key, &hex_array(&test["iv"]), &aad, &plain).unwrap();
                assert_eq!(again, sealed, "case {}", test["tcId"]);
                valid += 1;
            } else {
                assert_eq!(opened, Err(SealError::Refused), "case {}", test["tcId"]);
                invalid += 1;
            }
        }
    }
    assert_eq!(
        (valid + invalid) as u64,
        file["numberOfTests"].as_u64().unwrap()
    );
    assert!(valid > 200 && invalid > 50);
}

#[test]
fn every_part_is_bound() {
    let (key, mut rng) = ([7; 32], Random::seeded([1; 32]));
    let sealed = seal(&key, label::ROSTER_SEAL, b"id", b"plain", &mut rng).unwrap();
    assert_eq!(sealed.len(), 5 + OVERHEAD);
    assert_eq!(
        open(&key, label::ROSTER_SEAL, b"id", &sealed).unwrap(),
        b"plain"
    );
    assert!(open(&[8; 32], label::ROSTER_SEAL, b"id", &sealed).is_err());
    assert!(open(&key, label::LOCKER_SEAL, b"id", &sealed).is_err());
    assert!(open(&key, label::ROSTER_SEAL, b"ie", &sealed).is_err());
    assert!(open(&key, label::ROSTER_SEAL, b"", &sealed).is_err());
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert!(open(&key, label::ROSTER_SEAL, b"id", &altered).is_err());
    }
    for length in 0..sealed.len() {
        assert!(open(&key, label::ROSTER_SEAL, b"id", &sealed[..length]).is_err());
    }
}

#[test]
fn the_same_plain_text_never_looks_the_same() {
    let mut rng = Random::seeded([1; 32]);
    let mut make = || seal(&[7; 32], label::ROSTER_SEAL, b"id", b"plain", &mut rng).unwrap();
    assert_ne!(make(), make());
}

proptest! {
    #[test]
    fn round_trip(key: [u8; 32], id: Vec<u8>, plain: Vec<u8>, seed: [u8; 32]) {
        let mut rng = Random::seeded(seed);
        let sealed = seal(&key, label::ENVELOPE_SEAL, &id, &plain, &mut rng).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
        prop_assert_eq!(open(&key, label::ENVELOPE_SEAL, &id, &sealed).unwrap(), plain);
    }

    #[test]
    fn any_bytes_are_refused(key: [u8; 32], bytes: Vec<u8>) {
        prop_assert_eq!(open(&key, label::ENVELOPE_SEAL, b"", &bytes), Err(SealError::Refused));
    }
}

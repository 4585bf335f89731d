//! RFC 8032 by both halves, Wycheproof's Ed25519 cases and ours through the strict core, and the separation of purposes.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Random;
use crate::tests::outside::{hex, hex_of, vectors};
use curve25519_dalek::Scalar;
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::scalar::clamp_integer;
use proptest::prelude::*;
use sha2::{Digest, Sha512};

#[test]
fn wycheproof_ed25519() {
    let Some(file) = vectors("wycheproof/ed25519_test.json") else {
        return;
    };
    let (mut valid, mut invalid) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let public: [u8; 32] = hex_of(&group["publicKey"]["pk"]).try_into().unwrap();
        for test in group["tests"].as_array().unwrap() {
            let message = hex_of(&test["msg"]);
            let accepted = <[u8; 64]>::try_from(hex_of(&test["sig"]))
                .is_ok_and(|signature| verify_raw(&public, &message, &signature).is_ok());
            assert_eq!(accepted, test["result"] == "valid", "case {}", test["tcId"]);
            if accepted {
                valid += 1;
            } else {
                invalid += 1;
            }
        }
    }
    assert_eq!(
        (valid + invalid) as u64,
        file["numberOfTests"].as_u64().unwrap()
    );
    assert!(valid > 50 && invalid > 50);
}

/// RFC 8032, section 7.1, tests 1 and 2, by both halves: seed, public key, message, signature.
#[test]
fn rfc_8032_vectors() {
    for [seed, public, message, signature] in [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
    ] {
        let (seed, message) = (hex(seed).try_into().unwrap(), hex(message));
        let (public, signature) = (hex(public), hex(signature));
        let (one, other) = halves(&seed);
        assert_eq!(one.public().unwrap().to_vec(), public);
        assert_eq!(other.public().unwrap().to_vec(), public);
        assert_eq!(one.sign(&message).to_vec(), signature);
        assert_eq!(other.sign(&message).to_vec(), signature);
    }
}

/// The pair of a seed as everywhere and as in a browser.
fn halves(seed: &[u8; 32]) -> (ring::Pair, dalek::Pair) {
    let (one, other) = (ring::Pair::from_seed(seed), dalek::Pair::from_seed(seed));
    (one.unwrap(), other.unwrap())
}

/// No point of small order is taken: as a key it would accept one signature for every message.
#[test]
fn small_order_keys_are_refused() {
    let seed = Secret::new([3; 32]);
    let public = SigningKey::from_seed(&seed).unwrap().public();
    let expanded: [u8; 64] = Sha512::digest(seed.expose()).into();
    let secret = Scalar::from_bytes_mod_order(clamp_integer(expanded[..32].try_into().unwrap()));
    for point in EIGHT_TORSION {
        let small = point.compress().to_bytes();
        for first in EIGHT_TORSION {
            let signature = joined(&first.compress().to_bytes(), &[0; 32]);
            for message in 0u8..16 {
                assert!(verify_raw(&small, &[message], &signature).is_err());
            }
        }
        // Fits an honest key by the equation alone when the point is the identity.
        let hash: [u8; 64] = Sha512::digest([&small[..], &public, b"anything"].concat()).into();
        let scalar = Scalar::from_bytes_mod_order_wide(&hash) * secret;
        let signature = joined(&small, &scalar.to_bytes());
        assert!(verify_raw(&public, b"anything", &signature).is_err());
    }
}

/// One encoding of a key, of a point and of a scalar: every other one is refused.
#[test]
fn what_is_not_canonical_is_refused() {
    // The group order, little endian (RFC 8032, section 5.1).
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let (one, other) = halves(&[3; 32]);
    for (public, signature) in [
        (one.public().unwrap(), one.sign(b"message")),
        (other.public().unwrap(), other.sign(b"message")),
    ] {
        assert!(verify_raw(&public, b"message", &signature).is_ok());
        let mut moved = signature;
        for _ in 0..8 {
            let mut carry = 0;
            for (byte, add) in moved[32..].iter_mut().zip(&order) {
                let sum = u16::from(*byte) + u16::from(*add) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
            assert!(verify_raw(&public, b"message", &moved).is_err());
        }
        // Coordinates from the field's prime up to 2^255 - 1, with either sign.
        for low in 0xed..=0xff {
            for high in [0x7f, 0xff] {
                let mut unreduced = [0xff; 32];
                (unreduced[0], unreduced[31]) = (low, high);
                let scalar = signature[32..].try_into().unwrap();
                let replaced = joined(&unreduced, scalar);
                assert!(verify_raw(&unreduced, b"message", &signature).is_err());
                assert!(verify_raw(&public, b"message", &replaced).is_err());
            }
        }
    }
}

fn joined(point: &[u8; 32], scalar: &[u8; 32]) -> [u8; 64] {
    [*point, *scalar].concat().try_into().unwrap()
}

#[test]
fn purposes_do_not_mix() {
    let key = TerminalKey::generate(&mut Random::seeded([1; 32])).unwrap();
    let signature = key.sign_login(b"message");
    let public = key.public();
    assert!(TerminalKey::verify_login(&public, b"message", &signature).is_ok());
    assert!(StatusKey::verify(&public, b"message", &signature).is_err());
    assert!(RootKey::verify(&public, b"message", &signature).is_err());
    assert!(verify_raw(&public, b"message", &signature).is_err());
    assert!(!format!("{key:?}").contains(&format!("{:?}", key.seed().expose()[0])));
    assert_eq!(format!("{key:?}"), "TerminalKey(SigningKey(..))");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Ed25519 is deterministic: a browser's terminal signs what any other would sign.
    #[test]
    fn both_halves_sign_the_same_bytes(seed: [u8; 32], message: Vec<u8>) {
        let (one, other) = halves(&seed);
        prop_assert_eq!(one.public(), other.public());
        prop_assert_eq!(one.sign(&message), other.sign(&message));
    }

    #[test]
    fn signatures_verify_and_any_change_breaks_them(seed: [u8; 32], message: Vec<u8>, place in 0usize..64, bit in 0u8..8) {
        let key = SigningKey::from_seed(&Secret::new(seed)).unwrap();
        let mut signature = key.sign(label::SIGN_RELEASE, &message);
        prop_assert!(verify(&key.public(), label::SIGN_RELEASE, &message, &signature).is_ok());
        prop_assert!(verify(&key.public(), label::SIGN_CORE, &message, &signature).is_err());
        let mut longer = message.clone();
        longer.push(0);
        prop_assert!(verify(&key.public(), label::SIGN_RELEASE, &longer, &signature).is_err());
        signature[place] ^= 1 << bit;
        prop_assert!(verify(&key.public(), label::SIGN_RELEASE, &message, &signature).is_err());
    }
}

//! Wycheproof's Ed25519 cases through the strict core, and the separation of purposes.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Random;
use crate::tests::outside::{hex, hex_of, vectors};
use proptest::prelude::*;

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

/// RFC 8032, section 7.1, test 1: the key pair of a seed and its signature over the empty message.
#[test]
fn rfc_8032_first_vector() {
    let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let key = SigningKey::from_seed(&Secret::try_from(&seed[..]).unwrap()).unwrap();
    assert_eq!(
        key.public().to_vec(),
        hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    );
    let signature = hex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    assert_eq!(key.sign_raw(b"").to_vec(), signature);
}

#[test]
fn small_order_keys_are_refused() {
    // The identity as a public key would accept one signature for every message.
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    assert_eq!(
        verify_raw(&identity, b"anything", &signature),
        Err(SignError::Refused)
    );
}

#[test]
fn purposes_do_not_mix() {
    let key = TerminalKey::generate(&mut Random::seeded([1; 32])).unwrap();
    let signature = key.sign_request(b"message");
    let public = key.public();
    assert!(TerminalKey::verify_request(&public, b"message", &signature).is_ok());
    assert!(TerminalKey::verify_login(&public, b"message", &signature).is_err());
    assert!(RootKey::verify(&public, b"message", &signature).is_err());
    assert!(verify_raw(&public, b"message", &signature).is_err());
    assert!(!format!("{key:?}").contains(&format!("{:?}", key.seed().expose()[0])));
    assert_eq!(format!("{key:?}"), "TerminalKey(SigningKey(..))");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn signatures_verify_and_any_change_breaks_them(seed: [u8; 32], message: Vec<u8>, place in 0usize..64, bit in 0u8..8) {
        let key = SigningKey::from_seed(&Secret::new(seed)).unwrap();
        let mut signature = key.sign(label::SIGN_RELEASE, &message);
        prop_assert!(verify(&key.public(), label::SIGN_RELEASE, &message, &signature).is_ok());
        prop_assert!(verify(&key.public(), label::SIGN_BUNDLE, &message, &signature).is_err());
        let mut longer = message.clone();
        longer.push(0);
        prop_assert!(verify(&key.public(), label::SIGN_RELEASE, &longer, &signature).is_err());
        signature[place] ^= 1 << bit;
        prop_assert!(verify(&key.public(), label::SIGN_RELEASE, &message, &signature).is_err());
    }
}

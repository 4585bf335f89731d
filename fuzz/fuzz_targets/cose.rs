#![no_main]
//! Any bytes as COSE_Sign1 and as a blank: parsed or refused, never verified.

use crypto::card::SignedBlank;
use crypto::cose::{ALG_ED25519, Sign1};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for tagged in [false, true] {
        if let Ok(message) = Sign1::parse(data, tagged) {
            assert!(message.verify(&[1; 32], ALG_ED25519, b"").is_err());
        }
    }
    if let Some(blank) = SignedBlank::parse(data) {
        assert_eq!(blank.as_bytes().as_slice(), data);
    }
});

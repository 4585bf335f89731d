#![no_main]
//! Any text as a card: refused or, if it is a card, the same text again. Never opened without a signature.

use crypto::card::{Card, CardKeys, WrapKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(card) = Card::from_text(text) {
        assert_eq!(card.to_text(), text);
        let keys = CardKeys {
            issuers: vec![(7, [1; 32])],
            wraps: vec![WrapKey::from_bytes([2; 32])],
        };
        assert!(card.open(&keys).is_err());
    }
});

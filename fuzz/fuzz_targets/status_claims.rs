#![no_main]
//! Any bytes as the claims of a status list, signed here so that what lies behind the signature is
//! reached: claims, list and compressed bytes.

use crypto::cbor::Writer;
use crypto::status::CheckedStatusList;
use ed25519_dalek::{Signer, SigningKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|claims: &[u8]| {
    let key = SigningKey::from_bytes(&[1; 32]);
    let protected = Writer::new()
        .map(2)
        .integer(1)
        .integer(-19)
        .integer(16)
        .text("application/statuslist+cwt")
        .finish();
    let structure = Writer::new()
        .array(4)
        .text("Signature1")
        .bytes(&protected)
        .bytes(b"")
        .bytes(claims)
        .finish();
    let token = Writer::new()
        .tag(18)
        .array(4)
        .bytes(&protected)
        .map(0)
        .bytes(claims)
        .bytes(&key.sign(&structure).to_bytes())
        .finish();
    if let Ok(list) = CheckedStatusList::from_token(&token, key.verifying_key().as_bytes()) {
        assert!(list.get(u32::MAX).is_none());
        assert!(!list.is_stale(list.issued()));
    }
});

#![no_main]
//! Any bytes as a sealed roster entry, and as the JSON inside one.

use crypto::id::{EntryId, ProviderId};
use crypto::provider::DataKey;
use crypto::rng::Random;
use crypto::roster::{self, Line};
use crypto::witness::{WITNESS_BYTES, Witness};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let key = DataKey::from_bytes([1; 32]);
    let (provider, id) = (
        ProviderId::from_bytes([2; 16]),
        EntryId::from_bytes([3; 16]),
    );
    assert!(roster::open(&key, &provider, &id, data).is_err());
    if let Ok(entry) = serde_json::from_slice::<Line>(data) {
        let (mut rng, witness) = (
            Random::seeded([4; 32]),
            Witness::from_bytes(&[5; WITNESS_BYTES]),
        );
        let Ok(sealed) = roster::seal(&key, &provider, &id, &entry, &witness, &mut rng) else {
            panic!("a parsed entry seals");
        };
        assert_eq!(roster::open(&key, &provider, &id, &sealed), Ok((entry, witness)));
    }
});

#![no_main]
//! Any bytes as a sealed report, and as the JSON inside one.

use crypto::hpke::HpkeSecret;
use crypto::provider::DataKey;
use crypto::id::ProviderId;
use crypto::report::{Report, SEALED_BYTES};
use crypto::rng::Random;
use crypto::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let store = HpkeSecret::from_seed(&Secret::new([1; 32]));
    let Ok(key) = DataKey::from_bytes([3; 32]).report_key() else {
        panic!("a data key has a report key");
    };
    let provider = ProviderId::from_bytes([4; 16]);
    assert!(Report::open(&store, &provider, &key.public(), data).is_err());
    if let Ok(report) = serde_json::from_slice::<Report>(data) {
        let mut rng = Random::seeded([2; 32]);
        let Ok(sealed) = report.seal(&key, &store.public(), &mut rng) else {
            panic!("a parsed report seals");
        };
        assert_eq!(sealed.len(), SEALED_BYTES);
        let opened = Report::open(&store, &report.provider, &key.public(), &sealed);
        assert_eq!(opened, Ok(report));
    }
});

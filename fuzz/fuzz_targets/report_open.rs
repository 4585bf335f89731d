#![no_main]
//! Any bytes as a sealed report, and as the JSON inside one.

use crypto::hpke::HpkeSecret;
use crypto::report::{Report, SEALED_BYTES};
use crypto::rng::Random;
use crypto::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let store = HpkeSecret::from_seed(&Secret::new([1; 32]));
    assert!(Report::open(&store, data).is_err());
    if let Ok(report) = serde_json::from_slice::<Report>(data) {
        let mut rng = Random::seeded([2; 32]);
        let Ok(sealed) = report.seal(&store.public(), &mut rng) else {
            panic!("a parsed report seals");
        };
        assert_eq!(sealed.len(), SEALED_BYTES);
        assert_eq!(Report::open(&store, &sealed), Ok(report));
    }
});

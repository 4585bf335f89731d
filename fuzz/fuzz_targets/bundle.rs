#![no_main]
//! Any bytes as a signed bundle and as the payload behind the signature.

use crypto::bundle::{SignedBundle, TrustBundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(signed) = serde_json::from_slice::<SignedBundle>(data) {
        assert!(signed.check(&[1; 32]).is_err());
    }
    if let Ok(bundle) = serde_json::from_slice::<TrustBundle>(data) {
        assert!(bundle.may_follow(&bundle).is_ok());
        let _ = bundle.card_keys();
    }
});

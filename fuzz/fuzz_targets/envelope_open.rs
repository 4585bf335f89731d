#![no_main]
//! Any bytes as an envelope, and through base45 and back.

use crypto::base45;
use crypto::envelope::{self, EnvelopeKeys};
use crypto::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let keys = EnvelopeKeys::derive(&Secret::new([1; 64]));
    assert!(envelope::open(&keys, data).is_err());
    let text = base45::encode(data);
    assert_eq!(base45::decode(&text).as_deref(), Ok(data));
});

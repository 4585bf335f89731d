#![no_main]
//! Any bytes as a status list token, under a key that never signed it.

use crypto::status::CheckedStatusList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    assert!(CheckedStatusList::from_token(data, &[1; 32]).is_err());
});

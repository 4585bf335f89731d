#![no_main]
//! Any bytes as CBOR: the check and the typed reader never panic and never read past the end.

use crypto::cbor::{Reader, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let whole = check(data).is_ok();
    let mut reader = Reader::new(data);
    let skipped = reader.skip().is_ok() && reader.remaining().is_empty();
    assert_eq!(whole, skipped);
    let _ = Reader::new(data).integer();
    let _ = Reader::new(data).bytes();
    let _ = Reader::new(data).text();
});

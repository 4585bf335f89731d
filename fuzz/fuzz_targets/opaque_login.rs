#![no_main]
//! Any bytes as OPAQUE messages at the server: registration, stored record, log-in.

use crypto::opaque::{Purpose, ServerSetup, StoredRecord, login_start, register};
use crypto::rng::Random;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&[u8], [u8; 32], [[u8; 32]; 3], [[u8; 32]; 2])| {
    let (record, request, ke1, ke3) = data;
    let mut rng = Random::seeded([1; 32]);
    let setup = ServerSetup::generate(&mut rng);
    let _ = register(&setup, &request, b"someone");
    let record = StoredRecord::from_bytes(record).ok();
    let Ok(ke1) = <[u8; 96]>::try_from(ke1.concat()) else {
        return;
    };
    let Ok(ke3) = <[u8; 64]>::try_from(ke3.concat()) else {
        return;
    };
    if let Ok((state, _)) = login_start(&setup, record.as_ref(), &ke1, b"someone", &mut rng) {
        assert!(state.finish(Purpose::Password, &ke3).is_err());
    }
});

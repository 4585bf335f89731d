#![no_main]
//! Any bytes as an entry of the log of keys, as its head, and as the payload behind a signature.

use crypto::b64::Fixed;
use crypto::bundle::{Core, RootSignature, SignedCore};
use crypto::trust::{Head, LogEntry, Trust};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = serde_json::from_slice::<LogEntry>(data) {
        assert_ne!(entry.chain(&[0; 32]), [0; 32]);
        let head = br#"{"length":1,"hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","day":"2026-01-01","signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
        let head: Head = serde_json::from_slice(head).expect("a head");
        assert!(Trust::read(&[1; 32], &[entry], &head, head.day).is_err());
    }
    let forged = SignedCore {
        payload: data.into(),
        signatures: vec![RootSignature {
            root: Fixed([1; 32]),
            signature: Fixed([0; 64]),
        }],
    };
    assert!(forged.check_first().is_err());
    if let Ok(core) = serde_json::from_slice::<Core>(data) {
        let _ = core.domain(&crypto::domain::Domain::Card);
    }
});

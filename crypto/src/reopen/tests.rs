//! The wrap of a closed device, and our own vectors for a second implementation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use super::*;
use crate::hex;
use crate::rng::Random;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/reopen.json");
const TERMINAL: TerminalId = TerminalId::from_bytes([0x0c; 16]);

fn export_key(byte: u8) -> ExportKey {
    ExportKey(Secret::new([byte; 64]))
}

fn key(export: u8, device: u8) -> ReopenKey {
    ReopenKey::derive(&export_key(export), &DeviceSecret::from_bytes([device; 32]))
}

#[test]
fn only_both_halves_open_it_for_its_terminal() {
    let rng = &mut Random::seeded([5; 32]);
    let wrapped = key(1, 2)
        .wrap(&TERMINAL, b"the key of the body", rng)
        .unwrap();
    assert_eq!(wrapped.len(), 19 + 72);
    let opened = key(1, 2).unwrap(&TERMINAL, &wrapped).unwrap();
    assert_eq!(opened, b"the key of the body");
    for other in [key(1, 3), key(3, 2), key(2, 1)] {
        assert_eq!(other.unwrap(&TERMINAL, &wrapped), Err(SealError::Refused));
    }
    let elsewhere = TerminalId::from_bytes([0x0d; 16]);
    assert!(key(1, 2).unwrap(&elsewhere, &wrapped).is_err());
    for place in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[place] ^= 1;
        assert!(key(1, 2).unwrap(&TERMINAL, &altered).is_err(), "{place}");
        assert!(key(1, 2).unwrap(&TERMINAL, &wrapped[..place]).is_err());
    }
}

#[test]
fn what_was_sealed_under_another_key_is_refused_by_its_commitment() {
    let rng = &mut Random::seeded([5; 32]);
    let (one, other) = (key(1, 2), key(3, 4));
    let theirs = other.wrap(&TERMINAL, b"theirs", rng).unwrap();
    // Their seal behind our commitment, and ours behind theirs.
    let mixed = [&one.commitment()[..], &theirs[32..]].concat();
    assert!(one.unwrap(&TERMINAL, &mixed).is_err());
    assert!(other.unwrap(&TERMINAL, &mixed).is_err());
}

fn vectors() -> Value {
    let key = key(0x11, 0x22);
    let nonce = [0x33; 24];
    let length = 16_u32.to_be_bytes();
    let associated = [PIN_WRAP.as_bytes(), &length, TERMINAL.as_bytes()].concat();
    let sealed = seal::seal_with(key.0.expose(), &nonce, &associated, b"plain").unwrap();
    let wrapped = [&key.commitment()[..], &sealed].concat();
    assert_eq!(key.unwrap(&TERMINAL, &wrapped).unwrap(), b"plain");
    json!({
        "source": "written by the tests of `reopen.rs` of this crate; hexadecimal",
        "export_key": hex::encode(&[0x11; 64]),
        "device_secret": hex::encode(&[0x22; 32]),
        "terminal": hex::encode(TERMINAL.as_bytes()),
        "key": hex::encode(key.0.expose()),
        "commitment": hex::encode(&key.commitment()),
        "nonce": hex::encode(&nonce),
        "plain": hex::encode(b"plain"),
        "wrapped": hex::encode(&wrapped),
    })
}

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "one variable decides whether this test writes its file"
)]
fn the_vectors_in_the_repository_are_ours() {
    let made = vectors();
    if std::env::var_os("PAYUNG_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&made).unwrap();
        std::fs::write(PATH, text + "\n").unwrap();
    }
    let text = std::fs::read_to_string(PATH).expect("vectors/reopen.json is in the repository");
    let kept: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(kept, made);
}

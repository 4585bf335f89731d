#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::device::{Enrolled, Handle, Pins};
use crate::testing::Fake;
use crypto::rng::Random;

fn device() -> Device {
    Device::new(Pins {
        handle: "siti.rahma".parse::<Handle>().unwrap(),
        door: Door {
            terminal: TerminalId::from_bytes([7; 16]),
            key: DoorKey::new(Secret::new([0xd0; 32])),
        },
        seed: Secret::new([0x5e; 32]),
        opaque_key: [0x09; 32],
        trust: Fake::new(&mut Random::seeded([3; 32])).trust(),
        enrolled: Enrolled {
            role: wire::Role::Clinician,
            provider: None,
            inviter: crypto::invitation::Inviter::CommandLine,
            key: crypto::hpke::HpkePublic::from_bytes([8; 32]),
        },
        data_key: None,
    })
}

fn key(byte: u8) -> StateKey {
    StateKey::derive(&ExportKey(Secret::new([byte; 64])))
}

fn kept() -> (Open, Vec<u8>) {
    let mut rng = Random::seeded([1; 32]);
    let open = Open::new(device(), &key(1), &mut rng).unwrap();
    let bytes = open.seal(&mut rng).unwrap().to_vec();
    (open, bytes)
}

#[test]
fn only_the_key_opens_it() {
    let (_, bytes) = kept();
    let open = |byte| Closed::from_bytes(&bytes).unwrap().open(&key(byte));
    let opened = open(1).unwrap();
    assert_eq!(opened.device.handle().as_str(), "siti.rahma");
    assert_eq!(opened.device.trust(), device().trust());
    assert!(matches!(open(2), Err(StateError::Closed)));
}

#[test]
fn nothing_but_id_and_door_key_is_readable() {
    let (_, bytes) = kept();
    let text = String::from_utf8(bytes).unwrap();
    let root = crypto::b64::encode(device().trust().root());
    let seed = crypto::b64::encode(&[0x5e; 32]);
    for hidden in [
        "siti",
        "rahma",
        "programme",
        "handle",
        &root[..8],
        &seed[..8],
    ] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert!(text.contains(&TerminalId::from_bytes([7; 16]).to_string()));
}

#[test]
fn any_changed_byte_is_refused() {
    let (_, good) = kept();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        let opened = Closed::from_bytes(&bad).and_then(|closed| closed.open(&key(1)));
        assert!(opened.is_err(), "byte {at}");
    }
    for length in [0, 1, good.len() / 2, good.len() - 1] {
        let cut = Closed::from_bytes(&good[..length]);
        assert_eq!(cut.unwrap_err(), StateError::Format);
    }
}

#[test]
fn a_second_person_opens_the_same_file_and_cannot_be_slipped_in() {
    let (mut open, bytes) = kept();
    let mut rng = Random::seeded([2; 32]);
    let alone: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    open.admit(&key(2), &mut rng).unwrap();
    let bytes = open.seal(&mut rng).unwrap();
    for byte in [1, 2] {
        let closed = Closed::from_bytes(&bytes).unwrap();
        assert!(closed.open(&key(byte)).is_ok());
    }
    // The body of two with the slots of one: refused.
    let mut mixed: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    mixed["slots"] = alone["slots"].clone();
    let closed = Closed::from_bytes(mixed.to_string().as_bytes()).unwrap();
    assert!(matches!(closed.open(&key(1)), Err(StateError::Closed)));
}

#[test]
fn a_later_version_is_refused_before_anything_is_read() {
    let (_, bytes) = kept();
    let mut outer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    outer["version"] = 2.into();
    let later = Closed::from_bytes(outer.to_string().as_bytes());
    assert_eq!(later.unwrap_err(), StateError::Format);
}

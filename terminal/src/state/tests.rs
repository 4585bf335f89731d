#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::device::{Handle, Pins};
use crypto::b64::Fixed;
use crypto::bundle::SignedBundle;
use crypto::rng::Random;

fn device() -> Device {
    Device::new(Pins {
        handle: "siti.rahma".parse::<Handle>().unwrap(),
        terminal: TerminalId::from_bytes([7; 16]),
        seed: Secret::new([0x5e; 32]),
        root: [0x60; 32],
        opaque_key: [0x09; 32],
        bundle: SignedBundle {
            payload: B64(b"bundle payload".to_vec()),
            signature: Fixed([1; 64]),
        },
        inbox: None,
    })
}

fn key(byte: u8) -> StateKey {
    StateKey::derive(&ExportKey(Secret::new([byte; 64])))
}

fn file(folder: &tempfile::TempDir) -> (PathBuf, StateFile) {
    let path = folder.path().join("terminal.json");
    let file = StateFile::create(&path, device(), &key(1), &mut Random::seeded([1; 32])).unwrap();
    (path, file)
}

#[test]
fn only_the_key_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = file(&folder);
    let open = |byte| Closed::read(&path).unwrap().open(&key(byte));
    let opened = open(1).unwrap();
    assert_eq!(opened.device.handle().as_str(), "siti.rahma");
    assert_eq!(opened.device.root(), &[0x60; 32]);
    assert!(matches!(open(2), Err(StateError::Closed)));
}

#[test]
fn nothing_but_the_random_terminal_id_is_readable() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = file(&folder);
    let text = fs::read_to_string(&path).unwrap();
    let root = crypto::b64::encode(&[0x60; 32]);
    let seed = crypto::b64::encode(&[0x5e; 32]);
    for hidden in ["siti", "rahma", "bundle", "handle", &root[..8], &seed[..8]] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert!(text.contains(&TerminalId::from_bytes([7; 16]).to_string()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    }
}

#[test]
fn any_changed_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = file(&folder);
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &bad).unwrap();
        let opened = Closed::read(&path).and_then(|closed| closed.open(&key(1)));
        assert!(opened.is_err(), "byte {at}");
    }
    for length in [0, 1, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..length]).unwrap();
        assert_eq!(Closed::read(&path).unwrap_err(), StateError::Format);
    }
}

#[test]
fn a_second_person_opens_the_same_file_and_cannot_be_slipped_in() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut state) = file(&folder);
    let mut rng = Random::seeded([2; 32]);
    let alone: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    state.admit(&key(2), &mut rng).unwrap();
    state.save(&mut rng).unwrap();
    for byte in [1, 2] {
        assert!(Closed::read(&path).unwrap().open(&key(byte)).is_ok());
    }
    // The body of two with the slots of one: refused.
    let mut mixed: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    mixed["slots"] = alone["slots"].clone();
    fs::write(&path, mixed.to_string()).unwrap();
    let opened = Closed::read(&path).unwrap().open(&key(1));
    assert!(matches!(opened, Err(StateError::Closed)));
}

#[test]
fn a_file_is_never_overwritten_by_a_new_enrolment() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = file(&folder);
    let again = StateFile::create(&path, device(), &key(1), &mut Random::seeded([3; 32]));
    assert!(matches!(again, Err(Error::State(StateError::Exists))));
}

#[test]
fn a_later_version_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = file(&folder);
    let mut outer: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    outer["version"] = 2.into();
    fs::write(&path, outer.to_string()).unwrap();
    assert_eq!(Closed::read(&path).unwrap_err(), StateError::Format);
}

//! Files that were signed once and must verify for ever: releases of every kind, the log, and its signed head.
//!
//! `tests/data/signed/README.md` says how they were made. What fails here has changed bytes that somebody may keep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hostile;
pub(crate) mod made;

use std::path::{Path, PathBuf};

use privacy::scope::Subject;

use crate::facts::Facts;
use crate::log::error::MirrorError;
use crate::log::head::SignedHead;
use crate::log::mirror::Mirror;
use crate::seal::{SignedRelease, as_csv};
use crate::verify::{VerifyError, verify};

/// The kept releases and the facts that each was made from.
fn releases() -> [(&'static str, Facts); 5] {
    [
        ("ordinary", made::ordinary()),
        ("fourth", made::fourth()),
        ("revision", made::revision()),
        ("later", made::later()),
        ("smallest", made::smallest()),
    ]
}

/// Where the kept files lie.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/signed")
}

/// A kept file.
pub(crate) fn kept(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The kept public key: 64 hex digits and a newline.
fn key() -> [u8; 32] {
    let text = String::from_utf8(kept("key.hex")).unwrap();
    assert_eq!(text.len(), 65);
    let digit = |at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(digit)
}

#[test]
fn what_was_signed_once_verifies_for_ever() {
    for (name, facts) in releases() {
        let json = kept(&format!("{name}.json"));
        let said = verify(&json, &key()).unwrap();
        assert!(said.recomputed, "{name}");
        assert_eq!(
            (said.period, said.version),
            (facts.scope.period, facts.version)
        );
        let rows = kept(&format!("{name}.csv"));
        assert_eq!(as_csv(&json).unwrap(), rows, "{name}");
        let of_csv = verify(&rows, &key()).unwrap();
        assert!(!of_csv.recomputed);
        assert_eq!(of_csv.hash, said.hash, "{name}");
        for file in [json, rows] {
            let other = made::other_key().public();
            assert_eq!(verify(&file, &other), Err(VerifyError::OtherKey));
        }
    }
}

#[test]
fn kept_releases_are_made_again_byte_for_byte() {
    for (name, facts) in releases() {
        assert!(
            made::sealed(&facts).body == kept(&format!("{name}.json")),
            "{name}"
        );
    }
    assert_eq!(made::key().public(), key());
}

#[test]
fn the_kept_log_lists_the_kept_releases() {
    let (bytes, head) = (kept("release.log"), kept("head.json"));
    assert_eq!(made::log(), bytes);
    let log = Mirror::read(&bytes).unwrap();
    let signed = SignedHead::from_bytes(&head).unwrap();
    assert_eq!(log.signed(&signed, &key()), Ok(log.head()));
    let again = serde_json::to_vec(&log.head().sign(&made::key())).unwrap();
    assert_eq!(again, head, "the same head is signed with the same bytes");
    for (name, facts) in releases() {
        let hash = SignedRelease::from_bytes(&kept(&format!("{name}.json")))
            .unwrap()
            .hash;
        let subject = Subject {
            period: facts.scope.period,
            version: facts.version,
        };
        let expected = match name {
            "later" | "smallest" => Err(MirrorError::NotListed),
            _ => Ok(()),
        };
        assert_eq!(log.lists(subject, &hash), expected, "{name}");
    }
}

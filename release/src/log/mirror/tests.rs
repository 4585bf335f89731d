//! What a copy of the log notices, and what only a signed head or an older copy notices.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crypto::rng::Random;
use crypto::sign::ReleaseKey;

fn subject(period: &str) -> Subject {
    Subject {
        period: period.parse().unwrap(),
        version: 1,
    }
}

/// The bytes of a log of some quarters; every instance has hashes of its own.
fn log(periods: &[&str], instance: u8) -> Vec<u8> {
    let (mut bytes, mut entries) = (Vec::new(), Entries::default());
    for (place, period) in (0_u8..).zip(periods) {
        let hash = [instance.wrapping_add(place); 32];
        for kind in [Kind::Reserved, Kind::Released] {
            let (line, after) = entries.next(subject(period), kind, hash).unwrap().unwrap();
            bytes.extend(line);
            entries = after;
        }
    }
    bytes
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.map(<[u8]>::to_vec).collect()
}

fn key(seed: u8) -> ReleaseKey {
    ReleaseKey::generate(&mut Random::seeded([seed; 32])).unwrap()
}

const THREE: [&str; 3] = ["2026Q1", "2026Q2", "2026Q3"];

#[test]
fn a_changed_dropped_moved_or_foreign_line_is_refused() {
    let good = log(&THREE, 1);
    let all = lines(&good);
    assert_eq!(Mirror::read(&good).unwrap().head().lines, 6);
    for (at, byte) in good.iter().enumerate() {
        let mut bad = good.clone();
        bad[at] = byte ^ 1;
        assert!(Mirror::read(&bad).is_err(), "byte {at}");
    }
    for at in 0..5 {
        let mut dropped = all.clone();
        dropped.remove(at);
        let line = at + 1;
        assert_eq!(
            Mirror::read(&dropped.concat()).unwrap_err(),
            MirrorError::Chain { line }
        );
        let mut moved = all.clone();
        moved.swap(at, at + 1);
        assert_eq!(
            Mirror::read(&moved.concat()).unwrap_err(),
            MirrorError::Chain { line }
        );
    }
    // A line that is whole by itself and follows another one: the next of a shorter log, the first, the last again.
    let other = lines(&log(&["2026Q4"], 9));
    for foreign in [&other[0], &all[0], &all[5]] {
        let bad = [&good[..], foreign].concat();
        assert_eq!(
            Mirror::read(&bad).unwrap_err(),
            MirrorError::Chain { line: 7 }
        );
    }
}

#[test]
fn a_line_is_written_one_way_only() {
    let good = log(&THREE, 1);
    let text = String::from_utf8(good.clone()).unwrap();
    for bad in [
        text.replacen(':', ": ", 1),
        text.replacen("\"version\":1", "\"version\":1,\"note\":\"x\"", 1),
        format!("\n{text}"),
        text.replace('\n', "\r\n"),
    ] {
        assert!(Mirror::read(bad.as_bytes()).is_err());
    }
    assert_eq!(
        Mirror::read(&good[..good.len() - 1]).unwrap_err(),
        MirrorError::Unfinished
    );
}

#[test]
fn an_older_copy_catches_a_rewritten_history() {
    let (old, new) = (log(&THREE[..2], 1), log(&THREE, 1));
    let (old, new) = (Mirror::read(&old).unwrap(), Mirror::read(&new).unwrap());
    assert_eq!(new.continues(&old), Ok(2));
    assert_eq!(new.continues(&new), Ok(0));
    assert_eq!(
        old.continues(&new),
        Err(MirrorError::Removed { lines: 2 }),
        "lines were taken from the end"
    );
    // The same quarters drawn again: a chain as good as the first.
    let mut again = lines(&log(&THREE[..1], 1));
    assert_eq!(again.len(), 2);
    let rewritten = log(&THREE, 77);
    let rewritten = Mirror::read(&rewritten).unwrap();
    assert_eq!(
        rewritten.continues(&old),
        Err(MirrorError::Rewritten { line: 1 })
    );
    again.truncate(1);
    let begun = again.concat();
    let begun = Mirror::read(&begun).unwrap();
    assert_eq!(new.continues(&begun), Ok(5));
    let empty = Mirror::read(b"").unwrap();
    assert_eq!(old.continues(&empty), Ok(4));
}

#[test]
fn a_signed_head_tells_logs_apart_and_notices_a_missing_end() {
    let bytes = log(&THREE, 1);
    let whole = Mirror::read(&bytes).unwrap();
    let (ours, theirs) = (key(1), key(2));
    let head = whole.head().sign(&ours);
    let text = serde_json::to_vec(&head).unwrap();
    let head = SignedHead::from_bytes(&text).unwrap();
    assert_eq!(whole.signed(&head, &ours.public()), Ok(whole.head()));
    assert_eq!(
        whole.signed(&head, &theirs.public()),
        Err(MirrorError::OtherKey)
    );
    let all = lines(&bytes);
    let short = all[..5].concat();
    let short = Mirror::read(&short).unwrap();
    assert_eq!(
        short.signed(&head, &ours.public()),
        Err(MirrorError::Shorter)
    );
    // An older head vouches for the beginning of a newer log.
    let older = short.head().sign(&ours);
    assert_eq!(whole.signed(&older, &ours.public()), Ok(short.head()));
    // Another programme's log of the same quarters, and the same length.
    let other = log(&THREE, 50);
    let other = Mirror::read(&other).unwrap();
    assert_eq!(other.head().length, whole.head().length);
    assert_eq!(
        other.signed(&head, &ours.public()),
        Err(MirrorError::OtherLog)
    );
    assert_eq!(
        whole.continues(&other),
        Err(MirrorError::Rewritten { line: 1 })
    );
}

#[test]
fn releases_are_looked_up_by_name_and_hash() {
    let bytes = log(&THREE, 1);
    let log = Mirror::read(&bytes).unwrap();
    let hash = hex::encode(&[2; 32]);
    assert_eq!(log.lists(subject("2026Q2"), &hash), Ok(()));
    assert_eq!(
        log.lists(subject("2026Q1"), &hash),
        Err(MirrorError::OtherRelease)
    );
    assert_eq!(
        log.lists(subject("2026Q4"), &hash),
        Err(MirrorError::NotListed)
    );
    let second = Subject {
        version: 2,
        ..subject("2026Q2")
    };
    assert_eq!(log.lists(second, &hash), Err(MirrorError::NotListed));
}

/// The lines name a quarter, a version, a kind and hashes of public facts; nothing else fits into them.
#[test]
fn a_line_holds_nothing_but_public_names_and_hashes() {
    let bytes = log(&THREE, 1);
    for line in lines(&bytes) {
        let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let fields: Vec<&String> = line.as_object().unwrap().keys().collect();
        let mut expected = [
            "previous",
            "kind",
            "period",
            "version",
            "parameters",
            "hash",
        ];
        expected.sort_unstable();
        let mut fields: Vec<&str> = fields.into_iter().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, expected);
        for hash in ["previous", "parameters", "hash"] {
            assert_eq!(line[hash].as_str().unwrap().len(), 43, "32 bytes");
        }
    }
}

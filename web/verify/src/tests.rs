//! Which verdict each published and each hostile file gets, here and in a browser.
//!
//! `vectors/verdicts.json` lists files, how to make them, and verdicts; `tests/verify.test.mjs` holds the module that a page
//! loads to it. Set `PAYUNG_WRITE_VECTORS=1` to write the list anew after a deliberate change.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use serde::Serialize;

const FILES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../release/tests/data/signed"
);
const VERDICTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/verdicts.json");

/// How a file is made; `file` is a path among the published ones.
#[derive(Serialize)]
#[serde(tag = "make", rename_all = "lowercase")]
enum Case {
    /// As it was published.
    File { file: String },
    /// Asked for with this key.
    Key { file: String, key: String },
    /// Its first bytes.
    Cut { file: String, at: usize },
    /// With one bit of the byte `at` turned over.
    Flip { file: String, at: usize },
    /// A text and then bytes that mean nothing.
    Random {
        after: &'static str,
        seed: u32,
        length: usize,
    },
    /// A text many times over.
    Repeat { text: &'static str, times: usize },
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(FILES).join(file)).unwrap()
}

fn published_key() -> String {
    String::from_utf8(read("key.hex"))
        .unwrap()
        .trim()
        .to_owned()
}

/// The lowest bytes of an xorshift over 32 bits: the same in any language.
fn random(mut state: u32, length: usize) -> Vec<u8> {
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::File { file } | Self::Key { file, .. } => read(file),
            Self::Cut { file, at } => read(file)[..*at].to_vec(),
            Self::Flip { file, at } => {
                let mut bytes = read(file);
                bytes[*at] ^= 1 << (at % 8);
                bytes
            }
            Self::Random {
                after,
                seed,
                length,
            } => [after.as_bytes(), &random(*seed, *length)].concat(),
            Self::Repeat { text, times } => text.repeat(*times).into_bytes(),
        }
    }

    fn answer(&self) -> String {
        let own = published_key();
        let key = if let Self::Key { key, .. } = self {
            key
        } else {
            &own
        };
        verify_release(&self.bytes(), key)
    }
}

/// The releases among the published files, and the hostile ones.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "hostile/"] {
        for entry in std::fs::read_dir(PathBuf::from(FILES).join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                names.push(format!("{folder}{}", entry.file_name().to_str().unwrap()));
            }
        }
    }
    names.sort();
    names
}

fn altered(file: &str) -> Vec<Case> {
    let length = read(file).len();
    let spread = |count: usize| (0..count).map(move |n| n * (length - 1) / (count - 1));
    let file = || file.to_owned();
    let flips = spread(120).map(|at| Case::Flip { file: file(), at });
    let cuts = spread(40).map(|at| Case::Cut { file: file(), at });
    flips.chain(cuts).collect()
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = names()
        .into_iter()
        .map(|file| Case::File { file })
        .collect();
    let keys = [
        "",
        "0",
        &"0".repeat(64),
        &"f".repeat(64),
        &published_key().to_uppercase(),
        "ключ",
    ];
    for file in ["smallest.json", "smallest.csv"] {
        cases.extend(keys.map(|key| Case::Key {
            file: file.to_owned(),
            key: key.to_owned(),
        }));
        cases.extend(altered(file));
    }
    for (text, times) in [
        ("[", 300_000),
        ("{\"release\":", 50_000),
        ("#", 100_000),
        ("\n", 100_000),
        ("9", 100_000),
        ("é", 50_000),
        ("\0", 1_000),
    ] {
        cases.push(Case::Repeat { text, times });
    }
    for after in ["", "{", "#", "# payung release ", "{\"release\":"] {
        cases.extend((1..=12).map(|seed| Case::Random {
            after,
            seed,
            length: 1 << seed,
        }));
    }
    cases
}

/// The list as it stands in the repository: one entry for each verdict.
fn list() -> String {
    let mut by_verdict: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for case in cases() {
        let same = by_verdict.entry(case.answer()).or_default();
        same.push(serde_json::to_value(&case).unwrap());
    }
    let entries: Vec<String> = by_verdict
        .into_iter()
        .map(|(verdict, of)| {
            let of: Vec<String> = of.iter().map(|one| format!("    {one}")).collect();
            let verdict = serde_json::to_string(&verdict).unwrap();
            format!(
                "  {{\"verdict\": {verdict}, \"of\": [\n{}\n  ]}}",
                of.join(",\n")
            )
        })
        .collect();
    format!("[\n{}\n]\n", entries.join(",\n"))
}

#[allow(
    clippy::disallowed_methods,
    reason = "one variable decides whether this test writes its file"
)]
#[test]
fn every_file_gets_the_verdict_of_the_list() {
    let made = list();
    if std::env::var_os("PAYUNG_WRITE_VECTORS").is_some() {
        std::fs::write(VERDICTS, &made).unwrap();
    }
    let kept = std::fs::read_to_string(VERDICTS).expect("the list is in the repository");
    assert_eq!(kept, made);
}

#[test]
fn published_releases_are_verified_and_nothing_altered_is() {
    for case in cases() {
        let said = case.answer();
        let verified = said.starts_with("{\"verdict\":\"verified\"");
        match &case {
            Case::File { file } if !file.contains('/') => {
                let release = ["ordinary", "fourth", "revision", "later", "smallest"]
                    .iter()
                    .any(|name| file.starts_with(name));
                assert_eq!(verified, release, "{file}: {said}");
            }
            Case::File { file } if file.contains("other-catalogue") => assert!(verified, "{said}"),
            _ => assert!(!verified, "{said}"),
        }
    }
}

#[test]
fn a_key_is_read_one_way() {
    let said: serde_json::Value = serde_json::from_str(&verify_release(b"", "00")).unwrap();
    assert_eq!(said["verdict"], "refused");
    assert_eq!(said["cause"], "key");
    let sentence = said["sentence"].as_str().unwrap();
    assert!(sentence.contains("64 lower-case hexadecimal digits"));
}

//! Files that somebody made to deceive or to break whoever verifies them: each is refused, in the right words, without a panic.
//!
//! The kept ones lie beside the good files, with the verdict that each must get; the rest is made here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::b64::Fixed;
use crypto::sign::ReleaseKey;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{kept, key, made};
use crate::csv;
use crate::seal::SignedRelease;
use crate::verify::{VerifyError, verify};

/// The word of `verdicts.txt` for what verifying says.
fn word(file: &[u8]) -> &'static str {
    match verify(file, &key()) {
        Ok(said) if said.recomputed => "recomputed",
        Ok(_) => "signed",
        Err(VerifyError::Format) => "format",
        Err(VerifyError::OtherKey) => "other-key",
        Err(VerifyError::Signature) => "signature",
        Err(VerifyError::Numbers) => "numbers",
    }
}

/// Signs any text as if it were a release: what a programme could do that means ill, or is broken.
fn signed(text: &str, key: &ReleaseKey) -> Vec<u8> {
    let hash = crypto::digest::hash(text.as_bytes());
    let mut file = SignedRelease {
        release: RawValue::from_string(text.to_owned()).unwrap(),
        key: Fixed(key.public()),
        signature: Fixed(key.sign(text.as_bytes())),
        hash: crypto::hex::encode(&hash),
        csv_signature: Fixed([0; 64]),
    };
    if let Ok(release) = file.open() {
        let rows = csv::unsigned(&release, &hash, &key.public());
        file.csv_signature = Fixed(key.sign(rows.as_bytes()));
    }
    file.to_bytes().unwrap()
}

/// The signed text of the smallest release, in its own order of keys.
fn text() -> String {
    let file = SignedRelease::from_bytes(&kept("smallest.json")).unwrap();
    file.release.get().to_owned()
}

#[test]
fn every_kept_hostile_file_gets_its_verdict() {
    let list = String::from_utf8(kept("hostile/verdicts.txt")).unwrap();
    let mut files = 0;
    for line in list.lines() {
        let (verdict, name) = line.split_once(' ').unwrap();
        assert_eq!(word(&kept(&format!("hostile/{name}"))), verdict, "{name}");
        files += 1;
    }
    let folder = std::fs::read_dir(super::folder().join("hostile")).unwrap();
    assert_eq!(folder.count(), files + 1, "every file is in the list");
}

/// Pointers to everything in a value, the value itself left out.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, one)| (key.clone(), one)).collect(),
        Value::Array(list) => {
            let places = (0..list.len()).map(|place| place.to_string());
            places.zip(list).collect()
        }
        _ => return,
    };
    for (key, one) in inner {
        let path = format!("{at}/{key}");
        pointers(one, &path, found);
        found.push(path);
    }
}

/// The same kind of value with another content, or `None` where there is no other.
fn altered(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Bool(one) => Value::Bool(!one),
        Value::String(text) => Value::String(format!("{text}x")),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole + 1),
            None => Value::from(number.as_f64()? + 1.0),
        },
        Value::Array(list) => Value::Array(list.get(1..)?.to_vec()),
        _ => return None,
    })
}

/// Every single value of the signed file in turn: the signature no longer fits, or the file is none.
#[test]
fn every_altered_field_is_noticed() {
    let file = kept("smallest.json");
    let text = String::from_utf8(file.clone()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let mut paths = Vec::new();
    pointers(&value, "", &mut paths);
    assert!(paths.len() > 300, "{}", paths.len());
    for path in paths {
        let mut other = value.clone();
        let place = other.pointer_mut(&path).unwrap();
        let Some(changed) = altered(place) else {
            continue;
        };
        *place = changed;
        let bytes = [other.to_string().as_bytes(), b"\n"].concat();
        assert!(verify(&bytes, &key()).is_err(), "{path}");
    }
    // Every byte costs minutes; seven is a step that meets every kind.
    for at in (0..file.len()).step_by(7) {
        let mut other = file.clone();
        other[at] ^= 1;
        assert!(verify(&other, &key()).is_err(), "byte {at}");
        assert!(verify(&file[..at], &key()).is_err(), "cut at {at}");
    }
}

/// What a release says that follows from nothing else in it.
const FACTS: [&str; 8] = [
    "/closed",
    "/indicators",
    "/start",
    "/cities/",
    "/services",
    "/off",
    "/privacy/spent_in_year_nano_rho",
    "/privacy/budgets",
];

/// The programme itself cannot sign a number that does not follow from its measurements and have it called recomputed.
#[test]
fn a_signed_lie_is_no_recomputed_release() {
    let value: Value = serde_json::from_str(&text()).unwrap();
    let mut paths = Vec::new();
    pointers(&value, "", &mut paths);
    let (mut lies, mut refused, mut believed) = (0, 0, Vec::new());
    for path in paths.into_iter().step_by(3) {
        let mut other = value.clone();
        let place = other.pointer_mut(&path).unwrap();
        let Some(changed) = altered(place) else {
            continue;
        };
        *place = changed;
        lies += 1;
        let verdict = word(&signed(&in_order(&other), &made::key()));
        let fact = FACTS.iter().any(|fact| path.starts_with(fact));
        if verdict == "recomputed" && !fact {
            believed.push(path);
        }
        refused += usize::from(verdict != "signed");
    }
    assert!(believed.is_empty(), "{believed:?}");
    assert!(lies > 100 && refused > 80, "{lies} {refused}");
}

/// JSON with the keys of a release in the order in which a release writes them, as far as it is one.
fn in_order(value: &Value) -> String {
    let release = serde_json::from_value::<crate::object::Release>(value.clone());
    release.map_or_else(
        |_| value.to_string(),
        |release| serde_json::to_string(&release).unwrap(),
    )
}

/// Strings that break careless readers.
const NAUGHTY: [&str; 16] = [
    "",
    " ",
    "\0",
    "\n",
    "\r\n# signature AAAA",
    "\"",
    "\\",
    ",,,",
    "=1+1",
    "null",
    "</script><!--",
    "'; DROP TABLE release; --",
    "\u{202e}abc",
    "\u{feff}ok",
    "\u{1fa81}",
    "z\u{351}\u{36b}\u{343}",
];

/// In every place that holds a string.
#[test]
fn naughty_strings_are_refused_or_kept_as_they_are() {
    let value: Value = serde_json::from_str(&text()).unwrap();
    for naughty in NAUGHTY.map(str::to_owned) {
        for path in [
            "/format",
            "/period",
            "/closed",
            "/indicators",
            "/notes/0",
            "/cities/1/city",
            "/services/0/service",
            "/tables/0/title",
            "/tables/0/cells/0/series",
            "/tables/0/cells/0/reliability",
            "/tables/0/levels/0/sigma",
        ] {
            let mut other = value.clone();
            *other.pointer_mut(path).unwrap() = Value::String(naughty.clone());
            let file = signed(&in_order(&other), &made::key());
            let verdict = word(&file);
            let fact = FACTS.iter().any(|fact| path.starts_with(fact));
            assert!(fact || verdict != "recomputed", "{path}: {naughty:?}");
            assert!(verify(&naughty.clone().into_bytes(), &key()).is_err());
        }
    }
}

/// A released text with one value written in another way.
fn with(path: &str, raw: &str) -> String {
    let mut value: Value = serde_json::from_str(&text()).unwrap();
    *value.pointer_mut(path).unwrap() = Value::String("GAP".to_owned());
    value.to_string().replace("\"GAP\"", raw)
}

#[test]
fn huge_numbers_and_deep_nesting_are_refused_without_a_panic() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = [
        "1e400",
        "-1e400",
        "99999999999999999999",
        "1e-400",
        "18446744073709551616",
    ];
    let places = [
        "/version",
        "/privacy/budgets/0/year",
        "/privacy/year_nano_rho",
        "/cities/1/code",
        "/services/0/code",
        "/tables/0/cells/0/measured",
        "/tables/0/cells/0/estimate",
        "/tables/0/cells/0/display",
    ];
    for path in places {
        for raw in huge
            .into_iter()
            .chain([deep.as_str(), "9223372036854775807", "4294967295"])
        {
            let file = signed(&with(path, raw), &made::key());
            assert_ne!(word(&file), "recomputed", "{path}: {:.20}", raw);
        }
    }
    for text in [
        &deep,
        &format!("{{\"release\":{deep}}}"),
        &"{\"a\":".repeat(50_000),
    ] {
        assert_eq!(word(text.as_bytes()), "format");
    }
    assert_eq!(word(&signed(&deep, &made::key())), "format");
    assert_eq!(word(&signed(&deep, &made::other_key())), "other-key");
}

proptest! {
    #[test]
    fn random_bytes_are_no_release(bytes: Vec<u8>) {
        prop_assert_eq!(word(&bytes), "format");
        prop_assert_eq!(word(&[&b"# payung release "[..], &bytes].concat()), "format");
    }
}

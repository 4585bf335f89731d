//! Reading published conformance data, in this crate and beside the repository.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use serde_json::Value;

use crate::vectors::case::unhex;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// A file of JSON; `None` (with a note) where it is not here.
fn json(place: &str) -> Option<Value> {
    let Ok(text) = std::fs::read_to_string(place) else {
        eprintln!("skipped: {place} is not here");
        return None;
    };
    Some(serde_json::from_str(&text).expect("conformance data are JSON"))
}

/// A file of conformance data in the shared folder beside the repository; `None` (with a note) where there is none.
pub(crate) fn vectors(path: &str) -> Option<Value> {
    json(&format!("{CRATE}/../../shared/vectors/{path}"))
}

/// A file of `vectors/`, which every clone has.
pub(crate) fn kept(path: &str) -> Value {
    let text = std::fs::read_to_string(format!("{CRATE}/vectors/{path}"));
    serde_json::from_str(&text.expect("the vectors are in the tree")).unwrap()
}

/// Strings that have broken other parsers, and a few of our own.
pub(crate) fn naughty_strings() -> Vec<String> {
    let mut strings = [
        "",
        " ",
        "\0",
        "-",
        "/",
        "//",
        ":",
        "é",
        "pyi_",
        "pys_",
        "2026-13-01",
    ]
    .map(str::to_owned)
    .to_vec();
    let beside = format!("{CRATE}/../../shared/data/naughty-strings/blns.json");
    if let Some(Value::Array(list)) = json(&beside) {
        strings.extend(list.iter().map(|text| text.as_str().unwrap().to_owned()));
    }
    strings
}

/// Bytes of hexadecimal text of either case.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    unhex(text).unwrap()
}

/// The bytes of a JSON string of hexadecimal digits.
pub(crate) fn hex_of(value: &Value) -> Vec<u8> {
    hex(value.as_str().unwrap())
}

/// The same for a fixed length.
pub(crate) fn hex_array<const N: usize>(value: &Value) -> [u8; N] {
    hex_of(value).try_into().unwrap()
}

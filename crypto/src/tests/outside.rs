//! Reading published conformance data, in this crate and beside the repository.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use serde_json::Value;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// The first of `places` that is a file of JSON; `None` (with a note) where none is here.
fn json(places: &[String]) -> Option<Value> {
    let found = places
        .iter()
        .find_map(|place| std::fs::read_to_string(place).ok());
    let Some(text) = found else {
        eprintln!("skipped: none of {places:?} is here");
        return None;
    };
    Some(serde_json::from_str(&text).expect("conformance data are JSON"))
}

/// A file of conformance data: the copy in this crate where there is one, else the shared folder beside the
/// repository; `None` (with a note) where neither has it.
pub(crate) fn vectors(path: &str) -> Option<Value> {
    json(&[
        format!("{CRATE}/vectors/{path}"),
        format!("{CRATE}/../../shared/vectors/{path}"),
    ])
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
    if let Some(Value::Array(list)) = json(&[beside]) {
        strings.extend(list.iter().map(|text| text.as_str().unwrap().to_owned()));
    }
    strings
}

/// Bytes of hexadecimal text of either case.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd hexadecimal text");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The bytes of a JSON string of hexadecimal digits.
pub(crate) fn hex_of(value: &Value) -> Vec<u8> {
    hex(value.as_str().unwrap())
}

/// The same for a fixed length.
pub(crate) fn hex_array<const N: usize>(value: &Value) -> [u8; N] {
    hex_of(value).try_into().unwrap()
}

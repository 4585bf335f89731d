//! Tests only: reading the published conformance data that lie beside the repository.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

use serde_json::Value;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/");

fn json(path: &str) -> Option<Value> {
    let Ok(text) = std::fs::read_to_string(format!("{SHARED}{path}")) else {
        eprintln!("skipped: {path} is not beside the repository");
        return None;
    };
    Some(serde_json::from_str(&text).expect("conformance data are JSON"))
}

pub(crate) use crate::testing::vectors;

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
    if let Some(Value::Array(list)) = json("data/naughty-strings/blns.json") {
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

/// Lower-case hexadecimal text.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Every file of `vectors/` holds, with as many cases as `vectors/cases.json` says, and none holds when a digit is another.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::*;
use crate::tests::outside::kept;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");

/// What `cases.json` says of a file; the pages' tests read the same.
#[derive(Deserialize)]
struct Expected {
    /// How many cases hold.
    cases: usize,
    /// JSON pointers to expected hexadecimal texts: with another first digit each makes the check fail.
    spoil: Vec<String>,
}

fn expected() -> BTreeMap<String, Expected> {
    serde_json::from_value(kept("cases.json")).unwrap()
}

/// The files of JSON below a folder, by their paths from there, without `cases.json`.
fn below(folder: &Path, before: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{before}{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            below(&entry.path(), &format!("{name}/"), found);
        } else if !["cases.json", "README.md"].contains(&name.as_str()) {
            found.push(name);
        }
    }
}

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

/// Our own vectors; set `PAYUNG_WRITE_VECTORS=1` to write the files anew after a deliberate change of format.
#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "one variable decides whether this test writes its files"
)]
fn the_vectors_in_the_repository_are_ours() {
    let write = std::env::var_os("PAYUNG_WRITE_VECTORS").is_some();
    for (name, made) in [
        ("card.json", card::made()),
        ("derivation.json", domain::vectors::made()),
        ("reopen.json", reopen::vectors::made()),
        ("request.json", request::vectors::made()),
    ] {
        let made = made.unwrap();
        if write {
            let file = serde_json::to_string_pretty(&made).unwrap() + "\n";
            std::fs::write(format!("{FOLDER}/{name}"), file).unwrap();
        }
        assert_eq!(kept(name), made, "{name}");
    }
}

#[test]
fn every_file_holds_with_all_its_cases() {
    let expected = expected();
    let mut files = Vec::new();
    below(Path::new(FOLDER), "", &mut files);
    files.sort();
    assert!(files.iter().eq(expected.keys()), "cases.json: {files:?}");
    for (name, expected) in expected {
        assert!(expected.cases > 0 && !expected.spoil.is_empty(), "{name}");
        assert_eq!(check(&name, &text(&name)), Ok(expected.cases), "{name}");
    }
}

#[test]
fn no_file_holds_when_a_digit_is_another() {
    for (name, expected) in expected() {
        for place in expected.spoil {
            let mut file = kept(&name);
            let value = file.pointer_mut(&place).unwrap();
            let digits = value.as_str().unwrap();
            let first = if digits.starts_with('0') { '1' } else { '0' };
            *value = format!("{first}{}", &digits[1..]).into();
            let said = check(&name, &file.to_string()).unwrap_err();
            assert!(said.starts_with(&format!("{name}: ")), "{place}: {said}");
        }
    }
}

#[test]
fn what_is_no_file_of_vectors_is_refused() {
    assert!(check("card.json", "").is_err());
    assert!(check("card.json", "{}").is_err());
    assert!(check("edge/elgamal.json", "[]").is_err());
    assert!(check("blake3/test_vectors.json", "null").is_err());
    assert!(check("cases.json", &text("cases.json")).is_err());
}

//! What must never be there, so that a stranger can compute again what is published.

use super::manifests::resolved;
use super::nothing;
use super::source::{is_test, offenders};
use super::tree::rust;

/// What a funder recomputes.
const PUBLISHED: [&str; 3] = ["privacy", "indicators", "release"];

#[test]
fn what_is_published_knows_no_store() {
    let never = ["tokio", "sqlx", "axum", "reqwest", "opendp", "dashu"];
    let all = resolved();
    let mut found = Vec::new();
    for room in PUBLISHED {
        let named = never.iter().filter(|library| all[room].contains(**library));
        found.extend(named.map(|library| format!("{room} -> .. -> {library}")));
    }
    nothing(
        "what is published is built from a store, a socket or a source of noise",
        &found,
    );
}

/// `include_str!` and its kin with a path that leaves the crate would be an arrow that no manifest shows.
#[test]
fn nothing_is_included_from_another_crate() {
    let mut found = Vec::new();
    for file in rust() {
        for (number, line) in file.code() {
            for opening in ["include_str!(", "include_bytes!(", "include!(", "#[path"] {
                let Some((_, rest)) = line.split_once(opening) else {
                    continue;
                };
                let path = rest.split('"').nth(1).unwrap_or_default();
                let up = path.split('/').filter(|part| *part == "..").count();
                // Folders between the file and its crate's root, the root's own included.
                let depth = file.path.split('/').count() - 2;
                // The published tables that a clone must have lie in one place for every crate.
                if up > depth && !path.contains("../tests/data/") {
                    found.push(format!("{}:{number}: {path}", file.path));
                }
            }
        }
    }
    nothing("a file of another crate is included", &found);
}

/// The standard library gives these functions no fixed precision, `+ - * / sqrt` have one.
#[test]
fn numbers_that_others_recompute_use_exact_steps() {
    let words = [
        ".powi(",
        ".powf(",
        ".hypot(",
        ".ln(",
        ".ln_1p(",
        ".log2(",
        ".log10(",
        ".exp(",
        ".exp_m1(",
        ".mul_add(",
        "f64::powi",
        "f64::powf",
        "f64::hypot",
        "f64::ln",
        "f64::exp",
        "f64::mul_add",
    ];
    let for_reading = ["privacy/src/epsilon.rs", "privacy/src/ledger/words.rs"];
    let released = |path: &str| {
        let rooms = ["privacy/src/", "release/src/", "analytics/src/export/"];
        rooms.iter().any(|room| path.starts_with(room))
            && !is_test(path)
            && !for_reading.contains(&path)
    };
    nothing(
        "a published number depends on how a machine rounds",
        &offenders(&words, released),
    );
}

//! What must never be there, so that a stranger can check a release, a browser can be a terminal, and an audit is one.

use super::manifests::{MAY_KNOW, built_alone, resolved};
use super::nothing;
use super::source::{is_test, offenders};
use super::tree::rust;

/// What a funder recomputes.
const PUBLISHED: [&str; 4] = ["privacy", "indicators", "release", "exports"];

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

/// A history or an event has no name there: nothing but what may be told, and what was.
#[test]
fn what_is_published_knows_no_person() {
    let all = resolved();
    let below = ["crypto", "privacy", "release"];
    let rooms = || MAY_KNOW.iter().map(|(room, _)| *room);
    let mut found = Vec::new();
    for room in ["release", "exports"] {
        let known = rooms().filter(|one| !below.contains(one) && all[room].contains(*one));
        found.extend(known.map(|one| format!("{room} -> .. -> {one}")));
    }
    nothing("what is published could name a history", &found);
}

/// A browser has none of these; what a terminal needs of its host it asks for by a trait.
#[test]
fn a_terminal_has_no_socket_no_file_no_thread() {
    let words = [
        "reqwest",
        "tokio",
        "std::fs",
        "std::path",
        "std::net",
        "std::thread",
        "std::process",
        "std::env",
    ];
    let found = offenders(&words, |path| path.starts_with("terminal/src/"));
    nothing("a terminal would not run in a browser", &found);
    let held = &resolved()["terminal"];
    let libraries = ["reqwest", "tokio", "hyper", "mio", "socket2"];
    let held = libraries.iter().filter(|library| held.contains(**library));
    let held: Vec<String> = held.map(|library| (*library).to_owned()).collect();
    nothing("a terminal is built from a socket", &held);
}

/// A module for browsers is loaded over a telephone, and nobody reads a description there.
#[test]
fn a_browser_loads_no_description_of_the_interface() {
    let holds = |room: &str| {
        let held = built_alone(room);
        held.iter().any(|library| library.starts_with("utoipa"))
    };
    assert!(holds("server"), "the service describes its interface");
    let rooms = [
        "web-core",
        "web-verify",
        "web-reader",
        "terminal",
        "crypto",
        "release",
    ];
    let held = rooms.iter().filter(|room| holds(room));
    let held: Vec<String> = held.map(|room| (*room).to_owned()).collect();
    nothing("what a browser runs is built from utoipa", &held);
}

/// Whoever audits runs the binary and reads its exports; `crypto` lends its randomness alone.
#[test]
fn the_audit_knows_no_room() {
    let all = resolved();
    let rooms = MAY_KNOW.iter().map(|(room, _)| *room);
    let known = rooms.filter(|room| *room != "crypto" && all["audit"].contains(*room));
    let known: Vec<String> = known.map(str::to_owned).collect();
    nothing("the audit knows what it audits", &known);
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
                let depth = file.path.split('/').count() - 1 - depth_of_crate(&file.path);
                // The published tables that a clone must have lie in one place for every crate.
                if up > depth && !path.contains("../tests/data/") {
                    found.push(format!("{}:{number}: {path}", file.path));
                }
            }
        }
    }
    nothing("a file of another crate is included", &found);
}

/// How many folders a crate's root lies below the workspace's: two for what `web/` holds, else one.
fn depth_of_crate(path: &str) -> usize {
    if path.starts_with("web/") { 2 } else { 1 }
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
    let published = |path: &str| {
        let rooms = ["privacy/src/", "release/src/", "exports/src/"];
        rooms.iter().any(|room| path.starts_with(room))
            && !is_test(path)
            && !for_reading.contains(&path)
    };
    nothing(
        "a published number depends on how a machine rounds",
        &offenders(&words, published),
    );
}

/// Whoever writes JSON by other means leaves copies of it where the buffer lay before it grew. A secret has a form in JSON as
/// `Hidden` alone, and that one only what `crypto::json` makes of it.
#[test]
fn secrets_pass_one_door_to_json() {
    const DOOR: [&str; 2] = ["crypto/src/json.rs", "crypto/src/json/"];
    const ROOMS: [&str; 5] = [
        "crypto/src/",
        "wire/src/",
        "identity/src/",
        "terminal/src/",
        "desk/src/",
    ];
    // Of tests alone, by the module above them.
    const TESTS: [&str; 1] = ["crypto/src/roster/derived.rs"];
    // The checks of vectors: no secret of anybody is in them, and nothing that is delivered carries them.
    let vectors = |path: &str| {
        path == "crypto/src/card/edge.rs"
            || path.starts_with("crypto/src/vectors/")
            || (path.starts_with("crypto/src/") && path.ends_with("/vectors.rs"))
    };
    let holds = |path: &str| {
        ROOMS.iter().any(|room| path.starts_with(room)) || path == "analytics/src/keys.rs"
    };
    let mut found = Vec::new();
    for mut file in rust() {
        let path = file.path.as_str();
        let door = DOOR.iter().any(|door| path.starts_with(door));
        if !holds(path) || is_test(path) || door || TESTS.contains(&path) || vectors(path) {
            continue;
        }
        let code = file.text.find("#[cfg(test)]");
        file.text.truncate(code.unwrap_or(file.text.len()));
        found.extend(file.naming(&["serde_json"]));
        let other = file
            .code()
            .filter(|(_, line)| line.contains("axum") && line.contains("Json"));
        found.extend(other.map(|(number, _)| format!("{}:{number}: axum's Json", file.path)));
    }
    nothing("JSON that may hold a secret, beside crypto::json", &found);
}

//! One-way traffic between the crates, read from `cargo metadata`, and what the lock file must not hold.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::nothing;
use super::tree::{read, root};

/// Which crates of the workspace a crate may name. `identity` and `analytics` meet in `server` and nowhere else.
pub(super) const MAY_KNOW: [(&str, &[&str]); 24] = [
    ("crypto", &[]),
    ("wire", &["crypto"]),
    ("privacy", &["crypto"]),
    ("indicators", &["crypto", "privacy"]),
    ("release", &["crypto", "privacy"]),
    ("exports", &["crypto", "privacy", "release"]),
    ("files", &[]),
    ("codes", &[]),
    ("zones", &["crypto"]),
    ("store", &["crypto", "zones"]),
    ("identity", &["crypto", "wire", "store", "zones"]),
    (
        "analytics",
        &[
            "crypto",
            "wire",
            "privacy",
            "indicators",
            "release",
            "exports",
            "store",
        ],
    ),
    ("terminal", &["crypto", "wire", "privacy", "indicators"]),
    ("desk", &["crypto", "wire", "files", "terminal", "zones"]),
    ("audit", &["crypto"]),
    (
        "server",
        &[
            "crypto",
            "wire",
            "privacy",
            "indicators",
            "files",
            "store",
            "identity",
            "analytics",
            "zones",
        ],
    ),
    (
        "bench",
        &[
            "crypto",
            "wire",
            "privacy",
            "indicators",
            "store",
            "identity",
            "analytics",
            "terminal",
            "desk",
            "server",
        ],
    ),
    (
        "payung",
        &[
            "crypto",
            "wire",
            "privacy",
            "indicators",
            "release",
            "exports",
            "store",
            "identity",
            "analytics",
            "files",
            "codes",
            "terminal",
            "desk",
            "audit",
            "bench",
            "server",
            "zones",
        ],
    ),
    (
        "tests",
        &[
            "crypto",
            "wire",
            "privacy",
            "indicators",
            "release",
            "exports",
            "store",
            "identity",
            "analytics",
            "terminal",
            "desk",
            "server",
            "payung",
            "zones",
        ],
    ),
    ("web-core", &["crypto", "wire", "terminal"]),
    ("web-vectors", &["crypto"]),
    ("web-verify", &["crypto", "release"]),
    ("web-reader", &["codes"]),
    ("xtask", &[]),
];

/// The folder of a crate: its name, in which a hyphen stands for a folder inside another.
pub(super) fn folder(room: &str) -> String {
    room.replace('-', "/")
}

/// Libraries that only these crates may depend on.
const ONLY_IN: [(&str, &[&str]); 20] = [
    ("rxing", &["codes"]),
    ("jiff", &["zones"]),
    ("opaque-ke", &["crypto"]),
    ("voprf", &["crypto", "bench"]),
    ("curve25519-dalek", &["crypto", "tests"]),
    ("ed25519-dalek", &["crypto"]),
    ("getrandom", &["crypto"]),
    ("hpke", &["crypto"]),
    ("ring", &["crypto"]),
    ("unicode-normalization", &["wire"]),
    (
        "wasm-bindgen",
        &["web-core", "web-vectors", "web-verify", "web-reader"],
    ),
    ("opendp", &["analytics"]),
    ("krilla", &["exports"]),
    ("skrifa", &["exports"]),
    (
        "sqlx",
        &["store", "identity", "analytics", "bench", "tests"],
    ),
    (
        "axum",
        &["identity", "analytics", "server", "bench", "tests"],
    ),
    ("utoipa", &["wire", "identity", "analytics", "server"]),
    ("utoipa-axum", &["identity", "analytics", "server"]),
    ("reqwest", &["desk", "server", "bench", "tests"]),
    (
        "tokio",
        &[
            "store",
            "identity",
            "analytics",
            "desk",
            "server",
            "bench",
            "payung",
            "tests",
        ],
    ),
];

/// What `cargo metadata` says, with these words more.
fn metadata(more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline"])
        .args(more)
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("cargo metadata has a list here")
}

fn text(value: &Value) -> String {
    value.as_str().expect("names are text").to_owned()
}

/// Package name to everything that its library is built from, however far down; what only tests, build scripts or other
/// targets need is left out.
pub(super) fn resolved() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let names: BTreeMap<String, String> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let built = |dependency: &&Value| {
        let kinds = list(&dependency["dep_kinds"]);
        kinds.iter().any(|kind| kind["kind"].is_null())
    };
    let below: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let built = list(&node["deps"]).iter().filter(built);
            (
                text(&node["id"]),
                built.map(|dependency| text(&dependency["pkg"])).collect(),
            )
        })
        .collect();
    let mut all = BTreeMap::new();
    for member in list(&metadata["workspace_members"]).iter().map(text) {
        let mut reached = BTreeSet::new();
        let mut open = vec![member.clone()];
        while let Some(next) = open.pop() {
            for below in &below[&next] {
                if reached.insert(names[below].clone()) {
                    open.push(below.clone());
                }
            }
        }
        all.insert(names[&member].clone(), reached);
    }
    all
}

/// What a crate is built from when it is built by itself, with the features that it asks for and none of its neighbours'.
pub(super) fn built_alone(room: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges=normal", "--prefix=none"])
        .args(["--format={p}", "--package", room])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {said}");
    let lines = String::from_utf8(output.stdout).expect("cargo tree is text");
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

/// What a browser's modules are built from when they are built together: each library with its version, and its features.
fn built_for_a_browser(rooms: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let packages = rooms.iter().flat_map(|room| ["--package", room]);
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges=normal,no-proc-macro"])
        .args(["--prefix=none", "--no-dedupe", "--format={p}|{f}"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(packages)
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {said}");
    let lines = String::from_utf8(output.stdout).expect("cargo tree is text");
    let listed = lines.lines().filter_map(|line| line.split_once('|'));
    listed
        .map(|(package, features)| {
            let features = features.split(',').filter(|name| !name.is_empty());
            (package.to_owned(), features.map(str::to_owned).collect())
        })
        .collect()
}

/// Packages that ask for this feature of this one.
fn asking(library: &str, feature: &str) -> BTreeSet<String> {
    let asks = |dependency: &Value| {
        let features = list(&dependency["features"]);
        dependency["name"] == library && features.iter().any(|name| name == feature)
    };
    list(&metadata(&["--no-deps"])["packages"])
        .iter()
        .filter(|package| list(&package["dependencies"]).iter().any(asks))
        .map(|package| text(&package["name"]))
        .collect()
}

/// Package name to everything it depends on; `tests_too` counts what only its own tests need.
fn dependencies(tests_too: bool) -> BTreeMap<String, BTreeSet<String>> {
    list(&metadata(&["--no-deps"])["packages"])
        .iter()
        .map(|package| {
            let counted = list(&package["dependencies"])
                .iter()
                .filter(|dependency| tests_too || dependency["kind"] != "dev");
            (
                text(&package["name"]),
                counted
                    .map(|dependency| text(&dependency["name"]))
                    .collect(),
            )
        })
        .collect()
}

#[test]
fn crates_know_only_what_lies_below_them() {
    let rooms: BTreeMap<&str, &[&str]> = MAY_KNOW.into_iter().collect();
    let mut offenders = Vec::new();
    for (package, names) in dependencies(true) {
        let Some(allowed) = rooms.get(package.as_str()) else {
            offenders.push(format!("{package} is not in the list of crates"));
            continue;
        };
        let of_the_house = names
            .iter()
            .filter(|name| rooms.contains_key(name.as_str()) && **name != package);
        offenders.extend(
            of_the_house
                .filter(|name| !allowed.contains(&name.as_str()))
                .map(|name| format!("{package} -> {name}")),
        );
    }
    nothing("a crate depends on one that it must not know", &offenders);
}

#[test]
fn libraries_stay_in_the_crates_that_wrap_them() {
    let mut offenders = Vec::new();
    for (package, names) in dependencies(false) {
        let misplaced = ONLY_IN.iter().filter(|(library, allowed)| {
            names.contains(*library) && !allowed.contains(&package.as_str())
        });
        offenders.extend(misplaced.map(|(library, _)| format!("{package} -> {library}")));
    }
    nothing(
        "a library is used outside the crate that wraps it",
        &offenders,
    );
}

/// The vectors' module asks for it, for a browser alone: the crate is empty on this machine, and nobody depends on it.
#[test]
fn nothing_that_is_delivered_carries_the_checks_of_vectors() {
    let asking = asking("crypto", "vectors");
    assert_eq!(asking, BTreeSet::from(["web-vectors".to_owned()]));
    let here = &resolved()["web-vectors"];
    assert_eq!(here, &BTreeSet::new(), "web-vectors on this machine");
    let upward = dependencies(true)
        .into_iter()
        .filter(|(_, names)| names.contains("web-vectors"));
    let upward: Vec<String> = upward.map(|(package, _)| package).collect();
    nothing("a crate depends on the check of vectors", &upward);
}

/// The same libraries with the same features: what is checked is what is delivered.
#[test]
fn vectors_are_checked_with_the_libraries_that_a_browser_gets() {
    let delivered = built_for_a_browser(&["web-core", "web-verify"]);
    let checked = built_for_a_browser(&["web-vectors"]);
    let mut found = Vec::new();
    for (package, mut features) in checked {
        if package.starts_with("web-vectors ") {
            continue;
        }
        if package.starts_with("crypto ") {
            assert!(features.remove("vectors"), "{package}");
        }
        if delivered.get(&package) != Some(&features) {
            found.push(format!("{package}: {features:?}"));
        }
    }
    assert!(delivered.len() > 50);
    nothing("vectors are checked with something else", &found);
}

#[test]
fn the_lock_holds_one_curve_and_one_tls_stack() {
    let lock = read("Cargo.lock");
    let names: Vec<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    for single in ["curve25519-dalek", "opaque-ke", "ring", "rustls", "voprf"] {
        assert_eq!(
            names.iter().filter(|name| **name == single).count(),
            1,
            "versions of {single}"
        );
    }
    let forbidden = |name: &&&str| {
        ["openssl", "native-tls", "aws-lc"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let offenders: Vec<String> = names
        .iter()
        .filter(forbidden)
        .map(|name| (*name).to_owned())
        .collect();
    nothing("Cargo.lock holds a second TLS stack", &offenders);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let offenders: Vec<String> = MAY_KNOW
        .iter()
        .filter(|(room, _)| {
            !read(&format!("{}/Cargo.toml", folder(room))).contains("[lints]\nworkspace = true")
        })
        .map(|(room, _)| format!("{}/Cargo.toml", folder(room)))
        .collect();
    nothing("a crate has lints of its own", &offenders);
}

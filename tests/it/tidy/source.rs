//! Rules about Rust source text.

use super::manifests::{MAY_KNOW, folder};
use super::nothing;
use super::tree::{File, read, root, rust};

const LINES: usize = 500;
const TEST_LINES: usize = 700;

/// A file that holds tests only.
pub(super) fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.contains("/benches/")
        || path.contains("/proofs/")
        || path.contains("/testing/")
        || path.ends_with("tests.rs")
        || path.ends_with("testing.rs")
}

/// Every line of code that names one of `words`, in files that `forbidden` picks.
pub(super) fn offenders(words: &[&str], forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let files = rust();
    files
        .iter()
        .filter(|file| forbidden(&file.path))
        .flat_map(|file| file.naming(words))
        .collect()
}

#[test]
fn files_are_short() {
    let limit = |file: &File| {
        if is_test(&file.path) {
            TEST_LINES
        } else {
            LINES
        }
    };
    let too_long = |file: &&File| file.text.lines().count() > limit(file);
    let files = super::tree::files(&["rs"]);
    let found: Vec<String> = files
        .iter()
        .filter(too_long)
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect();
    nothing("a file is longer than 500 lines (tests: 700)", &found);
}

#[test]
fn every_crate_root_forbids_unsafe_code() {
    let roots = MAY_KNOW.iter().flat_map(|(room, _)| {
        ["lib", "main"].map(|file| format!("{}/src/{file}.rs", folder(room)))
    });
    let found: Vec<String> = roots
        .chain(["tests/it/main.rs".to_owned()])
        .filter(|path| {
            root().join(path).exists() && !read(path).contains("#![forbid(unsafe_code)]")
        })
        .collect();
    nothing("a crate root does not forbid unsafe code", &found);
}

#[test]
fn analytics_and_identity_never_name_each_other() {
    let mut found = offenders(&["identity::", "use identity"], |path| {
        path.starts_with("analytics/")
    });
    found.extend(offenders(&["analytics::", "use analytics"], |path| {
        path.starts_with("identity/")
    }));
    nothing(
        "the statistics store and the identity store know each other",
        &found,
    );
}

#[test]
fn opendp_is_named_in_one_file() {
    let words = ["opendp::", "use opendp", "crate opendp"];
    nothing(
        "opendp outside measure/noise.rs",
        &offenders(&words, |path| path != "analytics/src/measure/noise.rs"),
    );
}

#[test]
fn opaque_ke_is_named_in_one_module() {
    let words = ["opaque_ke::", "use opaque_ke", "crate opaque_ke"];
    let outside = |path: &str| !path.starts_with("crypto/src/opaque");
    nothing(
        "opaque-ke outside crypto/src/opaque*",
        &offenders(&words, outside),
    );
}

#[test]
fn the_clock_is_read_in_one_file() {
    let words = ["SystemTime::now", "Utc::now", "now_utc()", "now_local()"];
    let outside = |path: &str| path != "store/src/clock.rs" && !path.starts_with("xtask/");
    nothing(
        "a clock is read outside store/src/clock.rs",
        &offenders(&words, outside),
    );
}

/// `routes!` takes a handler with its description; what is no part of the interface are pages, and the relay of a counter.
#[test]
fn every_route_of_the_interface_brings_its_description() {
    let words = [
        ".route(",
        ".route_service(",
        ".nest(",
        ".nest_service(",
        ".fallback(",
        ".fallback_service(",
    ];
    let pages = [
        "server/src/http/page.rs",
        "server/src/pages.rs",
        "server/src/local.rs",
    ];
    let outside = |path: &str| !is_test(path) && !pages.contains(&path);
    nothing(
        "a route without a description: use `routes!` of utoipa-axum",
        &offenders(&words, outside),
    );
}

#[test]
fn every_write_of_the_service_has_a_name() {
    let outside = |path: &str| {
        let support = ["bench/", "/testing", "/benches/", "/examples/"];
        !is_test(path)
            && !path.starts_with("store/")
            && !support.iter().any(|part| path.contains(part))
    };
    nothing(
        "a transaction is opened by hand: use `store::retrying!`, which names it, ends it and repeats it",
        &offenders(&[".write().await", "BEGIN "], outside),
    );
}

#[test]
fn randomness_is_made_in_one_file() {
    let words = [
        "thread_rng",
        "rand::random",
        "OsRng",
        "from_entropy",
        "SystemRandom",
    ];
    let outside = |path: &str| path != "crypto/src/rng.rs";
    nothing(
        "randomness is taken from a global outside crypto/src/rng.rs",
        &offenders(&words, outside),
    );
}

#[test]
fn nothing_is_left_for_later() {
    let words = [
        "todo!",
        "unimplemented!",
        "#[ignore",
        "#[allow(dead_code",
        "#![allow(dead_code",
        "FIXME",
        "dbg!(",
    ];
    nothing("unfinished code", &offenders(&words, |_| true));
}

#[test]
fn libraries_print_nothing() {
    let words = ["println!", "eprintln!", "print!("];
    let speaking = ["payung", "tests", "xtask"];
    let library = |path: &str| {
        MAY_KNOW
            .iter()
            .filter(|(room, _)| !speaking.contains(room))
            .any(|(room, _)| path.starts_with(&format!("{}/src/", folder(room))) && !is_test(path))
    };
    let found = rust()
        .iter()
        .filter(|file| library(&file.path))
        .flat_map(printing(&words))
        .collect::<Vec<_>>();
    nothing("a library prints", &found);
}

/// Like `naming`, up to where the file's own tests begin.
fn printing<'a>(words: &'a [&'a str]) -> impl Fn(&File) -> Vec<String> + 'a {
    move |file| {
        let source = file
            .text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .to_owned();
        File {
            path: file.path.clone(),
            text: source,
        }
        .naming(words)
        .collect()
    }
}

#[test]
fn every_file_says_what_it_is() {
    let found: Vec<String> = super::tree::files(&["rs"])
        .into_iter()
        .filter(|file| !file.path.ends_with("tests.rs") && !file.text.contains("//!"))
        .map(|file| file.path)
        .collect();
    nothing("a file without a `//!` header", &found);
}

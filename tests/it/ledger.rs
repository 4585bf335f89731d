//! The ledger, the choices and the release log on the command line, as an operator and a stranger with a copy use them.

use std::path::{Path, PathBuf};

use clap::Parser;
use payung::cli::Cli;

use super::commands::{history, payung};

/// Founds, imports and closes the first quarters of 2024.
fn closed(at: &Path, quarters: &[&str]) {
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let input = history(at);
    assert!(payung(
        at,
        &[
            "analytics",
            "import",
            "--input",
            &input,
            "--register",
            "--yes",
            "--allow-refused"
        ]
    ));
    for period in quarters {
        assert!(payung(at, &["release", "close", "--period", period]));
    }
}

/// A file's copy under another name.
fn copied(at: &Path, name: &str, bytes: &[u8]) -> String {
    let path = at.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn log_file(at: &Path) -> PathBuf {
    at.join("data-release-log").join("release.log")
}

/// The signed head of a data folder's log, made as `release log --sign` makes it.
fn head(at: &Path) -> Vec<u8> {
    let dir = server::datadir::DataDir::new(&at.join("data"));
    let passphrase = std::fs::read_to_string(at.join("passphrase")).unwrap();
    let secret = crypto::secret::SecretBytes::new(passphrase.trim().as_bytes().to_vec());
    let plain = dir
        .read_keys(server::datadir::KeyFile::Analytics, &secret)
        .unwrap();
    let keys = analytics::keys::AnalyticsKeys::from_bytes(plain.expose()).unwrap();
    let entries = analytics::log::read(&dir.release_log().unwrap()).unwrap();
    serde_json::to_vec(&entries.head().sign(&keys.release)).unwrap()
}

fn release_key(at: &Path) -> String {
    let dir = server::datadir::DataDir::new(&at.join("data"));
    dir.programme().unwrap().release_key
}

/// The signed release of a quarter, written to a file.
fn release(at: &Path, period: &str) -> String {
    let data = at.join("data");
    let period: crypto::day::Quarter = period.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = runtime.block_on(async {
        let location = store::Location::in_folder(&data, store::Room::Analytics);
        let store = store::Store::open(&location, store::Room::Analytics)
            .await
            .unwrap();
        let log = server::datadir::DataDir::new(&data).release_log().unwrap();
        let found = analytics::stored::newest(&store, &log, period).await;
        found.unwrap().unwrap().1
    });
    copied(at, "release.json", &body)
}

#[test]
fn a_copy_of_the_log_is_checked_by_a_stranger() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    closed(at, &["2024Q1"]);
    let old = copied(at, "old.log", &std::fs::read(log_file(at)).unwrap());
    assert!(payung(at, &["release", "close", "--period", "2024Q2"]));
    let bytes = std::fs::read(log_file(at)).unwrap();
    let new = copied(at, "new.log", &bytes);
    let signed = copied(at, "head.json", &head(at));
    let key = release_key(at);
    assert!(payung(at, &["release", "log"]));
    assert!(payung(at, &["release", "log", "--sign"]));
    // A stranger has no data folder: the files and the published key are enough.
    let stranger = tempfile::tempdir().unwrap();
    let check = |words: &[&str]| {
        let start = ["release", "log", "--check"];
        payung(stranger.path(), &[&start[..], words].concat())
    };
    assert!(check(&[&new]) && check(&[&old]));
    assert!(check(&[&new, "--mirror", &old]));
    assert!(!check(&[&old, "--mirror", &new]), "lines were removed");
    assert!(check(&[&new, "--head", &signed, "--key", &key]));
    assert!(!check(&[&new, "--head", &signed]), "no key is known here");
    assert!(
        !check(&[&old, "--head", &signed, "--key", &key]),
        "too short"
    );
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changed = text.replacen("2024Q1", "2023Q1", 1);
    let moved = [lines[1], lines[0], lines[2], lines[3]].concat();
    let dropped = lines[1..].concat();
    let loose = format!("{text}{}", lines[0]);
    for (name, bad) in [
        ("changed", &changed),
        ("moved", &moved),
        ("dropped", &dropped),
        ("loose", &loose),
    ] {
        assert!(!check(&[&copied(at, name, bad.as_bytes())]), "{name}");
    }
}

#[test]
fn two_programmes_logs_are_not_mixed_up_and_releases_are_looked_up() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, two) = (one.path(), two.path());
    closed(one, &["2024Q1"]);
    closed(two, &["2024Q1"]);
    let (ours, theirs) = (
        log_file(one).display().to_string(),
        log_file(two).display().to_string(),
    );
    assert!(!payung(
        one,
        &["release", "log", "--check", &ours, "--mirror", &theirs]
    ));
    let signed = copied(two, "head.json", &head(two));
    for (log, at, fits) in [
        (&ours, one, false),
        (&ours, two, false),
        (&theirs, two, true),
    ] {
        let words = ["release", "log", "--check", log, "--head", &signed];
        assert_eq!(payung(at, &words), fits);
    }
    let file = release(one, "2024Q1");
    assert!(payung(one, &["release", "verify", &file, "--log", &ours]));
    assert!(
        !payung(one, &["release", "verify", &file, "--log", &theirs]),
        "the other programme published another release of that quarter"
    );
    let empty = copied(one, "empty.log", b"");
    assert!(!payung(one, &["release", "verify", &file, "--log", &empty]));
}

#[test]
fn tables_are_turned_off_for_good_and_budgets_change_for_the_next_year() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    closed(at, &["2024Q1"]);
    assert!(payung(at, &["release", "tables"]));
    assert!(
        !payung(at, &["release", "tables", "--off", "D"]),
        "nothing happens without --yes"
    );
    assert!(payung(at, &["release", "tables", "--off", "D", "--yes"]));
    assert!(!payung(at, &["release", "tables", "--off", "D", "--yes"]));
    assert!(!payung(at, &["release", "tables", "--off", "Q", "--yes"]));
    assert!(payung(at, &["release", "close", "--period", "2024Q2"]));
    let file = std::fs::read(release(at, "2024Q2")).unwrap();
    let signed = release::seal::SignedRelease::from_bytes(&file).unwrap();
    let release = signed.open().unwrap();
    let tables: Vec<&str> = release
        .tables
        .iter()
        .map(|one| one.table.as_str())
        .collect();
    assert!(
        tables.contains(&"A") && !tables.contains(&"D"),
        "{tables:?}"
    );
    assert!(payung(at, &["ledger", "--next-budget", "strict"]));
    assert!(payung(at, &["ledger"]));
    assert!(payung(at, &["ledger", "--html"]));
    assert!(payung(
        at,
        &["release", "export", "--period", "2024Q1", "--version", "1"]
    ));
    assert!(!payung(
        at,
        &["release", "export", "--period", "2024Q1", "--version", "2"]
    ));
    assert!(payung(
        at,
        &[
            "release",
            "revise",
            "--period",
            "2024Q1",
            "--reason",
            "late-reports",
            "--reason",
            "merges"
        ]
    ));
    assert!(payung(
        at,
        &["release", "export", "--period", "2024Q1", "--version", "2"]
    ));
}

#[test]
fn strange_usage_is_refused() {
    for words in [
        &["ledger", "--next-budget", "loose"][..],
        &["ledger", "--next-budget", "wide", "--html"],
        &["release", "revise", "--period", "2024Q1"],
        &[
            "release", "revise", "--period", "2024Q1", "--reason", "because",
        ],
        &["release", "log", "--mirror", "x"],
        &["release", "log", "--check", "x", "--key", "00"],
        &["release", "log", "--sign", "--check", "x"],
        &["release", "tables", "--yes"],
        &["release", "export", "--period", "2024Q1", "--version", "0"],
    ] {
        let line = ["payung"].iter().chain(words);
        let error = Cli::try_parse_from(line).err().unwrap();
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
}

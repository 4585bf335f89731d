//! What the documents promise is in the tree.
//!
//! A proof is written `(test: crate/name_of_test)`, several with commas. Every bullet under a heading that begins with
//! "Mitigations" in SECURITY.md ends with a proof or with `(open: what is missing)`.

use super::nothing;
use super::tree::{File, files, read, root, rust};

/// The inner text of every `(KIND: ...)`, with line breaks made spaces.
fn marks(text: &str, kind: &str) -> Vec<String> {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let opening = format!("({kind}: ");
    flat.split(&opening)
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// Whether `folder` holds a test function of this name.
fn has_test(sources: &[File], proof: &str) -> bool {
    let Some((folder, name)) = proof.split_once('/') else {
        return false;
    };
    let opening = format!("fn {name}(");
    sources
        .iter()
        .filter(|file| file.path.starts_with(&format!("{folder}/")))
        .any(|file| {
            let lines: Vec<&str> = file.text.lines().collect();
            let is_test = |line: &&str| {
                line.trim_start().starts_with("#[test]") || line.contains("#[tokio::test")
            };
            lines.iter().enumerate().any(|(at, line)| {
                line.contains(&opening) && lines[at.saturating_sub(4)..at].iter().any(is_test)
            })
        })
}

#[test]
fn every_test_that_a_document_names_exists() {
    let sources = files(&["rs"]);
    let mut offenders = Vec::new();
    for document in files(&["md"]) {
        for mark in marks(&document.text, "test") {
            let proofs = mark
                .split(',')
                .map(|proof| proof.trim().trim_matches('`').to_owned());
            let missing = proofs.filter(|proof| !has_test(&sources, proof));
            offenders.extend(missing.map(|proof| format!("{}: {proof}", document.path)));
        }
    }
    nothing("a document names a test that is not there", &offenders);
}

#[test]
fn every_mitigation_names_its_proof_or_is_open() {
    let text = read("SECURITY.md");
    let mut offenders = Vec::new();
    let mut inside = false;
    let mut bullets: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') || line.starts_with("**") {
            inside = line
                .trim_start_matches(['#', ' ', '*'])
                .starts_with("Mitigations");
        } else if inside && line.starts_with("- ") {
            bullets.push(line.to_owned());
        } else if let Some(bullet) = bullets.last_mut().filter(|_| inside) {
            bullet.push(' ');
            bullet.push_str(line.trim());
        }
    }
    assert!(
        bullets.len() >= 20,
        "SECURITY.md lists its mitigations as bullets under \"Mitigations\""
    );
    offenders.extend(
        bullets
            .into_iter()
            .filter(|text| !text.contains("(test: ") && !text.contains("(open: ")),
    );
    nothing("a mitigation in SECURITY.md without a test", &offenders);
}

#[test]
fn documents_and_sources_name_no_machine() {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/tmp/", "spec"),
    ];
    let mut offenders = Vec::new();
    for file in files(&[
        "md", "rs", "toml", "sql", "json", "ts", "css", "html", "yml",
    ]) {
        for (number, line) in file.text.lines().enumerate() {
            let named = words.iter().filter(|word| line.contains(**word));
            offenders.extend(named.map(|word| format!("{}:{}: {word}", file.path, number + 1)));
        }
    }
    nothing("a path of somebody's machine", &offenders);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut offenders = Vec::new();
    for document in files(&["md"]) {
        let folder = root()
            .join(&document.path)
            .parent()
            .expect("a file lies in a folder")
            .to_path_buf();
        for target in document
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#', ' ']).next())
        {
            let outside =
                target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !outside && !folder.join(target).exists() {
                offenders.push(format!("{}: {target}", document.path));
            }
        }
    }
    nothing("a link that leads nowhere", &offenders);
}

#[test]
fn the_readme_has_the_two_commands() {
    let readme = read("README.md");
    for command in ["cargo run --release -- demo", "cargo xtask test"] {
        assert!(
            readme.contains(command),
            "README.md does not say `{command}`"
        );
    }
    assert!(
        read(".ci/run").contains("cargo xtask test"),
        ".ci/run does not call `cargo xtask test`"
    );
}

#[test]
fn the_reader_of_proofs_finds_and_misses() {
    assert_eq!(
        marks(
            "a (test: crypto/one,\n  crypto/two) b (open: later)",
            "test"
        ),
        ["crypto/one, crypto/two"]
    );
    let sources = rust();
    assert!(!has_test(&sources, "tests/no_such_test_exists"));
    assert!(has_test(
        &files(&["rs"]),
        "tests/the_reader_of_proofs_finds_and_misses"
    ));
    assert!(!has_test(&files(&["rs"]), "tests/has_test"));
}

#[test]
fn the_indicator_page_agrees_with_the_indicator_file() {
    let page = read("docs/indicators.md");
    let file: serde_json::Value = serde_json::from_str(&read("indicators/data/indicators.json"))
        .expect("the indicator file is JSON");
    let services = file["services"].as_array().expect("it lists services");
    let mut offenders = Vec::new();
    for service in services {
        let word = |field: &str| service[field].as_str().expect("a word").to_owned();
        let end = if word("lapse") == "dropout" {
            "drop-out"
        } else {
            "lapsed"
        };
        let (cover, grace) = (&service["default_cover_days"], &service["grace_days"]);
        let row = format!(
            "| {} | `{}` | {cover} | {grace} | {end} |",
            word("name"),
            word("code")
        );
        offenders.extend((!page.contains(&row)).then_some(row));
    }
    nothing(
        "docs/indicators.md lacks a row of indicators/data/indicators.json",
        &offenders,
    );
}

/// Every released table has a line in the mapping to other people's indicators.
#[test]
fn every_table_is_mapped_to_indicators() {
    let text = read("docs/indicators.md");
    let (_, mapping) = text.split_once("## Published lines").unwrap();
    let lines: Vec<&str> = mapping
        .lines()
        .filter(|line| line.starts_with("| "))
        .collect();
    let mut offenders = Vec::new();
    for table in privacy::catalogue::TABLES {
        let named = lines.iter().any(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            cells[1..3]
                .iter()
                .any(|cell| cell.split([' ', ',']).any(|word| word == table.code))
        });
        if !named {
            offenders.push(table.code.to_owned());
        }
    }
    for indicator in [
        "TX_CURR",
        "TX_NEW",
        "TX_ML",
        "TX_RTT",
        "TX_PVLS",
        "HTS_TST",
        "KP_PREV",
        "KP_MAT",
        "Global Fund",
        "UNAIDS",
    ] {
        if !mapping.contains(indicator) {
            offenders.push(indicator.to_owned());
        }
    }
    nothing("docs/indicators.md does not map", &offenders);
}

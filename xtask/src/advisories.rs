//! Published advisories, held against `Cargo.lock`.
//!
//! The list is that of RustSec, which cargo-deny and cargo-audit read: a folder `crates/NAME/RUSTSEC-*.md`, each file with a
//! head in TOML. It is read from a folder on this machine, never from the network. What was looked at and is accepted stands with its
//! reason in `deny.toml`, `[advisories]`, `ignore`, where cargo-deny finds it too.

mod list;
mod version;

use std::path::{Path, PathBuf};

use crate::step::{cargo, root};
use list::Advisory;
pub(crate) use list::Package;
use version::Version;

/// Names the folder of the list.
const VARIABLE: &str = "PAYUNG_ADVISORIES";
/// Where the list is looked for otherwise, below the workspace's root.
const DEFAULT: &str = "target/advisory-db";
/// Old crates that `opendp` brings along, by name and beginning of the version: who asks for them is said each time.
const OLD: [(&str, &str); 2] = [("nalgebra", "0.19."), ("rand", "0.7.")];

/// An advisory and the crate of the lock file that it is about.
struct Hit<'a> {
    advisory: &'a Advisory,
    package: Package<'a>,
}

/// Says which advisories concern the lock file and what of the binary asks for the crates. Without a list it says so, and goes
/// on unless the list was `asked` for.
pub(crate) fn check(packages: &[Package<'_>], asked: bool) -> Result<(), String> {
    for (name, version) in packages {
        if OLD
            .iter()
            .any(|(old, of)| name == old && version.starts_with(of))
        {
            println!("{}", asked_for_by((name, version)));
        }
    }
    let Some(folder) = folder()? else {
        let missing = format!(
            "no list of advisories: put a copy of https://github.com/RustSec/advisory-db into {DEFAULT}, or name its folder in {VARIABLE}"
        );
        println!("advisories: not looked up; {missing}");
        return if asked { Err(missing) } else { Ok(()) };
    };
    let list = list::read(&folder, packages)?;
    let accepted = accepted(&deny_file()?);
    let hits = hits(&list, packages)?;
    let mut faults = judge(&hits, &accepted);
    println!(
        "advisories: {} of {} crates are in the list of {}, {} concern the lock file",
        list.crates,
        packages.len(),
        folder.display(),
        hits.len()
    );
    stale(&accepted, &hits, &mut faults);
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: update the crate, or accept it with a reason in deny.toml",
        faults.join("; ")
    ))
}

/// Says what each advisory is about; those that nobody accepted and that tell of a hole.
fn judge(hits: &[Hit<'_>], accepted: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for hit in hits {
        let (name, version) = hit.package;
        let words = format!("{}: {name} {version}", hit.advisory.id);
        let said = match &hit.advisory.informational {
            _ if accepted.contains(&hit.advisory.id) => "accepted in deny.toml",
            Some(kind) if kind != "unsound" => kind,
            _ => {
                faults.push(words.clone());
                "to be looked at"
            }
        };
        println!("{words}: {said}; {}", asked_for_by(hit.package));
    }
    faults
}

/// What is accepted and concerns nothing any more hides the next advisory of that number's crate from a reader.
fn stale(accepted: &[String], hits: &[Hit<'_>], faults: &mut Vec<String>) {
    let met = |id: &&String| hits.iter().any(|hit| hit.advisory.id == **id);
    let gone = accepted.iter().filter(|id| !met(id));
    faults.extend(gone.map(|id| format!("{id} is accepted and concerns nothing")));
}

fn folder() -> Result<Option<PathBuf>, String> {
    let is_list = |folder: &Path| folder.join("crates").is_dir();
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        let wrong =
            format!("{VARIABLE} names a folder without `crates`: it is no copy of advisory-db");
        return is_list(&named).then_some(Some(named)).ok_or(wrong);
    }
    Ok(Some(root().join(DEFAULT)).filter(|folder| is_list(folder)))
}

fn deny_file() -> Result<String, String> {
    let text = std::fs::read_to_string(root().join("deny.toml"));
    text.map_err(|error| format!("deny.toml cannot be read: {error}"))
}

/// The numbers in the section `[advisories]`.
fn accepted(deny: &str) -> Vec<String> {
    let section = deny
        .split("\n[")
        .find(|part| part.starts_with("advisories]"));
    let lines = section.unwrap_or_default().lines();
    let values = lines.filter(|line| !line.trim_start().starts_with('#'));
    let quoted = values.flat_map(|line| line.split('"').skip(1).step_by(2));
    let numbers = quoted.filter(|text| text.starts_with("RUSTSEC-"));
    numbers.map(str::to_owned).collect()
}

fn hits<'a>(list: &'a list::List, packages: &[Package<'a>]) -> Result<Vec<Hit<'a>>, String> {
    let mut found = Vec::new();
    for (name, version) in packages {
        let unread = || format!("the version of {name} in Cargo.lock cannot be read");
        let number = Version::parse(version).ok_or_else(unread)?;
        for advisory in list.of(name).filter(|one| one.concerns(&number)) {
            let package = (*name, *version);
            found.push(Hit { advisory, package });
        }
    }
    Ok(found)
}

/// Through which crates of the binary a crate is reached, or that it is not.
fn asked_for_by((name, version): Package<'_>) -> String {
    let spec = format!("{name}@{version}");
    let tree = cargo(&[
        "tree",
        "--quiet",
        "--offline",
        "--locked",
        "--package",
        "payung",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--invert",
        &spec,
    ])
    .output();
    let Ok(tree) = tree else {
        return format!(
            "{name} {version}: who asks for it cannot be told, cargo tree does not start"
        );
    };
    let text = String::from_utf8_lossy(&tree.stdout).into_owned();
    match chain(&text) {
        Some(chain) => format!("{name} {version} is in the binary of this machine: {chain}"),
        None if tree.status.success() => {
            format!("{name} {version} is not in the binary of this machine")
        }
        None => {
            format!("{name} {version}: not among what the binary of this machine is built from")
        }
    }
}

/// The first way in an inverted tree, from the crate itself to the binary.
fn chain(tree: &str) -> Option<String> {
    let names: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let end = names.iter().position(|name| *name == "payung")?;
    Some(names[..=end].join(" < "))
}

#[cfg(test)]
mod tests;

//! What `Cargo.lock` must and must not hold.
//!
//! Two curve25519-dalek would mean two point types and silent copies between them; a second TLS stack or provider of
//! primitives doubles what has to be trusted and built.

use crate::advisories::{self, Package};
use crate::step::root;

/// Exactly one version of each.
const SINGLE: [&str; 8] = [
    "blake3",
    "curve25519-dalek",
    "ed25519-dalek",
    "opaque-ke",
    "opendp",
    "ring",
    "rustls",
    "voprf",
];
/// None of these, by name or by this beginning.
const FORBIDDEN: [&str; 6] = [
    "aws-lc",
    "boring",
    "native-tls",
    "openssl",
    "schannel",
    "security-framework",
];

/// What `cargo xtask deps` was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Fail without a list of advisories.
    advisories: bool,
}

impl Options {
    /// Reads the words after `deps`.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        match words {
            [] => Ok(Self { advisories: false }),
            ["--advisories"] => Ok(Self { advisories: true }),
            _ => Err("deps takes `--advisories` or nothing".to_owned()),
        }
    }
}

/// As [`run`], satisfied without a list of advisories.
pub(crate) fn check() -> Result<(), String> {
    run(Options { advisories: false })
}

/// Reads the lock file of the workspace and checks it; prints crates that occur in several versions.
pub(crate) fn run(options: Options) -> Result<(), String> {
    let path = root().join("Cargo.lock");
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
    let packages = packages(&text);
    println!(
        "{} crates; several versions: {}",
        packages.len(),
        several(&packages).join(", ")
    );
    let mut faults = faults(&packages);
    faults.extend(advisories::check(&packages, options.advisories).err());
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("; "))
    }
}

fn packages(lock: &str) -> Vec<Package<'_>> {
    lock.split("[[package]]")
        .skip(1)
        .filter_map(|part| Some((field(part, "name")?, field(part, "version")?)))
        .collect()
}

fn field<'a>(part: &'a str, key: &str) -> Option<&'a str> {
    part.lines().find_map(|line| {
        line.strip_prefix(key)?
            .strip_prefix(" = \"")?
            .strip_suffix('"')
    })
}

fn several(packages: &[Package<'_>]) -> Vec<String> {
    let mut names: Vec<&str> = packages.iter().map(|package| package.0).collect();
    names.dedup();
    let count = |name: &str| packages.iter().filter(|package| package.0 == name).count();
    names
        .into_iter()
        .filter(|name| count(name) > 1)
        .map(|name| format!("{name} {}", count(name)))
        .collect()
}

fn faults(packages: &[Package<'_>]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in SINGLE {
        let versions: Vec<&str> = packages
            .iter()
            .filter(|package| package.0 == name)
            .map(|package| package.1)
            .collect();
        if versions.len() != 1 {
            faults.push(format!(
                "{name}: want one version, found [{}]",
                versions.join(", ")
            ));
        }
    }
    for (name, version) in packages {
        if FORBIDDEN
            .iter()
            .any(|beginning| name.starts_with(beginning))
        {
            faults.push(format!("{name} {version} is forbidden"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"ring\"\nversion = \"0.17.14\"\n\n\
        [[package]]\nname = \"ring\"\nversion = \"0.16.0\"\n\n[[package]]\nname = \"openssl-sys\"\nversion = \"0.9\"\n";

    #[test]
    fn the_list_of_advisories_is_asked_for_or_not() {
        let asked = |words: &[&str]| Options::parse(words).map(|options| options.advisories);
        assert_eq!(asked(&[]), Ok(false));
        assert_eq!(asked(&["--advisories"]), Ok(true));
        assert!(asked(&["--advisory"]).is_err());
    }

    #[test]
    fn finds_doubles_and_forbidden_ones() {
        let packages = packages(LOCK);
        assert_eq!(packages.len(), 3);
        assert_eq!(several(&packages), ["ring 2"]);
        let faults = faults(&packages);
        assert!(faults.contains(&"ring: want one version, found [0.17.14, 0.16.0]".to_owned()));
        assert!(faults.contains(&"openssl-sys 0.9 is forbidden".to_owned()));
    }
}

//! The files of RustSec's list.

use std::collections::BTreeMap;
use std::path::Path;

use super::version::{Version, meets};

/// A `(name, version)` of the lock file.
pub(crate) type Package<'a> = (&'a str, &'a str);

/// One file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advisory {
    /// Its number.
    pub(super) id: String,
    /// The kind, when it tells of no hole: `unmaintained`, `unsound`, `notice`.
    pub(super) informational: Option<String>,
    /// Requirements; a version that meets one of them is not concerned.
    good: Vec<String>,
}

impl Advisory {
    /// Whether a version is concerned; a requirement of an unknown form vouches for none.
    pub(super) fn concerns(&self, version: &Version) -> bool {
        let is_good = |requirement: &String| meets(version, requirement) == Some(true);
        !self.good.iter().any(is_good)
    }

    /// Reads a file; `None` for one that was taken back.
    fn parse(text: &str) -> Result<Option<Self>, String> {
        let head = text
            .split("```")
            .nth(1)
            .and_then(|part| part.strip_prefix("toml"));
        let head = head.ok_or("has no head in TOML")?;
        let values = values(head);
        if values.contains_key("advisory.withdrawn") {
            return Ok(None);
        }
        let one = |key: &str| values.get(key).and_then(|all| all.first()).cloned();
        let all = |key: &str| values.get(key).cloned();
        let mut good = all("versions.patched").ok_or("has no patched versions")?;
        good.extend(all("versions.unaffected").unwrap_or_default());
        Ok(Some(Self {
            id: one("advisory.id").ok_or("has no number")?,
            informational: one("advisory.informational"),
            good,
        }))
    }
}

/// The quoted texts of each `section.key`; lists may go over several lines.
fn values(head: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut section, mut open) = (String::new(), None);
    for line in head.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').filter(|_| open.is_none()) {
            section = name.trim_end_matches(']').to_owned();
            continue;
        }
        let (key, value) = match (open.take(), line.split_once('=')) {
            (Some(key), _) => (key, line),
            (None, Some((key, value))) => (format!("{section}.{}", key.trim()), value.trim()),
            (None, None) => continue,
        };
        let texts = value.split('"').skip(1).step_by(2).map(str::to_owned);
        found.entry(key.clone()).or_default().extend(texts);
        let bare: String = value.split('"').step_by(2).collect();
        let bare = bare.split('#').next().unwrap_or_default();
        let continued = found.contains_key(&key) && !bare.contains(']');
        open = Some(key).filter(|_| continued && (bare.starts_with('[') || value == line));
    }
    found
}

/// What the list says of the crates of a lock file.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Crates of the lock file of which it says anything.
    pub(super) crates: usize,
    by_name: BTreeMap<String, Vec<Advisory>>,
}

impl List {
    /// The advisories about a crate.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &Advisory> {
        self.by_name.get(name).into_iter().flatten()
    }
}

/// Reads what a folder says of these crates.
pub(super) fn read(folder: &Path, packages: &[Package<'_>]) -> Result<List, String> {
    let mut list = List::default();
    for (name, _) in packages {
        let here = folder.join("crates").join(name);
        if list.by_name.contains_key(*name) || !here.is_dir() {
            continue;
        }
        let failed = |error| format!("{}: {error}", here.display());
        let mut found = Vec::new();
        for file in std::fs::read_dir(&here).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            if path.extension().is_some_and(|ending| ending == "md") {
                let text = std::fs::read_to_string(&path).map_err(failed)?;
                let read = Advisory::parse(&text);
                found.extend(read.map_err(|fault| format!("{}: {fault}", path.display()))?);
            }
        }
        list.crates += 1;
        list.by_name.insert((*name).to_owned(), found);
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2021-0070\"\npackage = \"nalgebra\"\n\
        keywords = [\"memory-safety\", \"a = b\"]\n\n[versions]\npatched = [\n  \">= 0.27.1\", # since\n  \"^0.26.9\",\n]\n\
        unaffected = [\"< 0.11.0\"]\n\n[affected]\narch = []\n```\n\n# Words\n\npatched = [\"*\"]\n";

    fn parse(text: &str) -> Option<Advisory> {
        Advisory::parse(text).ok().flatten()
    }

    #[test]
    fn an_advisory_is_read_with_lists_over_several_lines() {
        let good = [">= 0.27.1", "^0.26.9", "< 0.11.0"].map(str::to_owned);
        let expected = Advisory {
            id: "RUSTSEC-2021-0070".to_owned(),
            informational: None,
            good: good.to_vec(),
        };
        let found = parse(FILE);
        assert_eq!(found.as_ref(), Some(&expected));
        let concerns = |version: &str| {
            let version = Version::parse(version);
            version.is_some_and(|version| expected.concerns(&version))
        };
        assert!(concerns("0.19.0") && concerns("0.26.8"));
        assert!(!concerns("0.10.9") && !concerns("0.26.9") && !concerns("0.30.0"));
    }

    #[test]
    fn what_was_taken_back_is_none_and_what_cannot_be_read_is_an_error() {
        let kind = FILE.replace("package =", "informational = \"unmaintained\"\npackage =");
        let found = parse(&kind).and_then(|one| one.informational);
        assert_eq!(found.as_deref(), Some("unmaintained"));
        let withdrawn = FILE.replace("package =", "withdrawn = \"2024-01-01\"\npackage =");
        assert_eq!(Advisory::parse(&withdrawn), Ok(None));
        for (from, to) in [
            ("```toml", "~~~"),
            ("patched", "healed"),
            ("id =", "number ="),
        ] {
            assert!(Advisory::parse(&FILE.replace(from, to)).is_err(), "{from}");
        }
        let strange = FILE.replace(">= 0.27.1", "newer than 0.27");
        let version = Version::parse("0.30.0");
        let concerned = |one: Advisory| version.as_ref().is_some_and(|it| one.concerns(it));
        assert!(
            parse(&strange).is_some_and(concerned),
            "an unknown form vouches for none"
        );
    }
}

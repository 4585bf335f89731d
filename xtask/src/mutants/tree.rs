//! The copy of the source tree in which mutants live.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mutant::Mutant;
use crate::step::root;

/// Cargo's target folder.
pub(super) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(named.unwrap_or_else(|| "target".into()))
}

/// A copy of everything that git knows or would know.
pub(super) struct Tree(PathBuf);

impl Tree {
    /// Copies the source tree into `folder`, which is emptied first.
    pub(super) fn copy(folder: PathBuf) -> Result<Self, String> {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(told(&folder))?;
        }
        let root = root();
        for name in sources(&root)? {
            let (from, to) = (root.join(&name), folder.join(&name));
            // Deleted and not yet committed.
            if !from.is_file() {
                continue;
            }
            let parent = to.parent().unwrap_or(&folder);
            fs::create_dir_all(parent).map_err(told(parent))?;
            fs::copy(&from, &to).map_err(told(&to))?;
        }
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Puts a mutant in, until the returned value is dropped.
    pub(super) fn change(&self, mutant: &Mutant) -> Result<Changed, String> {
        let path = self.0.join(mutant.file);
        let original = fs::read_to_string(&path).map_err(told(&path))?;
        let changed = changed(&original, mutant)?;
        fs::write(&path, changed).map_err(told(&path))?;
        Ok(Changed { path, original })
    }
}

/// The text of a mutant's file with the mutant in it.
pub(super) fn changed(original: &str, mutant: &Mutant) -> Result<String, String> {
    match original.matches(mutant.old).count() {
        1 => Ok(original.replacen(mutant.old, mutant.new, 1)),
        times => Err(format!(
            "the list of mutants is out of date: the text of {} occurs {times} times in {}, not once",
            mutant.name, mutant.file
        )),
    }
}

/// A file with a mutant in it; dropping it restores the file.
pub(super) struct Changed {
    path: PathBuf,
    original: String,
}

impl Drop for Changed {
    fn drop(&mut self) {
        if let Err(error) = fs::write(&self.path, &self.original) {
            eprintln!("{} keeps its mutant: {error}", self.path.display());
        }
    }
}

fn sources(root: &Path) -> Result<Vec<String>, String> {
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output();
    let output = output.map_err(|error| format!("git cannot be started: {error}"))?;
    if !output.status.success() {
        return Err("git does not know this folder: mutants need a clone".to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text.split('\0').filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

fn told(path: &Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

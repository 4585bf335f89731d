//! The files of the workspace, read once for each test.

use std::path::{Path, PathBuf};

/// A text file of the workspace.
pub(super) struct File {
    /// From the workspace's root, with `/` between the parts.
    pub(super) path: String,
    /// Its whole text.
    pub(super) text: String,
}

/// Folders that are built or fetched, not written.
const NOT_OURS: [&str; 9] = [
    ".git",
    "artifacts",
    "corpus",
    "coverage",
    "dist",
    "node_modules",
    "payung-data",
    "target",
    "test-results",
];

/// The workspace's root folder.
pub(super) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("the tests crate lies in the workspace")
        .to_path_buf()
}

/// All files with one of these endings (without the dot), in the order of their paths.
pub(super) fn files(endings: &[&str]) -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    collect(&root, &root, endings, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(root: &Path, folder: &Path, endings: &[&str], found: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the workspace can be read") {
        let path = entry.expect("a folder's entry can be read").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            if !NOT_OURS.contains(&name) {
                collect(root, &path, endings, found);
            }
        } else if path
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| endings.contains(&ending))
        {
            let relative = path
                .strip_prefix(root)
                .expect("under the root")
                .to_string_lossy()
                .replace('\\', "/");
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|_| panic!("{relative} is not UTF-8 text"));
            found.push(File {
                path: relative,
                text,
            });
        }
    }
}

/// The Rust files, without the rules' own, which name what they forbid.
pub(super) fn rust() -> Vec<File> {
    let mut files = files(&["rs"]);
    files.retain(|file| !file.path.starts_with("tests/it/tidy/"));
    files
}

/// One file by its path from the root.
pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl File {
    /// Its lines with their numbers, comments cut off.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
    }

    /// `path:line: what` for every line of code that holds one of the words.
    pub(super) fn naming<'a>(&'a self, words: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
        self.code().flat_map(move |(number, line)| {
            let named = words.iter().filter(move |word| line.contains(**word));
            named.map(move |word| format!("{}:{number}: {word}", self.path))
        })
    }
}

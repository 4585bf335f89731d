//! The number beside the identity database that tells an older copy of it: a file of the data folder that belongs in no backup.

use std::path::PathBuf;

use identity::Beside;

use crate::datadir::DataDir;

/// Its name.
const FILE: &str = "identity.stamp";

/// The file: one number, or two while the database is under way from one to the other.
pub(crate) struct Stamp(PathBuf);

impl Stamp {
    pub(crate) fn in_folder(dir: &DataDir) -> Self {
        Self(dir.path().join(FILE))
    }
}

impl Beside for Stamp {
    fn read(&self) -> Vec<i64> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        let numbers = text.split_whitespace().map(str::parse);
        numbers.collect::<Result<_, _>>().unwrap_or_default()
    }

    fn write(&self, numbers: &[i64]) -> bool {
        let lines: Vec<String> = numbers.iter().map(|it| format!("{it}\n")).collect();
        files::replace(&self.0, lines.concat().as_bytes()).is_ok()
    }
}

//! A folder that lives as long as one command: the demo's, the benchmark's, the audit's.

use std::path::{Path, PathBuf};

use crypto::rng::Random;
use server::datadir::make_private;
use server::error::Failure;

/// A folder that is deleted at the end, and when the command is ended by a signal.
pub(crate) struct Temporary(Option<PathBuf>);

impl Temporary {
    /// Makes a private folder in the system's place for temporary files.
    pub(crate) fn make() -> Result<Self, Failure> {
        let name: [u8; 8] = crypto::rng::bytes(&mut Random::os());
        let path = std::env::temp_dir().join(format!("payung-demo-{}", crypto::hex::encode(&name)));
        make_private(&path)?;
        Ok(Self(Some(path)))
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// Deletes it, and says when that fails.
    pub(crate) fn remove(mut self) -> Result<(), Failure> {
        let deleted = self.0.take().map_or(Ok(()), std::fs::remove_dir_all);
        deleted.map_err(|e| Failure::of("deleting the demo's folder", e.kind()))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nobody is there to be told.
        let _ = self.0.take().map(std::fs::remove_dir_all);
    }
}

//! A folder that lives as long as one command: the demo's, the benchmark's, the audit's.

use std::path::{Path, PathBuf};

use crypto::rng::Random;
use server::datadir::make_private;
use server::error::Failure;

/// A folder that is deleted at the end.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// Makes a private folder in the system's place for temporary files.
    pub(crate) fn make() -> Result<Self, Failure> {
        let name: [u8; 8] = crypto::rng::bytes(&mut Random::os());
        let path = std::env::temp_dir().join(format!("payung-demo-{}", crypto::hex::encode(&name)));
        make_private(&path)?;
        Ok(Self(path))
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Deletes it.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        std::fs::remove_dir_all(&self.0)
            .map_err(|e| Failure::of("deleting the demo's folder", e.kind()))
    }
}

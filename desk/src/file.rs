//! The file in which a terminal of this machine keeps its sealed bytes.

use std::io::ErrorKind;
use std::path::PathBuf;
use terminal::error::StateError;
use terminal::keep::Keep;

/// A terminal's file: readable by its owner only, replaced whole or not at all.
#[derive(Clone, Debug)]
pub struct StateFile(PathBuf);

impl StateFile {
    /// Names a file; nothing is touched.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The file beside it in which the envelopes are kept.
    #[must_use]
    pub fn envelopes(&self) -> Self {
        Self(self.0.with_extension("envelopes"))
    }
}

impl Keep for StateFile {
    async fn load(&self) -> Result<Option<Vec<u8>>, StateError> {
        match std::fs::read(&self.0) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(_) => Err(StateError::Io),
        }
    }

    async fn replace(&self, bytes: &[u8]) -> Result<(), StateError> {
        files::replace(&self.0, bytes).map_err(|_| StateError::Io)
    }
}

#[cfg(test)]
mod tests;

//! Where a command works, and the passphrase that it needs: asked for when it is needed, and not before.

use std::path::PathBuf;
use std::sync::Arc;

use analytics::keys::AnalyticsKeys;
use crypto::secret::SecretBytes;
use server::datadir::DataDir;
use server::error::Failure;
use server::open::{self, Reader};
use server::options::StoreArgs;

use crate::passphrase;

/// Where a command works and how it gets the passphrase.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The data folder.
    pub dir: DataDir,
    /// File with the passphrase, when given.
    pub passphrase_file: Option<PathBuf>,
}

impl Opening {
    /// The passphrase.
    ///
    /// # Errors
    /// [`Failure`] when it is empty or cannot be had.
    pub fn passphrase(&self) -> Result<SecretBytes, Failure> {
        passphrase::obtain(&passphrase::KEYS, self.passphrase_file.as_deref())
    }

    /// Opens the statistics role without its keys.
    ///
    /// # Errors
    /// [`Failure`] when the folder holds no programme or the database does not open.
    pub async fn reader(&self, store: &StoreArgs) -> Result<Reader, Failure> {
        open::reader(&self.dir, store).await
    }

    /// The statistics role's keys alone.
    ///
    /// # Errors
    /// [`Failure`] when they do not open.
    pub fn analytics_keys(&self) -> Result<AnalyticsKeys, Failure> {
        open::analytics_keys(&self.dir, &self.passphrase()?)
    }

    /// Opens the statistics role.
    ///
    /// # Errors
    /// [`Failure`] when the folder holds no programme, or keys or database do not open.
    pub async fn analytics(&self, store: &StoreArgs) -> Result<Arc<analytics::App>, Failure> {
        self.dir.programme()?;
        open::analytics(&self.dir, store, &self.passphrase()?).await
    }
}

//! What keeps a terminal's bytes: a thing that the host lends, as the transport is.
//!
//! A desk has a file, a browser one entry of its database. What is kept is sealed
//! before it comes here (see [`crate::state`]); the keeper knows nothing of it.

use crate::error::StateError;

/// A place for one run of bytes.
pub trait Keep {
    /// What is kept, or `None` when nothing was kept yet.
    ///
    /// # Errors
    /// `Io`.
    fn load(&self) -> impl Future<Output = Result<Option<Vec<u8>>, StateError>>;

    /// Keeps these bytes instead of what was kept: all of them, for good, or
    /// none, and then what was kept before is still there.
    ///
    /// # Errors
    /// `Io`.
    fn replace(&self, bytes: &[u8]) -> impl Future<Output = Result<(), StateError>>;
}

//! `payung bench`: the figures of this machine.

use crate::error::Failure;

/// Measures.
pub async fn run() -> Result<(), Failure> {
    Ok(())
}

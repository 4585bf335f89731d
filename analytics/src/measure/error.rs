//! Why a quarter cannot be measured.

use privacy::toeplitz::ToeplitzError;
use store::DbError;
use thiserror::Error;

use super::noise::NoiseError;
use crate::blocking::Stopping;
use crate::error;

/// A quarter cannot be measured. The reservation stays spent; measuring again is safe, because nothing was stored.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The database's facts or histories cannot be read.
    #[error(transparent)]
    Role(#[from] error::Error),
    /// No noise.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// A running total does not fit.
    #[error(transparent)]
    Toeplitz(#[from] ToeplitzError),
}

impl From<Stopping> for MeasureError {
    fn from(stopping: Stopping) -> Self {
        Self::Role(stopping.into())
    }
}

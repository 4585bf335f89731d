//! Why a release cannot be assembled or read.

use privacy::catalogue::CatalogueError;
use privacy::toeplitz::ToeplitzError;
use thiserror::Error;

use super::wls::WlsError;

/// A stored measurement is missing or numbers do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EstimateError {
    /// A cell of the catalogue has no measurement.
    #[error("a measurement is missing: restore the statistics database from its backup")]
    Missing,
    /// Least squares refused.
    #[error(transparent)]
    Wls(#[from] WlsError),
    /// The running total refused.
    #[error(transparent)]
    Toeplitz(#[from] ToeplitzError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// A release cannot be assembled or read.
#[derive(Debug, Error)]
pub enum ReleaseError {
    /// Estimation failed.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The bytes are no release.
    #[error("this is not a release of this programme's format: fetch it again")]
    Format,
}

//! What an export is made from: a stored signed release, taken apart once.

use crypto::hex;

use release::error::ReleaseError;
use release::object::{CellRelease, Release};
use release::published::Reliability;
use release::seal::SignedRelease;

/// A release and what vouches for it.
pub(super) struct Source {
    pub(super) release: Release,
    /// BLAKE3 of the JSON release, hex.
    pub(super) hash: String,
    /// The release key's public half, hex.
    pub(super) key: String,
    /// Ed25519 over the JSON release, hex.
    pub(super) signature: String,
}

impl Source {
    /// Reads a stored file; whether it is the published one was asked before.
    pub(super) fn read(body: &[u8]) -> Result<Self, ReleaseError> {
        let signed = SignedRelease::from_bytes(body)?;
        let hash = crypto::digest::hash(signed.release.get().as_bytes());
        Ok(Self {
            release: signed.open()?,
            hash: hex::encode(&hash),
            key: hex::encode(&signed.key.0),
            signature: hex::encode(&signed.signature.0),
        })
    }

    /// The remark that travels with a number into systems that know no ranges.
    pub(super) fn comment(&self, cell: &CellRelease) -> String {
        let CellRelease {
            estimate,
            lo,
            hi,
            reliability,
            ..
        } = cell;
        let hash = &self.hash;
        let warning = if *reliability == Reliability::Ok {
            ""
        } else {
            "low reliability; "
        };
        format!("{warning}estimate {estimate}; 95 % noise range {lo} to {hi}; release {hash}")
    }
}

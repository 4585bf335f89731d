//! The person's HPKE key pair and the provider's data key under it.
//!
//! The private key is sealed under a key from the OPAQUE export key and bound
//! to the handle; the server keeps it and cannot open it. The data key is sealed
//! (HPKE base mode) to the public key, which is also its associated data.
//! Limit: who answers `GET /v1/staff` could name a public key of their own; so
//! an administrator compares [`fingerprint`] with the person before admitting.

use crate::device::Handle;
use crate::error::Error;
use crypto::hpke::{self, HpkePublic, HpkeSecret};
use crypto::label::{DATA_KEY_HPKE, STAFF_SEAL, STAFF_SEAL_KEY};
use crypto::opaque::ExportKey;
use crypto::provider::DataKey;
use crypto::rng::Rng;
use crypto::secret::Secret;
use crypto::{digest, seal as sealing};
use zeroize::Zeroizing;

/// Seals the private key; 72 bytes: nonce, 32 bytes, tag.
pub(crate) fn seal(
    export_key: &ExportKey,
    handle: &Handle,
    key: &HpkeSecret,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, Error> {
    let under = digest::derive_secret(STAFF_SEAL_KEY, export_key.0.expose());
    let id = handle.as_str().as_bytes();
    sealing::seal(under.expose(), STAFF_SEAL, id, key.expose(), rng).map_err(|_| Error::Value)
}

/// Opens what [`seal`] made.
pub(crate) fn open(
    export_key: &ExportKey,
    handle: &Handle,
    sealed: &[u8],
) -> Result<HpkeSecret, Error> {
    let under = digest::derive_secret(STAFF_SEAL_KEY, export_key.0.expose());
    let id = handle.as_str().as_bytes();
    let plain = sealing::open(under.expose(), STAFF_SEAL, id, sealed)
        .map(Zeroizing::new)
        .map_err(|_| Error::Sealed)?;
    let bytes = Secret::<32>::try_from(&plain[..]).map_err(|_| Error::Sealed)?;
    Ok(HpkeSecret::new(bytes))
}

/// Seals the data key to a person.
pub(crate) fn seal_data_key(
    to: &HpkePublic,
    key: &DataKey,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, Error> {
    hpke::seal(to, DATA_KEY_HPKE, to.as_bytes(), key.expose(), rng).map_err(|_| Error::Value)
}

/// Opens a data key sealed to this person.
pub(crate) fn open_data_key(key: &HpkeSecret, sealed: &[u8]) -> Result<DataKey, Error> {
    let public = key.public();
    let plain = hpke::open(key, DATA_KEY_HPKE, public.as_bytes(), sealed)
        .map(Zeroizing::new)
        .map_err(|_| Error::Sealed)?;
    DataKey::try_from(&plain[..]).map_err(|_| Error::Sealed)
}

/// Twelve hexadecimal digits in three groups, to be read aloud and compared;
/// 48 bits, enough against a key made to match while somebody waits.
#[must_use]
pub fn fingerprint(public: &HpkePublic) -> String {
    let hash = digest::hash(public.as_bytes());
    let group = |at: usize| crypto::hex::encode(&hash[at..at + 2]);
    format!("{} {} {}", group(0), group(2), group(4))
}

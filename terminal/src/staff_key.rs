//! The person's HPKE key pair, and the provider's data key as it is handed on under it.
//!
//! The private key is sealed under a key from the OPAQUE export key and bound
//! to the handle; the server keeps it and cannot open it. The data key is sealed in
//! auth mode ([`crypto::handover`]).

use crate::device::Handle;
use crate::error::Error;
use crate::session::Session;
use crypto::handover::{self, Handed, Place};
use crypto::hpke::{HpkePublic, HpkeSecret};
use crypto::invitation::InviterKind;
use crypto::label::{STAFF_SEAL, STAFF_SEAL_KEY};
use crypto::opaque::ExportKey;
use crypto::rng::Rng;
use crypto::secret::Secret;
use crypto::{digest, seal as sealing};
use wire::Role;
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

/// Seals the session's data key to a colleague of the same provider.
pub(crate) fn hand_on<T>(
    session: &Session<T>,
    role: Role,
    invited: InviterKind,
    to: &HpkePublic,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, Error> {
    let (provider, key) = session.provider_and_key()?;
    let founding = session.founding().ok_or(Error::NoDataKey)?;
    let place = Place {
        provider,
        role: role.code(),
        invited,
    };
    let handed = Handed {
        key: key.clone(),
        founding: *founding,
    };
    handover::seal(session.staff_key(), to, &place, &handed, rng).map_err(|_| Error::Value)
}

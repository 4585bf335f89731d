//! What a closed device keeps beside its sealed state, so that a PIN and the service together open it.
//!
//! The key is `derive_parts("PIN wrap key", [export key, device secret])`: the export key of the OPAQUE record that the service
//! has of this device's PIN (64 bytes), and 32 random bytes that only the device has. Neither the service alone nor the device
//! alone can try a PIN. Limit: whoever has both, with the keys of the service, guesses a million PINs at an Argon2id each.
//!
//! Kept form: `derive("key commitment", key) (32) || sealed`, because XChaCha20-Poly1305 alone does not say which key it was
//! sealed under. Sealed for the terminal, by its id.

use subtle::ConstantTimeEq as _;

use crate::digest;
use crate::id::TerminalId;
use crate::label::{KEY_COMMITMENT, PIN_WRAP, PIN_WRAP_KEY};
use crate::opaque::ExportKey;
use crate::rng::Rng;
use crate::seal::{self, SealError};
use crate::secret::{Secret, secrets};

secrets! {
    /// What only the device has, 32 bytes; drawn when a PIN is chosen.
    DeviceSecret, 32;
}

/// The key of what a closed device keeps for its PIN, 32 bytes.
#[derive(Clone, Debug)]
pub struct ReopenKey(Secret<32>);

impl ReopenKey {
    /// From both halves.
    #[must_use]
    pub fn derive(export_key: &ExportKey, device: &DeviceSecret) -> Self {
        let parts = [&export_key.0.expose()[..], device.expose()];
        Self(Secret::new(digest::derive_parts(PIN_WRAP_KEY, &parts)))
    }

    fn commitment(&self) -> [u8; 32] {
        digest::derive(KEY_COMMITMENT, self.0.expose())
    }

    /// Wraps; 72 bytes longer than the plain text.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond the cipher's limit.
    pub fn wrap(
        &self,
        terminal: &TerminalId,
        plain: &[u8],
        rng: &mut impl Rng,
    ) -> Result<Vec<u8>, SealError> {
        let sealed = seal::seal(self.0.expose(), PIN_WRAP, terminal.as_bytes(), plain, rng)?;
        Ok([&self.commitment()[..], &sealed].concat())
    }

    /// Opens what [`ReopenKey::wrap`] made with the same key, for the same terminal.
    ///
    /// # Errors
    /// [`SealError::Refused`] for anything else.
    pub fn unwrap(&self, terminal: &TerminalId, wrapped: &[u8]) -> Result<Vec<u8>, SealError> {
        let (commitment, sealed) = wrapped
            .split_first_chunk::<32>()
            .ok_or(SealError::Refused)?;
        if !bool::from(self.commitment()[..].ct_eq(commitment)) {
            return Err(SealError::Refused);
        }
        seal::open(self.0.expose(), PIN_WRAP, terminal.as_bytes(), sealed)
    }
}

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;

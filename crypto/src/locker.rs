//! The keys of a client's locker: `u_m = VOPRF(mail, s)` gives its id, its key and its access key.
//!
//! The id is the same at every provider, so it is used only while the card is present.

use crate::digest::{derive_id, derive_secret};
use crate::label;
use crate::secret::Secret;

/// What an identity opens in the domain `mail`.
#[derive(Clone, Debug)]
pub struct LockerKeys {
    /// Where the locker lies, 16 bytes.
    pub id: [u8; 16],
    /// Seals its records.
    pub key: Secret<32>,
    /// Proves to the server that the holder may read it.
    pub access: Secret<32>,
}

impl LockerKeys {
    /// Derives all three from the finalized evaluation of the identity secret.
    #[must_use]
    pub fn derive(u_m: &Secret<64>) -> Self {
        Self {
            id: derive_id(label::LOCKER_ID, u_m.expose()),
            key: derive_secret(label::LOCKER_KEY, u_m.expose()),
            access: derive_secret(label::LOCKER_ACCESS, u_m.expose()),
        }
    }
}

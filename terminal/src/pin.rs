//! What is kept of a PIN, inside the sealed state.

use crypto::b64::Fixed;
use crypto::json::Hidden;
use crypto::pin::{NoMemory, Pin, PinKey, PinSalt};
use crypto::rng::Rng;
use serde::{Deserialize, Serialize};

use crate::device::Handle;

/// Whose PIN it is, and what it was stretched to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeldPin {
    handle: Handle,
    salt: Fixed<16>,
    key: Hidden<32>,
}

impl HeldPin {
    /// Argon2id: about a fifth of a second and 64 MiB.
    pub(crate) fn new(handle: &Handle, pin: &Pin, rng: &mut impl Rng) -> Result<Self, NoMemory> {
        let salt = PinSalt::random(rng);
        let key = PinKey::stretch(pin, &salt)?;
        Ok(Self {
            handle: handle.clone(),
            salt: Fixed(*salt.as_bytes()),
            key: Hidden::of(key.expose()),
        })
    }

    pub(crate) fn is_of(&self, handle: &Handle) -> bool {
        self.handle == *handle
    }

    pub(crate) const fn salt(&self) -> PinSalt {
        PinSalt::from_bytes(self.salt.0)
    }

    pub(crate) fn key(&self) -> PinKey {
        PinKey::from_bytes(*self.key.expose())
    }
}

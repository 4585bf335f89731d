//! What is kept of a PIN, inside the sealed state.

use crypto::b64::{B64, Fixed};
use crypto::json::{self, Hidden};
use crypto::pin::{NoMemory, Pin, PinKey, PinSalt};
use crypto::reopen::DeviceSecret;
use crypto::rng::Rng;
use serde::{Deserialize, Serialize};

use crate::device::Handle;

/// Whose PIN it is, and what it was stretched to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeldPin {
    handle: Handle,
    salt: Fixed<16>,
    key: Hidden<32>,
    /// What opens this device when it was closed: outside only while somebody has not signed out.
    #[serde(default)]
    pub(crate) kept: Option<KeptPin>,
}

const VERSION: u32 = 1;

/// What lies beside the sealed state, so that a PIN opens it with the service's help: the device's secret, and the wrap.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptPin {
    version: u32,
    secret: Hidden<32>,
    wrapped: B64,
}

impl KeptPin {
    pub(crate) fn new(secret: &DeviceSecret, wrapped: Vec<u8>) -> Self {
        Self {
            version: VERSION,
            secret: Hidden::of(secret.expose()),
            wrapped: B64(wrapped),
        }
    }

    /// Reads what [`crate::state::Open::reopens`] gave; nothing where it is of another form, which is as good as no PIN.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let kept: Self = json::read(bytes).ok()?;
        (kept.version == VERSION).then_some(kept)
    }

    pub(crate) fn secret(&self) -> DeviceSecret {
        DeviceSecret::from_bytes(*self.secret.expose())
    }

    pub(crate) fn wrapped(&self) -> &[u8] {
        &self.wrapped
    }
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
            kept: None,
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

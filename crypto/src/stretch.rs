//! Argon2id: what somebody can remember becomes a key that costs time and memory to guess.

use argon2::{Algorithm, Argon2, Params, Version};

use crate::secret::Secret;

/// What one guess costs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) passes: u32,
    pub(crate) memory_kib: u32,
    pub(crate) lanes: u32,
}

/// Three passes over 64 MiB in one lane, about a fifth of a second: the second choice of RFC 9106, section 4.
pub(crate) const COST: Cost = Cost {
    passes: 3,
    memory_kib: 65_536,
    lanes: 1,
};

impl Cost {
    /// Whether a reader may be asked to pay it: a forged header must not exhaust it.
    pub(crate) const fn is_bearable(self) -> bool {
        self.passes <= 16 && self.memory_kib <= 1 << 20 && self.lanes <= 4
    }

    /// A key of 32 bytes; nothing for want of memory, or for a cost that Argon2 does not know.
    pub(crate) fn stretch(self, secret: &[u8], salt: &[u8; 16]) -> Option<Secret<32>> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        let mut key = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(secret, salt, &mut key)
            .ok()?;
        Some(Secret::new(key))
    }
}

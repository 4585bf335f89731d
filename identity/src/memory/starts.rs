//! How many registrations were begun with each live invitation; a restart gives as many again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crypto::token::TokenHash;

use crate::Refusal;

/// Registrations that may be begun with one invitation: people mistype and connections break.
const MOST_STARTS: u32 = 20;

/// By hash of the invitation.
#[derive(Default)]
pub(crate) struct Starts(Mutex<HashMap<[u8; 32], u32>>);

impl Starts {
    /// Counts one, or refuses it.
    pub(crate) fn take(&self, hash: &TokenHash) -> Result<(), Refusal> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(*hash.as_bytes()).or_insert(0);
        if *count >= MOST_STARTS {
            return Err(Refusal::Invitation);
        }
        *count += 1;
        Ok(())
    }

    /// Forgets an invitation that is used up.
    pub(crate) fn forget(&self, hash: &TokenHash) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(hash.as_bytes());
    }
}

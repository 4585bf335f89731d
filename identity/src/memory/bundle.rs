//! The last signed trust bundle and the providers it speaks of.

use std::sync::{Mutex, PoisonError};

use crypto::bundle::SignedBundle;
use crypto::id::ProviderId;

/// The bundle signed last, if any was.
#[derive(Default)]
pub(crate) struct BundleCache(Mutex<Option<(Vec<ProviderId>, SignedBundle)>>);

impl BundleCache {
    /// The bundle, if it speaks of exactly these providers.
    pub(crate) fn of(&self, providers: &[ProviderId]) -> Option<SignedBundle> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|(of, _)| of == providers)
            .map(|(_, signed)| signed.clone())
    }

    pub(crate) fn keep(&self, providers: Vec<ProviderId>, signed: SignedBundle) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((providers, signed));
    }
}

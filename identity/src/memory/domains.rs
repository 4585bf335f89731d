//! Keys of domains, composed once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::domain::{Domain, DomainKey};

use crate::Refusal;
use crate::keys::IdentityKeys;

/// Composed keys, kept because composing costs as much as using them.
#[derive(Default)]
pub(crate) struct DomainKeys(RwLock<HashMap<Domain, Arc<DomainKey>>>);

impl DomainKeys {
    pub(crate) fn of(
        &self,
        keys: &IdentityKeys,
        domain: &Domain,
    ) -> Result<Arc<DomainKey>, Refusal> {
        if let Some(key) = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(domain)
        {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(keys.domain(domain)?);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(*domain, Arc::clone(&key));
        Ok(key)
    }
}

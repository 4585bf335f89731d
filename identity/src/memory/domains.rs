//! Keys of domains that were composed, for as long as the process runs.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::domain::{Domain, DomainKey, Identification, Statistics};

/// Composed keys, kept because composing costs a look at the database.
#[derive(Default)]
pub(crate) struct DomainKeys {
    identification: RwLock<HashMap<Domain, Arc<DomainKey<Identification>>>>,
    statistics: RwLock<Option<Arc<DomainKey<Statistics>>>>,
}

impl DomainKeys {
    pub(crate) fn of(&self, domain: &Domain) -> Option<Arc<DomainKey<Identification>>> {
        let kept = self.identification.read();
        let kept = kept.unwrap_or_else(PoisonError::into_inner);
        kept.get(domain).cloned()
    }

    pub(crate) fn keep(
        &self,
        domain: Domain,
        key: DomainKey<Identification>,
    ) -> Arc<DomainKey<Identification>> {
        let key = Arc::new(key);
        let kept = self.identification.write();
        kept.unwrap_or_else(PoisonError::into_inner)
            .insert(domain, Arc::clone(&key));
        key
    }

    pub(crate) fn statistics(&self) -> Option<Arc<DomainKey<Statistics>>> {
        let kept = self.statistics.read();
        kept.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn keep_statistics(&self, key: DomainKey<Statistics>) -> Arc<DomainKey<Statistics>> {
        let key = Arc::new(key);
        let kept = self.statistics.write();
        *kept.unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&key));
        key
    }

    /// Drops the key of a domain that is over.
    pub(crate) fn forget(&self, domain: &Domain) {
        if *domain == Domain::Statistics {
            let kept = self.statistics.write();
            *kept.unwrap_or_else(PoisonError::into_inner) = None;
        }
        let kept = self.identification.write();
        kept.unwrap_or_else(PoisonError::into_inner).remove(domain);
    }
}

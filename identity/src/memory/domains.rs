//! Keys of domains that were composed, for as long as the process runs.
//!
//! A key is composed from a record that was read before; meanwhile its domain may be over. So whoever composes says since when
//! ([`DomainKeys::since`]), and what is older than the last domain that ended is not kept: else a reader that was slow would
//! bring a destroyed key back for as long as the process runs.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crypto::domain::{Domain, DomainKey, Identification, Statistics};

/// How many domains had ended when something was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(u64);

#[derive(Default)]
struct Kept {
    identification: HashMap<Domain, Arc<DomainKey<Identification>>>,
    statistics: Option<Arc<DomainKey<Statistics>>>,
    ended: u64,
}

/// Composed keys, kept because composing costs a look at the database.
#[derive(Default)]
pub(crate) struct DomainKeys(RwLock<Kept>);

impl DomainKeys {
    fn read(&self) -> RwLockReadGuard<'_, Kept> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be asked before a record is read.
    pub(crate) fn since(&self) -> Since {
        Since(self.read().ended)
    }

    pub(crate) fn of(&self, domain: &Domain) -> Option<Arc<DomainKey<Identification>>> {
        self.read().identification.get(domain).cloned()
    }

    /// Keeps a key whose record was read since then; `None` when a domain has ended meanwhile: read it again.
    pub(crate) fn keep(
        &self,
        domain: Domain,
        key: DomainKey<Identification>,
        since: Since,
    ) -> Option<Arc<DomainKey<Identification>>> {
        let mut kept = self.write();
        if kept.ended != since.0 {
            return None;
        }
        let key = Arc::new(key);
        kept.identification.insert(domain, Arc::clone(&key));
        Some(key)
    }

    pub(crate) fn statistics(&self) -> Option<Arc<DomainKey<Statistics>>> {
        self.read().statistics.clone()
    }

    /// As [`Self::keep`].
    pub(crate) fn keep_statistics(
        &self,
        key: DomainKey<Statistics>,
        since: Since,
    ) -> Option<Arc<DomainKey<Statistics>>> {
        let mut kept = self.write();
        if kept.ended != since.0 {
            return None;
        }
        let key = Arc::new(key);
        kept.statistics = Some(Arc::clone(&key));
        Some(key)
    }

    /// Drops the key of a domain whose record is gone.
    pub(crate) fn forget(&self, domain: &Domain) {
        let mut kept = self.write();
        kept.ended += 1;
        if *domain == Domain::Statistics {
            kept.statistics = None;
        }
        kept.identification.remove(domain);
    }
}

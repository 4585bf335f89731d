//! What every part of the room is given: store, clock, randomness, keys, limits, and what lives in memory only.

use std::sync::{Arc, Mutex};

use crypto::rng::Random;
use store::Store;
use store::clock::Clock;

use crate::allowance::Portions;
use crate::attempt::Attempts;
use crate::buckets::Buckets;
use crate::bundle::BundleCache;
use crate::envelopes::EnvelopeCount;
use crate::evaluate::DomainKeys;
use crate::invitation::Starts;
use crate::keys::IdentityKeys;
use crate::laying::Laying;
use crate::limits::{Limits, Windows};
use crate::refusals::Refusals;
use crate::revision::Asker;
use crate::session::Sessions;
use crate::status::StatusCache;
use crate::together::Together;

/// The identity role. Share it as `Arc<App>`.
pub struct App {
    /// The database of this room.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The secrets.
    pub keys: IdentityKeys,
    /// How much one terminal may do.
    pub limits: Limits,
    random: Random,
    pub(crate) sessions: Sessions,
    pub(crate) attempts: Attempts,
    pub(crate) starts: Starts,
    pub(crate) windows: Windows,
    pub(crate) portions: Portions,
    pub(crate) refusals: Refusals,
    pub(crate) domains: DomainKeys,
    pub(crate) bundle: Mutex<Option<BundleCache>>,
    pub(crate) status: Mutex<Option<StatusCache>>,
    pub(crate) envelopes: EnvelopeCount,
    pub(crate) buckets: Buckets,
    pub(crate) revision: Arc<Together<Asker>>,
    pub(crate) laying: Laying,
}

impl App {
    /// Puts the role together. `store` must have been opened for `Room::Identity`.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Random,
        keys: IdentityKeys,
        limits: Limits,
    ) -> Self {
        Self {
            store,
            clock,
            keys,
            limits,
            random,
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            starts: Starts::default(),
            windows: Windows::default(),
            portions: Portions::default(),
            refusals: Refusals::default(),
            domains: DomainKeys::default(),
            bundle: Mutex::new(None),
            status: Mutex::new(None),
            envelopes: EnvelopeCount::default(),
            buckets: Buckets::default(),
            revision: Arc::default(),
            laying: Laying::default(),
        }
    }

    /// A handle on the randomness.
    #[must_use]
    pub fn rng(&self) -> Random {
        self.random.clone()
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App(identity)")
    }
}

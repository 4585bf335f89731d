//! What every part of the room is given: store, clock, randomness, keys, limits, and what lives in memory only.

use std::sync::Arc;

use crypto::rng::Random;
use store::Store;
use store::clock::Clock;
use store::days::Days;
use tokio::sync::Notify;

use crate::access::attempt::Attempts;
use crate::access::session::Sessions;
use crate::access::tags::Tags;
use crate::guard::counts::CountTags;
use crate::guard::limits::Limits;
use crate::guard::reserve::Reserve;
use crate::keys::IdentityKeys;
use crate::memory::beside::Beside;
use crate::memory::buckets::{Asker, Buckets};
use crate::memory::count::EnvelopeCount;
use crate::memory::credits::Credits;
use crate::memory::crowd::Crowd;
use crate::memory::domains::DomainKeys;
use crate::memory::forgotten::Forgotten;
use crate::memory::laying::Laying;
use crate::memory::nobody::Nobody;
use crate::memory::refusals::Refusals;
use crate::memory::seen::Seen;
use crate::memory::starts::Starts;
use crate::memory::status::StatusCache;
use crate::memory::together::Together;
use crate::memory::tried::Try;
use crate::memory::waits::Waits;
use crate::memory::windows::Windows;
use crate::memory::{appending, changes};
use crate::pen::Pen;
use crate::records::places::Places;

/// The identity role. Share it as `Arc<App>`.
pub struct App {
    /// The database of this room.
    pub store: Store,
    /// The time; a clock that was set back stands on the last day that is sure.
    pub clock: Arc<dyn Clock>,
    /// The secrets.
    pub keys: IdentityKeys,
    /// How much one terminal may do.
    pub limits: Limits,
    /// What tells an older copy of the database, where there is such a place.
    pub beside: Option<Box<dyn Beside>>,
    /// Told when somebody changed what the statistics role has to know of the registry.
    pub registry_news: Notify,
    random: Random,
    pub(crate) days: Arc<Days>,
    pub(crate) forgotten: Forgotten,
    pub(crate) sessions: Sessions,
    pub(crate) attempts: Attempts<Tags>,
    /// By PIN; a stranger's counts nowhere.
    pub(crate) pin_attempts: Attempts<Option<Try>>,
    pub(crate) starts: Starts,
    /// Of names at live terminals, and of everybody else.
    pub(crate) waits: Waits,
    pub(crate) strangers: Waits,
    /// Held by the one stranger whose log-in is at the database.
    pub(crate) one_stranger: tokio::sync::Mutex<()>,
    pub(crate) nobody: Nobody,
    pub(crate) seen: Seen,
    pub(crate) windows: Windows,
    pub(crate) credits: Credits,
    pub(crate) pen: Arc<Pen>,
    pub(crate) reserve: Arc<Reserve>,
    pub(crate) crowd: Crowd,
    pub(crate) changes: Arc<changes::Queue>,
    pub(crate) places: Arc<Places>,
    pub(crate) appending: Arc<appending::Queue>,
    pub(crate) refusals: Refusals,
    pub(crate) domains: DomainKeys,
    pub(crate) status: StatusCache,
    pub(crate) envelopes: EnvelopeCount,
    pub(crate) buckets: Arc<Buckets>,
    pub(crate) askers: Arc<Together<Asker>>,
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
        let days = Arc::new(Days::new(clock));
        let clock: Arc<dyn Clock> = Arc::clone(&days) as Arc<dyn Clock>;
        let pen = Arc::new(Pen::new(limits.beat, store.clone()));
        let given = (store.clone(), Arc::clone(&clock), random.clone());
        let reserve = Reserve::new(given, CountTags::new(&keys), limits, Arc::clone(&pen));
        Self {
            // Made of the keys before they move in.
            nobody: Nobody::new(&keys, &mut random.clone()),
            places: Arc::new(Places::new(&keys)),
            store,
            clock,
            keys,
            limits,
            beside: None,
            registry_news: Notify::new(),
            random,
            days,
            forgotten: Forgotten::default(),
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            pin_attempts: Attempts::default(),
            starts: Starts::default(),
            waits: Waits::default(),
            strangers: Waits::default(),
            one_stranger: tokio::sync::Mutex::default(),
            seen: Seen::default(),
            windows: Windows::default(),
            credits: Credits::default(),
            pen,
            reserve: Arc::new(reserve),
            crowd: Crowd::default(),
            changes: Arc::default(),
            appending: Arc::default(),
            refusals: Refusals::default(),
            domains: DomainKeys::default(),
            status: StatusCache::default(),
            envelopes: EnvelopeCount::default(),
            buckets: Arc::default(),
            askers: Arc::default(),
            laying: Laying::default(),
        }
    }

    /// A handle on the randomness.
    #[must_use]
    pub fn rng(&self) -> Random {
        self.random.clone()
    }

    /// Takes sessions and log-ins whose time is over out of memory. Call it by the minute.
    pub fn forget_the_ended(&self) {
        let now = self.clock.unix_seconds();
        self.sessions.sweep(now);
        self.attempts.sweep(now);
        self.pin_attempts.sweep(now);
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App(identity)")
    }
}

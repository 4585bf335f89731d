//! Everything the statistics role works with, handed in by whoever starts it: no globals, no clock of its own.

use std::path::PathBuf;
use std::sync::Arc;

use crypto::day::Day;
use crypto::rng::Random;
use store::Store;
use store::clock::Clock;

use crate::keys::AnalyticsKeys;

/// The statistics role. Cheap to clone; all clones share one database, one clock and one source of randomness.
#[derive(Clone)]
pub struct App {
    /// The statistics database (room `Analytics`).
    pub store: Store,
    /// The programme's clock; days are local programme days.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness; clones of the handle share its state.
    pub rng: Random,
    /// The role's secrets.
    pub keys: Arc<AnalyticsKeys>,
    /// The folder of the hash-chained release log; it lives outside the database on purpose.
    pub log_dir: PathBuf,
}

impl App {
    /// The local programme day.
    #[must_use]
    pub fn today(&self) -> Day {
        self.clock.today()
    }

    /// The latest day anywhere on Earth: what is dated after it has happened nowhere.
    #[must_use]
    pub(crate) fn latest(&self) -> Day {
        self.clock.latest()
    }
}

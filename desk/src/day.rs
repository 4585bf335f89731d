//! The local day of a site: what a terminal writes there.

use std::collections::BTreeMap;

use crypto::day::Day;
use crypto::report::Site;
use terminal::Error;
use zones::Zone;

use crate::Session;

/// The sites of the own provider and whose days are theirs.
#[derive(Debug, Clone, Default)]
pub struct Places(BTreeMap<Site, Zone>);

impl Places {
    /// Asks the service.
    ///
    /// # Errors
    /// As the terminal's own call; `Answer` for a zone whose rules this version does not have.
    pub async fn of(session: &Session) -> Result<Self, Error> {
        let mut places = BTreeMap::new();
        let own = terminal::admin::registry(session).await?.providers;
        for (site, name) in own.into_iter().flat_map(|provider| provider.zones) {
            let zone: Zone = name.as_str().parse().map_err(|_| Error::Answer)?;
            places.insert(site, zone);
        }
        Ok(Self(places))
    }

    /// The calendar day at a site, at a moment in seconds since 1970-01-01 00:00 UTC; `None` for a site of nobody or of another.
    #[must_use]
    pub fn day(&self, site: &Site, unix_seconds: i64) -> Option<Day> {
        self.0.get(site).map(|zone| zone.day(unix_seconds))
    }
}

//! What the identity role tells of the registry: who takes part and where, on its own and at once. No report brings a city, and
//! from when on a city has cells follows the day on which people entered it.

use std::collections::BTreeMap;

use crypto::day::Day;
use crypto::id::ProviderId;
use crypto::report::Site;
use store::{Tx, retrying};
use wire::{RegistrySite, TellRegistry};

use super::{Registry, enter_of, pin};
use crate::App;
use crate::days;
use crate::error::Error;
use crate::ground::Ground;

/// Sites with their owners, by the day on which they were entered.
type ByDay = BTreeMap<Day, Vec<(Site, Option<ProviderId>)>>;

/// Takes what the identity role tells; what is known already changes nothing.
///
/// # Errors
/// [`Error::Name`] when a site is malformed, [`Error::Provider`] when it contradicts what is known, [`Error::RegistryFull`],
/// [`Error::Database`] and the other states of the database; then nothing was taken.
pub async fn tell(app: &App, told: &TellRegistry) -> Result<(), Error> {
    retrying!(app.store, "take the registry", &mut app.rng.clone(), |tx| {
        take(tx, app, told).await
    })
}

/// The transaction's work, without its commit.
///
/// # Errors
/// As [`tell`].
pub(crate) async fn take(tx: &mut Tx, app: &App, told: &TellRegistry) -> Result<(), Error> {
    let ground = Ground::hold(tx).await?;
    days::believed(tx, app.today()).await?;
    pin(tx, &told.providers).await?;
    for (day, sites) in unknown(&ground.registry, &told.sites)? {
        // A day that has not come is nobody's to choose.
        enter_of(tx, &sites, &ground.facts, day.min(app.today())).await?;
    }
    Ok(())
}

/// Sites that are new here, or new in that somebody owns them, by the day on which they were entered.
fn unknown(registry: &Registry, told: &[RegistrySite]) -> Result<ByDay, Error> {
    let mut unknown = ByDay::new();
    for one in told
        .iter()
        .filter(|one| registry.owner(&one.site) != Some(one.provider))
    {
        let site: Site = one.site.parse().map_err(|_| Error::Name)?;
        if site.city() != one.city {
            return Err(Error::Name);
        }
        let sites = unknown.entry(one.entered).or_default();
        sites.push((site, Some(one.provider)));
    }
    Ok(unknown)
}

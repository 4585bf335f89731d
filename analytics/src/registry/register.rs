//! What an operator does to the registry, in transactions of its own, and what it holds then.
//!
//! What is entered stays: so whoever brings a file is shown first what of it is not known yet.

use std::collections::BTreeSet;

use crypto::report::{ServiceCode, Site};
use store::retrying;

use super::services::enter;
use crate::App;
use crate::days;
use crate::error::Error;
use crate::ground::Ground;

/// Names of a file that the registry lacks, each once and in the order of their letters, whatever the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unregistered {
    /// Cities of these sites that are new too.
    pub cities: Vec<String>,
    /// Sites.
    pub sites: Vec<Site>,
    /// Services.
    pub services: Vec<ServiceCode>,
}

impl Unregistered {
    /// What of these names the registry lacks.
    pub(crate) fn of(ground: &Ground, sites: &[Site], services: &[ServiceCode]) -> Self {
        let registry = &ground.registry;
        let sites: BTreeSet<&Site> = sites
            .iter()
            .filter(|site| registry.site(site.as_str()).is_none())
            .collect();
        let cities: BTreeSet<&str> = sites
            .iter()
            .map(|site| site.city())
            .filter(|city| !registry.has_city(city))
            .collect();
        let services: BTreeSet<&ServiceCode> = services
            .iter()
            .filter(|code| ground.indicators.find(code).is_none())
            .collect();
        Self {
            cities: cities.into_iter().map(str::to_owned).collect(),
            sites: sites.into_iter().cloned().collect(),
            services: services.into_iter().cloned().collect(),
        }
    }

    /// True when everything is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sites.is_empty() && self.services.is_empty()
    }
}

/// What is done about names that the registry lacks.
pub enum Register<'a> {
    /// Rows that have them are refused.
    Nothing,
    /// They are entered.
    All,
    /// They are entered when the answer is yes; when nothing is new, nobody is asked.
    Asked(&'a mut (dyn FnMut(&Unregistered) -> bool + Send)),
}

impl Register<'_> {
    /// True unless rows with unknown names are refused.
    pub(crate) const fn takes_unknown(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// True when these are to be entered.
    pub(crate) fn allows(self, named: &Unregistered) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Asked(ask) => named.is_empty() || ask(named),
        }
    }
}

/// Which of these services the registry lacks, in the order of their letters.
///
/// # Errors
/// The states of the database.
pub async fn lacking(app: &App, services: &[ServiceCode]) -> Result<Vec<ServiceCode>, Error> {
    let ground = Ground::read(&mut app.store.read().await?).await?;
    Ok(Unregistered::of(&ground, &[], services).services)
}

/// Enters services in a transaction of its own: for commands that run on the data folder. Returns how many were new.
///
/// # Errors
/// [`Error::ClosingUnderWay`], [`Error::RegistryFull`], [`Error::Database`].
pub async fn register(app: &App, services: &[ServiceCode]) -> Result<usize, Error> {
    let (mut rng, today) = (app.rng.clone(), app.today());
    retrying!(app.store, "register services", &mut rng, |tx| {
        days::believed(tx, today).await?;
        let mut ground = Ground::hold(tx).await?;
        let entered = enter(tx, services, &mut ground.indicators, &ground.facts, today).await?;
        Ok(entered)
    })
}

/// Codes of every service that reports may name, in the catalogue's order, those of the registry last.
///
/// # Errors
/// The states of the database.
pub async fn known(app: &App) -> Result<Vec<ServiceCode>, Error> {
    let ground = Ground::read(&mut app.store.read().await?).await?;
    let services = ground.indicators.services().iter();
    Ok(services.map(|service| service.code.clone()).collect())
}

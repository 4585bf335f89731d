//! The registry of cities, sites and services: which cells exist is decided by people, before data, never by data.
//!
//! A city entered before the first closing counts from the programme's first quarter; later ones from the quarter after the
//! day they are entered, whenever this role is told of it, but never in a closed one. Until then, and for names nobody entered, reports count under "other" (code 0). Which of the two
//! rules holds depends on closings, which are public, and never on whether anybody's report has come.
//!
//! A site belongs to the first provider that it was told with, and a provider has the first report key that it was told with:
//! who brings another later is refused (`pins.rs`). A site of an imported file belongs to nobody until it is told.

mod pins;
mod register;
pub(crate) mod services;
pub(crate) mod told;

use std::collections::{HashMap, HashSet};

use crypto::day::{Day, Quarter};
use crypto::id::ProviderId;
use crypto::report::Site;
use indicators::project::CityPeriods;
use privacy::cell::CityCode;
use store::{Tx, execute, fetch_all, parsed_option};

use crate::error::{Error, Refusal};
use crate::setup::{self, Founding};

pub(crate) use pins::{ReportKeys, pin, report_keys};
pub use register::{Register, Unregistered, known, lacking, register};
pub use told::tell;

const CITIES: &str = "SELECT city, code, from_period FROM city ORDER BY code";
const SITES: &str = "SELECT site, code, provider FROM site";
const ADD_CITY: &str = "INSERT INTO city (city, code, from_period) VALUES ($1, $2, $3)";
const ADD_SITE: &str = "INSERT INTO site (site, city, code, provider) VALUES ($1, $2, $3, $4)";
const OWN_SITE: &str = "UPDATE site SET provider = $1 WHERE site = $2 AND provider IS NULL";

/// A city of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct City {
    /// Its name in reports.
    pub name: String,
    /// Its number in cells; 0 is "other".
    pub code: CityCode,
    /// The first quarter whose tables show it; `None` for "other", which is always shown.
    pub from: Option<Quarter>,
}

/// A row of `site`: its text, its number, whose it is.
type Row = (String, i64, Option<Vec<u8>>);

/// The registry as one moment knows it.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    cities: Vec<City>,
    by_name: HashMap<String, CityCode>,
    sites: HashMap<String, Place>,
    /// Where each provider has sites.
    at: HashSet<(ProviderId, CityCode)>,
}

/// A site of the registry.
#[derive(Clone, Copy, Debug)]
struct Place {
    code: u32,
    owner: Option<ProviderId>,
}

impl Registry {
    /// Reads all of it.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Damaged`].
    pub async fn read(tx: &mut Tx) -> Result<Self, Error> {
        let cities = cities(tx).await?;
        let names = cities.iter().map(|city| (city.name.clone(), city.code));
        let mut registry = Self {
            by_name: names.collect(),
            cities,
            ..Self::default()
        };
        for (site, code, owner) in fetch_all!(tx, Row, SITES)? {
            let code = u32::try_from(code).map_err(|_| Error::Damaged)?;
            let owner = parsed_option(owner.as_ref())?;
            registry.keep(site, Place { code, owner });
        }
        Ok(registry)
    }

    fn keep(&mut self, site: String, place: Place) {
        if let Some(owner) = place.owner {
            let city = site.split('/').next().unwrap_or_default();
            let city = self.city(city);
            self.at.insert((owner, city));
        }
        self.sites.insert(site, place);
    }

    /// Where a provider's report counts: the number of its site, 0 for one that nobody entered, and of the city. In a city where
    /// the provider is not known to have a site it counts under "other", so that nobody reports for a city without being
    /// there.
    ///
    /// # Errors
    /// [`Refusal::Provider`] for a site of another provider.
    pub(crate) fn place(
        &self,
        provider: ProviderId,
        site: &Site,
    ) -> Result<(u32, CityCode), Refusal> {
        let place = self.sites.get(site.as_str());
        if place.is_some_and(|place| place.owner.is_some_and(|owner| owner != provider)) {
            return Err(Refusal::Provider);
        }
        let city = self.city(site.city());
        if !self.at.contains(&(provider, city)) {
            return Ok((0, CityCode::OTHER));
        }
        Ok((place.map_or(0, |place| place.code), city))
    }

    /// The city's number; "other" when nobody entered it.
    #[must_use]
    pub fn city(&self, name: &str) -> CityCode {
        self.by_name.get(name).copied().unwrap_or(CityCode::OTHER)
    }

    /// True when somebody entered the city.
    #[must_use]
    pub(crate) fn has_city(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The site's number, `None` when nobody entered it.
    #[must_use]
    pub fn site(&self, site: &str) -> Option<u32> {
        self.sites.get(site).map(|place| place.code)
    }

    /// Whose a site is, when that is known.
    #[must_use]
    pub(crate) fn owner(&self, site: &str) -> Option<ProviderId> {
        self.sites.get(site).and_then(|place| place.owner)
    }

    /// From which quarter each city has cells of its own.
    #[must_use]
    pub fn periods(&self) -> CityPeriods {
        CityPeriods::new(
            self.cities
                .iter()
                .filter_map(|city| city.from.map(|from| (city.code, from))),
        )
    }
}

/// Every city in the order of codes, "other" first.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub(crate) async fn cities(tx: &mut Tx) -> Result<Vec<City>, Error> {
    let rows = fetch_all!(tx, (String, i64, i64), CITIES)?;
    rows.into_iter()
        .map(|(name, code, from)| {
            let code = u16::try_from(code)
                .ok()
                .and_then(|code| CityCode::new(code).ok())
                .ok_or(Error::Damaged)?;
            let from = i32::try_from(from)
                .ok()
                .and_then(|from| Quarter::from_number(from).ok());
            Ok(City {
                name,
                code,
                from: from.filter(|_| code != CityCode::OTHER),
            })
        })
        .collect()
}

/// The cities whose cells a quarter's tables show: "other", then those effective by then in the order of their names, whatever
/// was entered first.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub(crate) async fn cities_of(tx: &mut Tx, period: Quarter) -> Result<Vec<City>, Error> {
    let mut all = cities(tx).await?;
    let other = |city: &City| city.code == CityCode::OTHER;
    all.retain(|city| other(city) || city.from.is_some_and(|from| from <= period));
    all.sort_by(|a, b| (!other(a), &a.name).cmp(&(!other(b), &b.name)));
    Ok(all)
}

/// Enters sites and their cities, as an operator's file names them: they belong to nobody yet. Known ones stay as they are.
/// Returns how many sites were new.
///
/// # Errors
/// [`Error::RegistryFull`] beyond 4,095 cities, [`Error::Database`].
pub async fn enter(
    tx: &mut Tx,
    sites: &[Site],
    facts: &Founding,
    today: Day,
) -> Result<usize, Error> {
    let sites = sites.iter().map(|site| (site.clone(), None));
    enter_of(tx, &sites.collect::<Vec<_>>(), facts, today).await
}

/// Enters sites with their owners; a known one without an owner gets it. Returns how many sites were new.
///
/// # Errors
/// [`Error::Provider`] for a site of another owner, [`Error::RegistryFull`], [`Error::Database`].
pub(crate) async fn enter_of(
    tx: &mut Tx,
    sites: &[(Site, Option<ProviderId>)],
    facts: &Founding,
    today: Day,
) -> Result<usize, Error> {
    let mut registry = Registry::read(tx).await?;
    let mut entered = 0;
    // Numbers follow the names: whose report named a site first must not be seen in them.
    let mut sites: Vec<&(Site, Option<ProviderId>)> = sites.iter().collect();
    sites.sort_by(|one, other| one.0.cmp(&other.0));
    for (site, owner) in sites {
        let (text, owner) = (site.to_string(), *owner);
        let bytes = owner.as_ref().map(|owner| &owner.as_bytes()[..]);
        if let Some(known) = registry.sites.get(&text).copied() {
            if owner.is_some() && known.owner.is_some() && owner != known.owner {
                return Err(Error::Provider);
            }
            if owner.is_some() && known.owner.is_none() {
                execute!(tx, OWN_SITE, bytes, &text)?;
                registry.keep(text, Place { owner, ..known });
            }
            continue;
        }
        let city = site.city().to_owned();
        if !registry.by_name.contains_key(&city) {
            enter_city(tx, &mut registry, &city, facts, today).await?;
        }
        let last = registry.sites.values().map(|place| place.code).max();
        let code = last.map_or(1, |last| last + 1);
        execute!(tx, ADD_SITE, &text, &city, i64::from(code), bytes)?;
        registry.keep(text, Place { code, owner });
        entered += 1;
    }
    Ok(entered)
}

/// The first quarter whose tables show what is entered on a day; a function of public facts alone.
async fn from_period(tx: &mut Tx, facts: &Founding, day: Day) -> Result<Quarter, Error> {
    let earliest = facts.earliest();
    Ok(match setup::closed(tx).await? {
        None => earliest,
        Some((_, last)) => Quarter::of(day).next().max(last.next()).max(earliest),
    })
}

async fn enter_city(
    tx: &mut Tx,
    registry: &mut Registry,
    city: &str,
    facts: &Founding,
    today: Day,
) -> Result<(), Error> {
    let last = registry
        .by_name
        .values()
        .max()
        .map_or(0, |code| code.number());
    let code = CityCode::new(last + 1).map_err(|_| Error::RegistryFull)?;
    let from = from_period(tx, facts, today).await?;
    let (number, period) = (i64::from(code.number()), i64::from(from.number()));
    execute!(tx, ADD_CITY, city, number, period)?;
    registry.by_name.insert(city.to_owned(), code);
    registry.cities.push(City {
        name: city.to_owned(),
        code,
        from: Some(from),
    });
    Ok(())
}

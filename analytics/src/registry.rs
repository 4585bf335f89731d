//! The registry of cities, sites and services: which cells exist is decided by people, before data, never by data.
//!
//! A city entered before the first closing counts from the programme's first quarter; later ones from the quarter after the
//! day they are entered. Until then, and for names nobody entered, reports count under "other" (code 0). Which of the two
//! rules holds depends on closings, which are public, and never on whether anybody's report has come.

mod register;
pub(crate) mod services;

use std::collections::HashMap;

use crypto::day::{Day, Quarter};
use crypto::report::Site;
use indicators::project::CityPeriods;
use privacy::cell::CityCode;
use store::{Tx, execute, fetch_all};

use crate::error::Error;
use crate::setup::{self, Founding};

pub use register::{known, register};

const CITIES: &str = "SELECT city, code, from_period FROM city ORDER BY code";
const SITES: &str = "SELECT site, code FROM site";
const ADD_CITY: &str = "INSERT INTO city (city, code, from_period) VALUES ($1, $2, $3)";
const ADD_SITE: &str = "INSERT INTO site (site, city, code) VALUES ($1, $2, $3)";

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

/// The registry as one moment knows it.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    cities: Vec<City>,
    by_name: HashMap<String, CityCode>,
    sites: HashMap<String, u32>,
}

impl Registry {
    /// Reads all of it.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Damaged`].
    pub async fn read(tx: &mut Tx) -> Result<Self, Error> {
        let cities = cities(tx).await?;
        let sites = fetch_all!(tx, (String, i64), SITES)?;
        let sites = sites
            .into_iter()
            .map(|(site, code)| Ok((site, u32::try_from(code).map_err(|_| Error::Damaged)?)));
        Ok(Self {
            by_name: cities
                .iter()
                .map(|city| (city.name.clone(), city.code))
                .collect(),
            sites: sites.collect::<Result<_, Error>>()?,
            cities,
        })
    }

    /// The city's number; "other" when nobody entered it.
    #[must_use]
    pub fn city(&self, name: &str) -> CityCode {
        self.by_name.get(name).copied().unwrap_or(CityCode::OTHER)
    }

    /// The site's number, `None` when nobody entered it.
    #[must_use]
    pub fn site(&self, site: &str) -> Option<u32> {
        self.sites.get(site).copied()
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

/// The cities whose cells a quarter's tables show, in the order of codes: "other" and those effective by then.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub(crate) async fn cities_of(tx: &mut Tx, period: Quarter) -> Result<Vec<City>, Error> {
    let mut all = cities(tx).await?;
    all.retain(|city| city.code == CityCode::OTHER || city.from.is_some_and(|from| from <= period));
    Ok(all)
}

/// Enters sites and their cities; known ones stay as they are. Returns how many sites were new.
///
/// # Errors
/// [`Error::RegistryFull`] beyond 4,095 cities, [`Error::Database`].
pub async fn enter(
    tx: &mut Tx,
    sites: &[Site],
    facts: &Founding,
    today: Day,
) -> Result<usize, Error> {
    let mut registry = Registry::read(tx).await?;
    let mut entered = 0;
    for site in sites {
        let text = site.to_string();
        if registry.sites.contains_key(&text) {
            continue;
        }
        let city = site.city().to_owned();
        if !registry.by_name.contains_key(&city) {
            enter_city(tx, &mut registry, &city, facts, today).await?;
        }
        let code = registry.sites.values().max().map_or(1, |last| last + 1);
        execute!(tx, ADD_SITE, &text, &city, i64::from(code))?;
        registry.sites.insert(text, code);
        entered += 1;
    }
    Ok(entered)
}

/// The first quarter whose tables show what is entered today; a function of public facts alone.
async fn from_period(tx: &mut Tx, facts: &Founding, today: Day) -> Result<Quarter, Error> {
    let earliest = facts.earliest();
    Ok(match setup::closed(tx).await? {
        None => earliest,
        Some(_) => Quarter::of(today).next().max(earliest),
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

//! Which organisations take part, and their sites.

pub mod offers;

use std::collections::BTreeMap;

use crypto::day::Day;
use crypto::id::ProviderId;
use crypto::report::Site;
use store::{DbError, Tx, execute, fetch_all, fetch_optional, parsed, retrying};
use wire::{RegisteredProvider, Registry, RegistryProvider, RegistrySite, TellRegistry, ZoneName};
use zones::Zone;

use crate::guard::audit::{self, Act, Actor};
use crate::{App, Refusal, trust};

/// Most characters of a provider's name.
const MOST_NAME: usize = 80;

const ADD_PROVIDER: &str = "INSERT INTO provider (provider, name) VALUES ($1, $2)
    ON CONFLICT (name) DO NOTHING";
const EXISTS: &str = "SELECT 1 FROM provider WHERE provider = $1";
const SITE_OF: &str = "SELECT provider FROM site WHERE site = $1";
const ADD_SITE: &str = "INSERT INTO site (site, provider, entered, zone) VALUES ($1, $2, $3, $4)";
const SET_ZONE: &str = "UPDATE site SET zone = $1 WHERE site = $2";
const PROVIDERS: &str = "SELECT provider, name FROM provider ORDER BY name";
const REPORTING: &str =
    "SELECT provider, report_key FROM provider WHERE report_key IS NOT NULL ORDER BY provider";
const SITES: &str = "SELECT site, provider, entered, zone FROM site ORDER BY site";

/// Enters an organisation, with a key for its domain that the log of keys speaks of.
///
/// # Errors
/// [`Refusal::Malformed`] for an unfit name, [`Refusal::Conflict`] for a known one.
pub(crate) async fn add_provider(
    app: &App,
    actor: Actor,
    name: &str,
) -> Result<ProviderId, Refusal> {
    let fit = !name.trim().is_empty()
        && name.chars().count() <= MOST_NAME
        && !name.chars().any(char::is_control);
    if !fit {
        return Err(Refusal::Malformed);
    }
    let provider = ProviderId::random(&mut app.rng());
    retrying!(app.store, "add provider", &mut app.rng(), |tx| {
        // An error would stand in PostgreSQL's own log, with the name.
        if execute!(tx, ADD_PROVIDER, &provider.as_bytes()[..], name.trim())? == 0 {
            return Err(Refusal::Conflict);
        }
        trust::list(tx, &app.keys, provider, &mut app.rng()).await?;
        audit::note(tx, app, actor, Act::ProviderAdded, &provider.to_string()).await?;
        Ok(())
    })?;
    Ok(provider)
}

/// Enters a site of an organisation; doing so again changes nothing but its zone, where one is given.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown provider, [`Refusal::Conflict`] when another provider has the site,
/// [`Refusal::BadValue`] for a zone that there is not.
pub(crate) async fn add_site(
    app: &App,
    actor: Actor,
    provider: ProviderId,
    site: &Site,
    zone: Option<&ZoneName>,
) -> Result<(), Refusal> {
    let zone = zone.map(|name| name.as_str().parse::<Zone>());
    let zone = zone.transpose().map_err(|_| Refusal::BadValue)?;
    let zone = zone.as_ref().map(Zone::name);
    let day = i64::from(app.clock.today().number());
    retrying!(app.store, "add site", &mut app.rng(), |tx| {
        must_exist(tx, provider).await?;
        if let Some((owner,)) = fetch_optional!(tx, (Vec<u8>,), SITE_OF, site.as_str())? {
            if owner != provider.as_bytes() {
                return Err(Refusal::Conflict);
            }
            if zone.is_some() {
                execute!(tx, SET_ZONE, zone, site.as_str())?;
            }
            return Ok(());
        }
        let owner = &provider.as_bytes()[..];
        execute!(tx, ADD_SITE, site.as_str(), owner, day, zone)?;
        audit::note(tx, app, actor, Act::SiteAdded, site.as_str()).await?;
        Ok(())
    })?;
    app.registry_news.notify_one();
    Ok(())
}

/// Passes a known provider.
pub(crate) async fn must_exist(tx: &mut Tx, provider: ProviderId) -> Result<(), Refusal> {
    let row = fetch_optional!(tx, (i32,), EXISTS, &provider.as_bytes()[..])?;
    row.map(drop).ok_or(Refusal::NotFound)
}

/// Every provider with its sites; with `within`, that one alone.
///
/// # Errors
/// Database errors.
pub async fn all(app: &App, within: Option<ProviderId>) -> Result<Registry, DbError> {
    let mut tx = app.store.read().await?;
    let mut sites: BTreeMap<ProviderId, BTreeMap<Site, ZoneName>> = BTreeMap::new();
    for (site, provider, _, zone) in fetch_all!(&mut tx, SiteRow, SITES)? {
        let site = site.parse().map_err(|_| DbError::Corrupt)?;
        let zone = zone.unwrap_or_else(|| app.clock.zone().to_owned());
        let zone = zone.try_into().map_err(|_| DbError::Corrupt)?;
        let own = sites.entry(parsed(&provider)?).or_default();
        own.insert(site, zone);
    }
    let mut offered = offers::read(&mut tx).await?;
    let rows = fetch_all!(&mut tx, (Vec<u8>, String), PROVIDERS)?;
    let providers = rows
        .into_iter()
        .map(|(id, name)| {
            let id = parsed(&id)?;
            let zones = sites.remove(&id).unwrap_or_default();
            let own = |site: &Site| offered.remove_entry(site);
            Ok(RegisteredProvider {
                id,
                name,
                sites: zones.keys().cloned().collect(),
                offers: zones.keys().filter_map(own).collect(),
                zones,
            })
        })
        .collect::<Result<Vec<RegisteredProvider>, DbError>>()?
        .into_iter()
        .filter(|it| within.is_none_or(|own| it.id == own))
        .collect();
    Ok(Registry { providers })
}

/// A row of `site`: its text, whose it is, when it was entered, its zone when it has one of its own.
type SiteRow = (String, Vec<u8>, i64, Option<String>);

/// Providers that can report, and every site, for the statistics role; no name of an organisation is among them.
///
/// # Errors
/// Database errors.
pub async fn told(app: &App) -> Result<TellRegistry, DbError> {
    let mut tx = app.store.read().await?;
    let providers = fetch_all!(&mut tx, (Vec<u8>, Vec<u8>), REPORTING)?;
    let sites = fetch_all!(&mut tx, SiteRow, SITES)?;
    Ok(TellRegistry {
        providers: providers.iter().map(provider).collect::<Result<_, _>>()?,
        sites: sites.into_iter().map(site).collect::<Result<_, _>>()?,
    })
}

fn provider((id, key): &(Vec<u8>, Vec<u8>)) -> Result<RegistryProvider, DbError> {
    Ok(RegistryProvider {
        provider: parsed(id)?,
        report_key: parsed(key)?,
    })
}

fn site((text, provider, entered, _): SiteRow) -> Result<RegistrySite, DbError> {
    let site: Site = text.parse().map_err(|_| DbError::Corrupt)?;
    let entered = i32::try_from(entered).map(Day::from_number);
    Ok(RegistrySite {
        provider: parsed(&provider)?,
        city: site.city().to_owned(),
        site: text,
        entered: entered.ok().and_then(Result::ok).ok_or(DbError::Corrupt)?,
    })
}

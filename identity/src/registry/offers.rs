//! Which services each site offers.
//!
//! **Model.** A site without a row offers every service, as a new one does. What a site offers decides what its terminals show and
//! record from then on; reports that were recorded before are delivered and counted all the same.
//!
//! **Limits.** This room knows no catalogue: a code that no service has is taken, and offers nothing. A site for which no other code is
//! named offers everything at its terminals, which know the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use crypto::report::{ServiceCode, Site};
use store::{DbError, Tx, execute, fetch_all, fetch_optional, retrying};
use wire::MOST_OFFERED;

use crate::guard::audit::{self, Act, Actor};
use crate::pen::Phase;
use crate::{App, Refusal};

const KNOWN: &str = "SELECT 1 FROM site WHERE site = $1";
const OFFERS: &str = "SELECT site, service FROM offer ORDER BY site, service";
const CLEAR: &str = "DELETE FROM offer WHERE site = $1";
const ADD: &str = "INSERT INTO offer (site, service) VALUES ($1, $2)";

/// Says what a site offers, every service when `services` is `None`; the same again changes nothing and is not noted again.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown site, [`Refusal::BadValue`] for none or more than [`MOST_OFFERED`] services.
pub async fn set(
    app: &App,
    actor: Actor,
    site: &Site,
    services: Option<&BTreeSet<ServiceCode>>,
) -> Result<(), Refusal> {
    if services.is_some_and(|all| !(1..=MOST_OFFERED).contains(&all.len())) {
        return Err(Refusal::BadValue);
    }
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "set services", &mut app.rng(), |tx| {
        fetch_optional!(tx, (i32,), KNOWN, site.as_str())?.ok_or(Refusal::NotFound)?;
        let mut all = read(tx).await?;
        let before = all.remove(site);
        if before.as_ref() == services {
            return Ok(());
        }
        execute!(tx, CLEAR, site.as_str())?;
        for service in services.into_iter().flatten() {
            execute!(tx, ADD, site.as_str(), service.as_str())?;
        }
        let subject = subject(site, before.as_ref());
        audit::note(tx, app, actor, Act::ServicesSet, &subject).await?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// The site and what it offered before: nothing else remembers that.
fn subject(site: &Site, before: Option<&BTreeSet<ServiceCode>>) -> String {
    let Some(before) = before else {
        return format!("{site} every service");
    };
    let codes: Vec<&str> = before.iter().map(ServiceCode::as_str).collect();
    format!("{site} {}", codes.join(","))
}

/// What the sites offer that do not offer everything.
///
/// # Errors
/// Database errors.
pub(super) async fn read(tx: &mut Tx) -> Result<BTreeMap<Site, BTreeSet<ServiceCode>>, DbError> {
    let mut offers: BTreeMap<Site, BTreeSet<ServiceCode>> = BTreeMap::new();
    for (site, service) in fetch_all!(tx, (String, String), OFFERS)? {
        let site = site.parse().map_err(|_| DbError::Corrupt)?;
        let service = service.parse().map_err(|_| DbError::Corrupt)?;
        offers.entry(site).or_default().insert(service);
    }
    Ok(offers)
}

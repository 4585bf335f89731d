//! The public facts of a release that closes a quarter.
//!
//! Read twice: when a closing is prepared, and again inside the transaction that debits and freezes, where nothing can change
//! any more.

use std::collections::BTreeSet;

use indicators::{FIRST_REGISTERED, Indicators};
use privacy::scope::{Scope, Subject, TableCity, TableService};
use store::Tx;

use super::error::CloseError;
use super::rules::may_close;
use crate::App;
use crate::choices;
use crate::error;
use crate::ledger;
use crate::registry;
use crate::setup;
use release::facts::Facts;

/// The public facts of a release that may close now.
///
/// # Errors
/// Why it may not, in [`CloseError`]'s words.
pub(super) async fn facts(tx: &mut Tx, app: &App, subject: Subject) -> Result<Facts, CloseError> {
    let mut indicators = Indicators::shipped().map_err(error::Error::from)?;
    let set_up = setup::read(tx, &indicators).await?;
    let start = setup::first_released(tx, &set_up)
        .await?
        .unwrap_or(subject.period);
    may_close(tx, app, start, subject).await?;
    registry::services::read(tx, &mut indicators).await?;
    let city = |city: registry::City| TableCity {
        code: city.code,
        name: city.name,
        from: city.from.unwrap_or(start).max(start),
    };
    let cities = registry::cities_of(tx, subject.period).await?;
    Ok(Facts {
        scope: Scope {
            period: subject.period,
            start,
            cities: cities.into_iter().map(city).collect(),
            services: services(&indicators),
            budgets: choices::budgets(tx, &set_up, start).await?,
            off: choices::off(tx, subject.period).await?,
        },
        version: subject.version,
        closed: app.today(),
        indicators: indicators.version().to_owned(),
        spent_in_year: ledger::spent_until(tx, subject.period).await?,
        reasons: BTreeSet::new(),
    })
}

/// The catalogue of services: the file's in its order, then the registry's in the order of their codes. A registered service is shown from the first
/// closing after its entry on, because every report of it was taken after that entry.
fn services(indicators: &Indicators) -> Vec<TableService> {
    let service = |one: &indicators::Service| TableService {
        code: one.number.number(),
        service: one.code.to_string(),
        name: one.name.clone(),
        cohort: one.rule.is_mature(),
    };
    let mut all: Vec<TableService> = indicators.services().iter().map(service).collect();
    let own = |one: &TableService| (one.code >= FIRST_REGISTERED).then(|| one.service.clone());
    all.sort_by_cached_key(|one| (own(one), one.code));
    all
}

//! Which quarter may close, and the public facts of its release.
//!
//! Read twice: when a closing is prepared, and again inside the transaction that debits and freezes, where nothing can change
//! any more.

use std::collections::BTreeSet;

use crypto::day::Quarter;
use indicators::Indicators;
use privacy::scope::{Scope, Subject, TableCity, TableService};
use store::Tx;

use super::{CloseError, WAIT_DAYS};
use crate::App;
use crate::choices;
use crate::error::Error as RoleError;
use crate::ledger::{self, Progress};
use crate::registry;
use crate::setup;
use release::facts::Facts;

/// The public facts of a release that may close now.
///
/// # Errors
/// Why it may not, in [`CloseError`]'s words.
pub(super) async fn facts(tx: &mut Tx, app: &App, subject: Subject) -> Result<Facts, CloseError> {
    let mut indicators = Indicators::shipped().map_err(RoleError::from)?;
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

/// The catalogue of services in number order: the file's and the registry's. A registered service is shown from the first
/// closing after its entry on, because every report of it was taken after that entry.
fn services(indicators: &Indicators) -> Vec<TableService> {
    let service = |one: &indicators::Service| TableService {
        code: one.number.number(),
        service: one.code.to_string(),
        name: one.name.clone(),
        cohort: one.rule.is_mature(),
    };
    let mut all: Vec<TableService> = indicators.services().iter().map(service).collect();
    all.sort_unstable_by_key(|one| one.code);
    all
}

async fn may_close(
    tx: &mut Tx,
    app: &App,
    start: Quarter,
    subject: Subject,
) -> Result<(), CloseError> {
    let period = subject.period;
    if period < start {
        return Err(CloseError::BeforeStart(start));
    }
    let progress = ledger::progress(tx, subject).await?;
    let open = setup::closed(tx)
        .await?
        .map_or(start, |(_, last)| last.next());
    if progress == Progress::Released || (period < open && progress == Progress::New) {
        return Err(CloseError::AlreadyClosed(period));
    }
    if period > open {
        return Err(CloseError::PreviousOpen(open));
    }
    let previous = Subject {
        period: period.previous(),
        version: subject.version,
    };
    if period > start && ledger::progress(tx, previous).await? != Progress::Released {
        return Err(CloseError::PreviousOpen(previous.period));
    }
    let from = period.last_day().plus(WAIT_DAYS);
    if app.today() < from {
        Err(CloseError::TooEarly { period, from })
    } else {
        Ok(())
    }
}

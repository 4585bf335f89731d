//! Services that the indicator file lacks: an operator's act adds them to the catalogue, with a number and a rule that stay.
//!
//! A new one gets [`REGISTERED_RULE`]: no cover by default, a grace of 90 days, then a drop-out. The rule lies in the row, so
//! that nothing already counted changes with a later default. A registered service counts in totals from its first report
//! on; tables by service show it from the first closing after its entry on. While a closing is under way none can be entered:
//! its cells are fixed.

use std::collections::BTreeSet;

use crypto::day::Day;
use crypto::report::ServiceCode;
use indicators::{FIRST_REGISTERED, Indicators, Lapse, REGISTERED_RULE, Rule};
use store::{Tx, execute, fetch_all};

use super::from_period;
use crate::error::Error;
use crate::ledger::{self, LedgerError};
use crate::setup::Founding;

const ALL: &str = "SELECT service, code, cover_days, grace_days, lapse FROM service ORDER BY code";
const ADD: &str = "INSERT INTO service (service, code, from_period, cover_days, grace_days, lapse)
    VALUES ($1, $2, $3, $4, $5, $6)";

/// Adds the registry's services to the shipped ones.
///
/// # Errors
/// [`Error::Damaged`] when a row cannot be read or the shipped file has its code too, [`Error::Database`].
pub(crate) async fn read(tx: &mut Tx, indicators: &mut Indicators) -> Result<(), Error> {
    let rows = fetch_all!(tx, (String, i64, i64, i64, String), ALL)?;
    for (code, number, cover, grace, lapse) in rows {
        let days = |days: i64| i32::try_from(days).map_err(|_| Error::Damaged);
        let rule = Rule {
            default_cover: days(cover)?,
            grace: days(grace)?,
            lapse: lapse_of(&lapse)?,
        };
        let code: ServiceCode = code.parse().map_err(|_| Error::Damaged)?;
        let number = u8::try_from(number).map_err(|_| Error::Damaged)?;
        indicators
            .register(number, code, rule)
            .map_err(|_| Error::Damaged)?;
    }
    Ok(())
}

fn lapse_of(word: &str) -> Result<Lapse, Error> {
    match word {
        "dropout" => Ok(Lapse::DropOut),
        "lapsed" => Ok(Lapse::Lapsed),
        _ => Err(Error::Damaged),
    }
}

const fn word_of(lapse: Lapse) -> &'static str {
    match lapse {
        Lapse::DropOut => "dropout",
        Lapse::Lapsed => "lapsed",
    }
}

/// Enters services under the default rule; known ones, shipped or registered, stay as they are. `indicators` is the catalogue
/// as [`Ground::hold`](crate::ground::Ground::hold) read it in this transaction, and gets the new ones too. Returns how many were new.
///
/// # Errors
/// [`Error::ClosingUnderWay`], [`Error::RegistryFull`] beyond 128 services of the deployment's own, [`Error::Database`].
pub(crate) async fn enter(
    tx: &mut Tx,
    services: &[ServiceCode],
    indicators: &mut Indicators,
    facts: &Founding,
    today: Day,
) -> Result<usize, Error> {
    let from = i64::from(from_period(tx, facts, today).await?.number());
    let mut entered = 0;
    // Numbers follow the codes: whose report named a service first must not be seen in them.
    let services: BTreeSet<&ServiceCode> = services.iter().collect();
    for service in services {
        if indicators.find(service).is_some() {
            continue;
        }
        if entered == 0 && is_closing(tx).await? {
            return Err(Error::ClosingUnderWay);
        }
        let number = next_number(indicators)?;
        let rule = REGISTERED_RULE;
        execute!(
            tx,
            ADD,
            service.as_str(),
            i64::from(number),
            from,
            i64::from(rule.default_cover),
            i64::from(rule.grace),
            word_of(rule.lapse)
        )?;
        indicators
            .register(number, service.clone(), rule)
            .map_err(|_| Error::Damaged)?;
        entered += 1;
    }
    Ok(entered)
}

/// True while a quarter is debited and not released: its cells are fixed, and another service would be one more.
async fn is_closing(tx: &mut Tx) -> Result<bool, Error> {
    let under_way = ledger::under_way(tx).await.map_err(|error| match error {
        LedgerError::Database(error) => Error::Database(error),
        _ => Error::Damaged,
    })?;
    Ok(!under_way.is_empty())
}

fn next_number(indicators: &Indicators) -> Result<u8, Error> {
    let numbers = indicators.services().iter().map(|one| one.number.number());
    match numbers.max() {
        Some(last) if last >= FIRST_REGISTERED => last.checked_add(1).ok_or(Error::RegistryFull),
        _ => Ok(FIRST_REGISTERED),
    }
}

#[cfg(test)]
mod tests;

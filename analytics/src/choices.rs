//! What an operator may still choose after the founding: the budget of the next calendar year, and tables turned off.
//!
//! Neither can be used to look again. A budget changes for the next year only, so what was promised for the year that runs
//! stands. A table is turned off from the first open quarter on and for good: nobody can skip quarters to save budget for a
//! sharper look later, and nothing becomes finer.

use crypto::day::Quarter;
use indicators::Indicators;
use privacy::budget::Budget;
use privacy::catalogue::TABLES;
use privacy::scope::{BudgetFrom, Budgets, TurnedOff};
use store::{DbError, Tx, retrying};

use crate::App;
use crate::days;
use crate::error::Error;
use crate::meta;
use crate::setup::{self, Founding};

/// `budget:2027` holds the budget from that year on.
const BUDGET: &str = "budget:";
/// `off:C` holds the first quarter without table C.
const OFF: &str = "off:";

/// A choice that cannot be made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// No such table.
    #[error("there is no such table: `payung release tables` lists them")]
    UnknownTable,
    /// It is off.
    #[error("this table is turned off already: a table that was turned off stays off")]
    OffAlready,
    /// The year has releases.
    #[error("the next year has releases already: set this machine's clock right")]
    Measured,
    /// The database's facts cannot be read.
    #[error(transparent)]
    Role(#[from] Error),
}

impl store::Retryable for ChoiceError {
    fn wants_retry(&self) -> bool {
        matches!(self, Self::Role(Error::Database(error)) if error.wants_retry())
    }
}

impl From<DbError> for ChoiceError {
    fn from(error: DbError) -> Self {
        Self::Role(error.into())
    }
}

/// The budgets of all years.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn budgets(
    tx: &mut Tx,
    facts: &Founding,
    start: Quarter,
) -> Result<Budgets, Error> {
    budgets_from(tx, start.year(), facts.budget).await
}

/// The budgets of all years, the first of them given.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn budgets_from(
    tx: &mut Tx,
    year: i32,
    founded: Budget,
) -> Result<Budgets, Error> {
    let mut changes = Vec::new();
    for (key, value) in meta::read(tx).await? {
        if let Some(year) = key.strip_prefix(BUDGET) {
            let year = year.parse().map_err(|_| Error::Damaged)?;
            let budget = value.parse().map_err(|_| Error::Damaged)?;
            changes.push(BudgetFrom { year, budget });
        }
    }
    changes.sort_unstable_by_key(|one| one.year);
    let mut budgets = Budgets::one(year, founded);
    for BudgetFrom { year, budget } in changes {
        budgets.change(year, budget);
    }
    Ok(budgets)
}

/// Tables that the release of `period` does not hold, in the catalogue's order.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn off(tx: &mut Tx, period: Quarter) -> Result<Vec<String>, Error> {
    let mut all = turned_off(tx).await?;
    all.retain(|one| one.from <= period);
    Ok(all.into_iter().map(|one| one.table.to_owned()).collect())
}

/// Every table that was turned off, in the catalogue's order.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub async fn turned_off(tx: &mut Tx) -> Result<Vec<TurnedOff>, Error> {
    let meta = meta::read(tx).await?;
    let mut found = Vec::new();
    for table in TABLES {
        let key = format!("{OFF}{}", table.code);
        if let Some(from) = meta.get(&key) {
            found.push(TurnedOff {
                table: table.code,
                from: from.parse().map_err(|_| Error::Damaged)?,
            });
        }
    }
    Ok(found)
}

/// Another budget from the next calendar year on; returns that year.
///
/// # Errors
/// [`ChoiceError::Measured`] when the clock is behind the releases; [`ChoiceError::Role`].
pub async fn change_budget(app: &App, budget: Budget) -> Result<i32, ChoiceError> {
    let today = app.today();
    let year = today.year() + 1;
    let indicators = Indicators::shipped().map_err(Error::from)?;
    let mut rng = app.rng.clone();
    retrying!(app.store, "change budget", &mut rng, |tx| {
        setup::shut(tx).await?;
        days::believed(tx, today).await?;
        setup::read(tx, &indicators).await?;
        let closed = setup::closed(tx).await?;
        if closed.is_some_and(|(_, last)| last.year() >= year) {
            return Err(ChoiceError::Measured);
        }
        meta::put(tx, &format!("{BUDGET}{year}"), &budget.to_string()).await?;
        Ok(year)
    })
}

/// Turns a table off for good; returns the first quarter without it: the first that is not closed.
///
/// # Errors
/// [`ChoiceError`] as its texts say.
pub async fn turn_off(app: &App, table: &str) -> Result<Quarter, ChoiceError> {
    let Some(table) = TABLES.iter().find(|one| one.code == table) else {
        return Err(ChoiceError::UnknownTable);
    };
    let indicators = Indicators::shipped().map_err(Error::from)?;
    let mut rng = app.rng.clone();
    retrying!(app.store, "turn off table", &mut rng, |tx| {
        setup::shut(tx).await?;
        let facts = setup::read(tx, &indicators).await?;
        let from = setup::first_open(tx, &facts).await?;
        let key = format!("{OFF}{}", table.code);
        if meta::read(tx).await?.contains_key(&key) {
            return Err(ChoiceError::OffAlready);
        }
        meta::put(tx, &key, &from.to_string()).await?;
        Ok(from)
    })
}

//! Counting and noise: the only place where exact counts exist, for as long as it takes to add noise to them.
//!
//! One grouped count per table and quarter comes from the database; coarser levels are summed here. Exact counts live in a
//! private type without `Debug`, are never stored, logged, compared or returned, and are gone when the function returns.
//! Every cell of the catalogue is measured, also those that nobody is in.

mod draw;
mod error;
mod exact;
pub mod noise;
mod revised;

use std::collections::BTreeSet;

use crypto::day::Quarter;
use privacy::catalogue::{Every, Mechanism, Plan, block_start};
use privacy::cell::CityCode;
use privacy::scope::{Scope, year_until};
use release::measurements::Measurements;
use store::Store;

use crate::blocking::blocking;

use draw::draw_all;
use exact::{Counted, Exact};

pub use error::MeasureError;
pub(crate) use revised::again;
#[cfg(test)]
pub(crate) use revised::as_if_on_time;

/// Counts the given tables and returns noisy measurements of the quarter, nothing else.
///
/// # Errors
/// [`MeasureError`] when the database or the source of randomness fails.
pub async fn measure(
    store: &Store,
    plans: &[Plan],
    scope: &Scope,
) -> Result<Measurements, MeasureError> {
    let shown: BTreeSet<CityCode> = scope.codes().into_iter().collect();
    let mut tx = store.read().await?;
    let mut tables = Vec::new();
    for plan in plans {
        let mut quarters = Vec::new();
        for quarter in quarters_of(plan, scope) {
            quarters.push((
                quarter,
                Exact::read(&mut tx, quarter, plan.table.source, &shown).await?,
            ));
        }
        tables.push(Counted {
            plan: plan.clone(),
            quarters,
        });
    }
    drop(tx);
    let scope = scope.clone();
    // The time of a draw depends on its size: away from the threads that answer requests.
    blocking(move || draw_all(&tables, &scope)).await?
}

fn quarters_of(plan: &Plan, scope: &Scope) -> Vec<Quarter> {
    match (plan.table.mechanism, plan.table.every) {
        (Mechanism::RunningTotal, _) => {
            let first = block_start(scope.period, scope.start);
            let quarters = std::iter::successors(Some(first), |quarter| Some(quarter.next()));
            quarters
                .take_while(|quarter| *quarter <= scope.period)
                .collect()
        }
        // What is booked in the first quarters of a year before the series began is not released: the caps are by year.
        (_, Every::Year) => year_until(scope.period)
            .into_iter()
            .filter(|quarter| *quarter >= scope.start)
            .collect(),
        (_, Every::Quarter) => vec![scope.period],
    }
}

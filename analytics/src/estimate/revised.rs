//! Which measurements a table's numbers rest on: its own, or, in a revision, its own and those of the table that counted again.
//!
//! With `y1` around the count at the closing `x` and `y2` around today's `x + c`, of variances `v1` and `v2`: *revised* is least
//! squares over the second alone (unbiased for `x + c`), *change* is revised less the estimate of version 1 (unbiased for `c`;
//! the two share no noise, so variances add), *combined* is least squares over both, with variance `v1 v2 / (v1 + v2)` in a cell
//! measured twice and a bias of `-c v2 / (v1 + v2)` against today's count.

use std::collections::BTreeMap;

use privacy::catalogue::{Mechanism, Plan};
use privacy::cell::Cell;
use privacy::scope::Scope;

use super::{EstimateError, Published, Series, Values, forest, square, table};

/// The published numbers of a release's tables, in their order.
///
/// # Errors
/// [`EstimateError`] when a measurement is missing or does not fit.
pub fn tables<'a>(
    plans: &'a [Plan],
    scope: &Scope,
    values: &Values,
) -> Result<Vec<(&'a Plan, Vec<Published>)>, EstimateError> {
    let numbers = |plan: &'a Plan| {
        let numbers = if let Some(first) = plan.table.counts_again() {
            let first = plans.iter().find(|one| one.table.code == first);
            again(first.ok_or(EstimateError::Missing)?, plan, scope, values)?
        } else {
            let code = Some(plan.table.code);
            let second = plans.iter().find(|one| one.table.counts_again() == code);
            match second.filter(|_| plan.table.mechanism == Mechanism::Independent) {
                Some(second) => forest::combined(plan, second, scope, values)?,
                None => table(plan, scope, values)?,
            }
        };
        Ok((plan, numbers))
    };
    plans.iter().map(numbers).collect()
}

/// The numbers of a table that counted again: revised, then change.
fn again(
    first: &Plan,
    second: &Plan,
    scope: &Scope,
    values: &Values,
) -> Result<Vec<Published>, EstimateError> {
    let mut all = forest::revised(second, scope, values)?;
    let before: BTreeMap<(&str, Cell), Published> = table(first, scope, values)?
        .into_iter()
        .map(|one| ((one.level, one.cell), one))
        .collect();
    let change = |revised: &Published| -> Result<Published, EstimateError> {
        let before = before.get(&(revised.level, revised.cell));
        let before = before.ok_or(EstimateError::Missing)?;
        Ok(Published {
            series: Series::Change,
            measured: None,
            estimate: revised.estimate.minus(before.estimate),
            sd: (square(revised.sd) + square(before.sd)).sqrt(),
            ..*revised
        })
    };
    let changes = all.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    all.extend(changes);
    Ok(all)
}

#[cfg(test)]
mod tests;

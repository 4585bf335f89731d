//! From noisy measurements to published cells: pure post-processing, which costs no privacy.
//!
//! Independent tables go through weighted least squares; running totals through the factorisation's own inverse; cohorts through
//! both. All are linear and unbiased, so standard deviations are exact and public. Nothing is clipped before it is summed: a
//! published parent is the exact sum of its published children, negative ones included. `display` is for reading only.

pub(crate) mod cohort;
mod forest;
mod revised;
mod running;

use privacy::catalogue::{Mechanism, Plan};
use privacy::scope::Scope;

use super::error::EstimateError;
use super::measurements::Measurements;
use super::published::Published;

/// The published numbers of a release's tables, in their order.
///
/// # Errors
/// [`EstimateError`] when a measurement is missing or does not fit.
pub(crate) fn tables<'a>(
    plans: &'a [Plan],
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<(&'a Plan, Vec<Published>)>, EstimateError> {
    let numbers = |plan: &'a Plan| {
        let numbers = if let Some(first) = plan.table.counts_again() {
            let first = plans.iter().find(|one| one.table.code == first);
            let first = table(first.ok_or(EstimateError::Missing)?, scope, values)?;
            revised::with_change(forest::revised(plan, scope, values)?, &first)?
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

/// The published numbers of one table in one quarter, level by level, cells in code order.
///
/// # Errors
/// [`EstimateError`] when a measurement is missing or does not fit.
pub fn table(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Published>, EstimateError> {
    match plan.table.mechanism {
        Mechanism::Independent => forest::independent(plan, scope, values),
        Mechanism::RunningTotal => running::running_total(plan, scope, values),
        Mechanism::Cohort => cohort::published(plan, scope, values),
    }
}

#[cfg(test)]
mod negative_tests;

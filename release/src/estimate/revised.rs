//! What a revision says of a table that was counted again, beside what version 1 said.
//!
//! With `y1` around the count at the closing `x` and `y2` around today's `x + c`, of variances `v1` and `v2`: *revised* is least
//! squares over the second alone (unbiased for `x + c`), *change* is revised less the estimate of version 1 (unbiased for `c`;
//! the two share no noise, so variances add), *combined* is least squares over both, with variance `v1 v2 / (v1 + v2)` in a cell
//! measured twice and a bias of `-c v2 / (v1 + v2)` against today's count.

use std::collections::BTreeMap;

use privacy::cell::Cell;

use crate::error::EstimateError;
use crate::published::{Published, Series, square};

/// Revised numbers, then for each its change since the numbers of version 1.
pub(super) fn with_change(
    mut all: Vec<Published>,
    first: &[Published],
) -> Result<Vec<Published>, EstimateError> {
    let before: BTreeMap<(&str, Cell), &Published> = first
        .iter()
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

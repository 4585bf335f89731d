//! Independent tables: a forest of counts, one tree for each cell of the coarsest level, reconciled by least squares.
//!
//! A cell that a revision measured again enters with both measurements combined by inverse variance, which is what least squares
//! over two measurements of one cell comes to.

use std::collections::BTreeMap;

use privacy::catalogue::{Level, MeasuredLevel, Plan};
use privacy::cell::Cell;
use privacy::scope::Scope;

use crate::decimal::Decimal;
use crate::error::EstimateError;
use crate::measurements::Measurements;
use crate::published::{Published, Series, derived, square};
use crate::wls::{self, Node};

/// Every number of an independent table.
pub(super) fn independent(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Published>, EstimateError> {
    estimated(&Forest::new(plan, scope, values))
}

/// Every number of an independent table of which a revision measured some levels `again`.
pub(super) fn combined(
    plan: &Plan,
    again: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Published>, EstimateError> {
    let alone = Forest::new(plan, scope, values);
    estimated(&Forest {
        again: Some(again),
        series: Series::Combined,
        ..alone
    })
}

/// Every number of a revision's own table, from its measurements alone.
pub(super) fn revised(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Published>, EstimateError> {
    let counted = Forest::new(plan, scope, values);
    estimated(&Forest {
        series: Series::Revised,
        ..counted
    })
}

fn estimated(forest: &Forest<'_>) -> Result<Vec<Published>, EstimateError> {
    let (mut found, mut order) = (BTreeMap::new(), Vec::new());
    for root in forest.cells.first().into_iter().flatten() {
        order.clear();
        let node = forest.grow(0, *root, &mut order)?;
        found.extend(order.iter().copied().zip(wls::estimate(&node)?));
    }
    Ok(forest.publish(&found))
}

/// The cells of a table's levels and who is whose child.
struct Forest<'a> {
    plan: &'a Plan,
    /// The table that measured some of the levels a second time.
    again: Option<&'a Plan>,
    /// What its numbers are called.
    series: Series,
    scope: &'a Scope,
    values: &'a Measurements,
    /// The cells of each level, in order.
    cells: Vec<Vec<Cell>>,
    /// For each level, the cells of the next one by their parent.
    children: Vec<BTreeMap<Cell, Vec<Cell>>>,
}

impl<'a> Forest<'a> {
    fn new(plan: &'a Plan, scope: &'a Scope, values: &'a Measurements) -> Self {
        let levels: Vec<&Level> = plan.levels.iter().map(|measured| measured.level).collect();
        let cells: Vec<Vec<Cell>> = levels
            .iter()
            .map(|level| level.cells(plan.table.source, scope))
            .collect();
        let mut children = Vec::new();
        for (parent, below) in levels.iter().zip(cells.iter().skip(1)) {
            let mut map: BTreeMap<Cell, Vec<Cell>> = BTreeMap::new();
            for cell in below {
                if let Some(parent) = parent.cell_of(*cell) {
                    map.entry(parent).or_default().push(*cell);
                }
            }
            children.push(map);
        }
        Self {
            plan,
            again: None,
            series: Series::Count,
            scope,
            values,
            cells,
            children,
        }
    }

    fn measured(&self, level: &MeasuredLevel, cell: Cell) -> Result<i64, EstimateError> {
        let (code, period) = (level.level.code, self.scope.period);
        self.values.get(self.plan, code, period, cell)
    }

    /// All that was measured of a cell, as one value with its variance.
    fn known(&self, depth: usize, cell: Cell) -> Result<(f64, f64), EstimateError> {
        let level = self.plan.levels.get(depth).ok_or(EstimateError::Missing)?;
        let first = self.measured(level, cell)?;
        let first = (first as f64, square(level.sigma.value()));
        let code = level.level.code;
        let Some((plan, again)) = self.again.and_then(|plan| Some((plan, plan.level(code)?)))
        else {
            return Ok(first);
        };
        let second = self.values.get(plan, code, self.scope.period, cell)?;
        Ok(both(first, (second as f64, square(again.sigma.value()))))
    }

    /// The tree below `cell`; `order` gets its cells in pre-order, the order of [`wls::estimate`].
    fn grow(
        &self,
        depth: usize,
        cell: Cell,
        order: &mut Vec<(usize, Cell)>,
    ) -> Result<Node, EstimateError> {
        order.push((depth, cell));
        let measured = self.known(depth, cell)?;
        let below = self.children.get(depth).and_then(|map| map.get(&cell));
        let children = below
            .into_iter()
            .flatten()
            .map(|child| self.grow(depth + 1, *child, order))
            .collect::<Result<_, _>>()?;
        Ok(Node {
            measured: Some(measured),
            children,
        })
    }

    /// Published leaves are rounded; every parent is the exact sum of its published leaves.
    fn sums(
        &self,
        found: &BTreeMap<(usize, Cell), wls::Estimate>,
    ) -> BTreeMap<(usize, Cell), Decimal> {
        let last = self.cells.len().saturating_sub(1);
        let mut sums: BTreeMap<(usize, Cell), Decimal> = BTreeMap::new();
        for leaf in self.cells.last().into_iter().flatten() {
            let estimate = found.get(&(last, *leaf)).map_or(0.0, |one| one.value);
            let value = Decimal::nearest(estimate);
            for (depth, measured) in self.plan.levels.iter().enumerate() {
                if let Some(cell) = measured.level.cell_of(*leaf) {
                    let sum = sums.entry((depth, cell)).or_default();
                    *sum = sum.plus(value);
                }
            }
        }
        sums
    }

    fn publish(&self, found: &BTreeMap<(usize, Cell), wls::Estimate>) -> Vec<Published> {
        let sums = self.sums(found);
        let number = |depth: usize, level: &MeasuredLevel, cell: Cell| Published {
            series: self.series,
            level: level.level.code,
            cell,
            measured: self.measured(level, cell).ok(),
            estimate: sums.get(&(depth, cell)).copied().unwrap_or_default(),
            sd: found
                .get(&(depth, cell))
                .map_or(0.0, |estimate| estimate.variance.sqrt()),
            shown: None,
        };
        let mut all = Vec::new();
        for (depth, (cells, measured)) in self.cells.iter().zip(&self.plan.levels).enumerate() {
            all.extend(cells.iter().map(|cell| number(depth, measured, *cell)));
        }
        let roots = self.cells.first().map_or(0, Vec::len);
        if let (true, Some(first)) = (self.plan.table.derived_total, all.first()) {
            // Trees share no noise, so variances of roots add.
            let parts: Vec<(Decimal, f64)> = all
                .iter()
                .take(roots)
                .map(|root| (root.estimate, square(root.sd)))
                .collect();
            let total = derived(self.series, first.cell, &parts);
            all.insert(0, total);
        }
        all
    }
}

/// Two independent measurements of one count, combined by inverse variance.
fn both(first: (f64, f64), second: (f64, f64)) -> (f64, f64) {
    let all = first.1 + second.1;
    (
        (first.0 * second.1 + second.0 * first.1) / all,
        first.1 * second.1 / all,
    )
}

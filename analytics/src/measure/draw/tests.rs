//! What is added to the counts is the noise that the plan declares: for every level of every table, for empty cells and for
//! full ones, and for each cell its own.
//!
//! Every check by chance stands seven standard errors away from failing (below 1e-9 each, some three hundred of them).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::exact::Exact;
use super::*;
use privacy::budget::Budget;
use privacy::catalogue::plans_of;
use privacy::testing::{Measured, exact, leaves, scope};

/// Draws of every number.
const DRAWS: usize = 400;

/// The sums over one level's residuals, in units of the declared scale.
#[derive(Default)]
struct Residuals {
    count: f64,
    sum: f64,
    squares: f64,
    /// Products of neighbouring cells, not one of them in two pairs.
    pairs: f64,
    products: f64,
}

impl Residuals {
    fn add(&mut self, of_level: &[f64]) {
        for one in of_level {
            self.count += 1.0;
            self.sum += one;
            self.squares += one * one;
        }
        for pair in of_level.chunks_exact(2) {
            self.pairs += 1.0;
            self.products += pair[0] * pair[1];
        }
    }

    fn check(&self, name: &str) {
        let mean = self.sum / self.count;
        assert!(mean.abs() < 7.0 / self.count.sqrt(), "{name}: mean {mean}");
        let variance = self.squares / self.count;
        let error = (2.0 / self.count).sqrt();
        assert!(
            (variance - 1.0).abs() < 7.0 * error,
            "{name}: variance {variance}"
        );
        let correlation = self.products / self.pairs.max(1.0);
        let error = 1.0 / self.pairs.max(1.0).sqrt();
        assert!(
            correlation.abs() < 7.0 * error,
            "{name}: correlation {correlation}"
        );
    }
}

/// Every table of a fourth quarter in which every cell that people can be in holds as many.
fn tables(scope: &Scope, people: i64) -> (Vec<Counted>, Measured) {
    let (mut tables, mut truth) = (Vec::new(), Measured::new());
    for plan in plans_of(scope).unwrap() {
        let cells = leaves(&plan, scope);
        let of_quarter = |quarter, _| if quarter == scope.period { people } else { 0 };
        truth.extend(exact(&plan, scope, &cells, of_quarter));
        let counts = cells.into_iter().map(|cell| (cell, people)).collect();
        tables.push(Counted {
            plan,
            quarters: vec![(scope.period, Exact::of(counts))],
        });
    }
    (tables, truth)
}

#[test]
fn every_level_has_the_noise_that_is_declared() {
    let mut scope = scope("2026Q4", 2, Budget::Default);
    scope.services.truncate(3);
    // Nobody, and so few that half of the draws would take them below zero.
    for people in [0, 2] {
        let (tables, truth) = tables(&scope, people);
        let mut found: BTreeMap<(&str, &str), Residuals> = BTreeMap::new();
        for _ in 0..DRAWS {
            let drawn = draw_all(&tables, &scope).unwrap();
            for Counted { plan, .. } in &tables {
                for level in &plan.levels {
                    let name = (plan.table.code, level.level.code);
                    let here = drawn.iter().filter(|(key, _)| (key.0, key.1) == name);
                    let residuals: Vec<f64> = here
                        .map(|(key, value)| (value - truth[key]) as f64 / level.sigma.value())
                        .collect();
                    let cells = level.level.cells(plan.table.source, &scope);
                    assert_eq!(residuals.len(), cells.len(), "{name:?}");
                    found.entry(name).or_default().add(&residuals);
                }
            }
        }
        for (name, residuals) in found {
            residuals.check(&format!("{name:?} with {people} people"));
        }
    }
}

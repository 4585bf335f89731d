//! Bounds that no number of a release would betray: debits that are never below the formula, choices that need the key, and
//! people who leave no trace on one another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use indicators::Indicators;
use indicators::contribution::Contribution;
use indicators::history::{Event, History};
use indicators::kind::EventKind;
use indicators::project::{CityPeriods, Projector, project};
use indicators::testing::{any_events, day, event};
use privacy::budget::Budget;
use privacy::catalogue::{plans, revisions};
use privacy::cell::Tab;
use proptest::prelude::*;

use crate::proofs::accounting::contributions;

/// `L2^2 / (2 sigma^2)` in whole nano-rho, rounded up: never less, and not more than needed.
#[test]
fn no_debit_is_below_the_formula() {
    for budget in Budget::ALL {
        for plan in [plans(budget).unwrap(), revisions(budget).unwrap()].concat() {
            for level in &plan.levels {
                let (numerator, denominator) = level.sigma.parts();
                let twice = 2 * u128::from(numerator).pow(2);
                let loss = level.l2_squared * u128::from(denominator).pow(2) * 1_000_000_000;
                let debit = u128::from(level.span_cost.nano());
                let name = format!("{budget} {} {}", plan.table.code, level.level.code);
                assert!(debit * twice >= loss, "{name}");
                assert!((debit - 1) * twice < loss, "{name}");
            }
        }
    }
}

/// What is left out of too much follows from the key: without it nobody can tell.
#[test]
fn ties_follow_the_key() {
    let services = ["nsp", "art", "tb", "legal", "social"];
    let events: Vec<Event> = (0u8..)
        .zip(services)
        .map(|(number, service)| event(number, day("2026-03-20"), service, EventKind::Contact))
        .collect();
    let indicators = Indicators::shipped().unwrap();
    let kept = |key: u8, tab: Tab| -> Vec<Contribution> {
        let of = |person| {
            let history = History::new(events.clone());
            let cities = CityPeriods::default();
            project(person, &history, &indicators, &cities, &[key; 32])
        };
        let all = (0..40).flat_map(of);
        all.filter(|row| row.cell.tab() == tab).collect()
    };
    // Equal by chance: below 1e-17 for each.
    for tab in [Tab::Service, Tab::ServiceCohort] {
        assert_eq!(kept(1, tab), kept(1, tab));
        assert_ne!(kept(1, tab), kept(2, tab));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A projector keeps its memory from person to person, and nothing in it.
    #[test]
    fn nobody_leaves_a_trace_on_the_next(first in any_events(), second in any_events()) {
        let (indicators, cities) = (Indicators::shipped().unwrap(), crate::proofs::accounting::cities());
        let mut projector = Projector::new(&indicators, &cities, &[9; 32]);
        let mut out = Vec::new();
        projector.project(1, &History::new(first), &mut out);
        out.clear();
        projector.project(2, &History::new(second.clone()), &mut out);
        prop_assert_eq!(out, contributions(2, second));
    }
}

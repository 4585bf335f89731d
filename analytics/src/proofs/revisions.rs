//! The promise for revisions: whatever one person's history and however late it came to be known, what it adds to the tables of a
//! revision costs at most what the ledger debits out of the reserve; and some history costs exactly that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Quarter;
use indicators::contribution::Contribution;
use indicators::history::{Event, History};
use indicators::kind::EventKind;
use indicators::testing::{any_events, day, event, first_day};
use privacy::budget::Budget;
use privacy::catalogue::{MeasuredLevel, Plan, plans, revisions};
use privacy::cell::Cell;
use privacy::rho::NanoRho;
use proptest::prelude::*;

use crate::measure::as_if_on_time;
use crate::proofs::accounting::contributions;

/// What a revision sees of one person.
fn revised(person: i64, events: &[Event]) -> Vec<Contribution> {
    contributions(
        person,
        as_if_on_time(&History::new(events.to_vec()))
            .events()
            .to_vec(),
    )
}

/// `|x|^2` of one person in one level of the revision of one quarter.
pub(crate) fn square(
    plan: &Plan,
    level: &MeasuredLevel,
    rows: &[Contribution],
    period: Quarter,
) -> u128 {
    let mut moved: BTreeMap<Cell, u128> = BTreeMap::new();
    for row in rows {
        if row.period == period && row.cell.tab() == plan.table.source {
            *moved
                .entry(level.level.cell_of(row.cell).unwrap())
                .or_default() += 1;
        }
    }
    moved.values().map(|count| count * count).sum()
}

pub(crate) fn periods(rows: &[Contribution]) -> BTreeSet<Quarter> {
    rows.iter().map(|row| row.period).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_history_costs_a_revision_more_than_is_debited(
        person in 0i64..,
        events in any_events(),
        open in proptest::collection::vec(0i32..12, 40),
    ) {
        let start = Quarter::of(first_day()).number();
        let late = |(event, open): (Event, i32)| {
            let open = Quarter::from_number(start + open).unwrap();
            Event { effective: event.day.max(open.first_day()), ..event }
        };
        let events: Vec<Event> = events.into_iter().zip(open).map(late).collect();
        let rows = revised(person, &events);
        for budget in Budget::ALL {
            for plan in revisions(budget).unwrap() {
                for period in periods(&rows) {
                    let mut cost = 0;
                    for level in &plan.levels {
                        let square = square(&plan, level, &rows, period);
                        prop_assert!(square <= level.l2_squared, "{} {}", plan.table.code, level.level.code);
                        cost += level.sigma.cost(square).unwrap().nano();
                    }
                    prop_assert!(cost <= plan.cost.nano(), "table {}", plan.table.code);
                }
            }
        }
    }
}

/// Stays active in one service and drops out of two others in one quarter and city; all of it known a year too late.
#[test]
fn the_worst_history_costs_a_revision_exactly_what_is_declared() {
    let mut events: Vec<Event> = (0..8)
        .map(|n| {
            event(
                n,
                day("2026-01-05").plus(i32::from(n) * 60),
                "nsp",
                EventKind::Contact,
            )
        })
        .collect();
    events.push(event(
        20,
        day("2026-01-10"),
        "oat-methadone",
        EventKind::Contact,
    ));
    events.push(event(
        21,
        day("2026-01-10"),
        "oat-buprenorphine",
        EventKind::Contact,
    ));
    for event in &mut events {
        event.effective = event.day.plus(365);
    }
    let rows = revised(1, &events);
    for plan in revisions(Budget::Default).unwrap() {
        for level in &plan.levels {
            let squares = periods(&rows)
                .into_iter()
                .map(|period| square(&plan, level, &rows, period));
            let most = squares.max().unwrap();
            assert_eq!(
                most, level.l2_squared,
                "{} {}",
                plan.table.code, level.level.code
            );
            assert_eq!(level.sigma.cost(most).unwrap(), level.cost);
        }
    }
}

/// Shares are parts of the reserve: with every other table's year they stay within the budget, and two would not.
#[test]
fn one_revision_fits_into_the_year_and_two_do_not() {
    for budget in Budget::ALL {
        let year: NanoRho = plans(budget)
            .unwrap()
            .iter()
            .map(|plan| plan.year)
            .fold(NanoRho::ZERO, |sum, one| sum.checked_add(one).unwrap());
        let again = revisions(budget).unwrap();
        let one: u64 = again.iter().map(|plan| plan.cost.nano()).sum();
        assert!(year.nano() + one <= budget.per_year().nano());
        assert!(
            again
                .iter()
                .all(|plan| 2 * plan.cost.nano() > plan.year.nano())
        );
    }
}

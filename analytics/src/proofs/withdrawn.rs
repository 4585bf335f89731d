//! The promise for people of whom something was withdrawn: what they add, with what closed quarters had counted by mistake,
//! costs at most what the ledger debits; and without the common bound over what was counted and what counts now, it would not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use crypto::day::Quarter;
use indicators::Indicators;
use indicators::contribution::Contribution;
use indicators::history::{Event, History, Withdrawal};
use indicators::kind::EventKind;
use indicators::project::project;
use indicators::testing::{any_events, any_withdrawals, day, event, first_day};
use privacy::budget::Budget;
use privacy::catalogue::{plans, revisions};
use proptest::prelude::*;

use super::accounting::{cities, squares, years};
use super::revisions::{periods, square};
use crate::measure::as_if_on_time;

fn counted(person: i64, history: &History) -> Vec<Contribution> {
    let indicators = Indicators::shipped().unwrap();
    project(person, history, &indicators, &cities(), &[9; 32])
}

/// A history whose reports came late, in several rounds, and of which some were withdrawn.
fn history(events: Vec<Event>, open: Vec<i32>, gone: &[Withdrawal]) -> History {
    let start = Quarter::of(first_day()).number();
    let late = |(event, open): (Event, i32)| {
        let open = Quarter::from_number(start + open).unwrap();
        let effective = event.day.max(open.first_day());
        Event { effective, ..event }
    };
    let events = events.into_iter().zip(open).map(late).collect();
    History::new(events).with(&[], gone)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn withdrawals_cost_no_more_than_is_debited(
        person in 0i64..,
        events in any_events(),
        withdrawals in any_withdrawals(),
        open in proptest::collection::vec(0i32..12, 40),
    ) {
        let gone = withdrawals.of(&events);
        let history = history(events, open, &gone);
        let rows = counted(person, &history);
        for plan in plans(Budget::Default).unwrap() {
            for level in &plan.levels {
                for (_, square) in squares(&plan, level, &rows) {
                    prop_assert!(square <= level.l2_squared, "table {} level {}", plan.table.code, level.level.code);
                }
            }
        }
        for (year, cost) in years(Budget::Default, &rows) {
            prop_assert!(cost <= Budget::Default.per_year().nano(), "{}", year);
        }
        let again = counted(person, &as_if_on_time(&history));
        for plan in revisions(Budget::Default).unwrap() {
            for (period, level) in periods(&again).into_iter().flat_map(|period| plan.levels.iter().map(move |level| (period, level))) {
                prop_assert!(square(&plan, level, &again, period) <= level.l2_squared, "table {}", plan.table.code);
            }
        }
    }
}

/// Each quarter alone counts what stood when it closed. A sum of such counts, without a common bound, costs more than a year's
/// debit of D, and more than is debited for F: so the bound is what keeps the promise.
#[test]
fn two_histories_one_after_the_other_would_break_the_promise() {
    let lost = |number: u8, on: &str| {
        let services = ["oat-methadone", "oat-buprenorphine"];
        let one = move |(more, service)| event(number + more, day(on), service, EventKind::Contact);
        (0..).zip(services).map(one).collect::<Vec<_>>()
    };
    let (mistake, truth) = (lost(1, "2026-01-05"), lost(11, "2026-08-05"));
    let from = "2026Q2".parse().unwrap();
    let gone: Vec<Withdrawal> = mistake
        .iter()
        .map(|event| Withdrawal {
            from,
            target: event.report,
            report: [event.report[0] ^ 0x80; 16],
        })
        .collect();
    let alone = |events: &[Event]| counted(1, &History::new(events.to_vec()));
    let unbound: Vec<Contribution> = [alone(&mistake), alone(&truth)].concat();
    let both = [mistake, truth].concat();
    let bound = counted(1, &History::new(both).with(&[], &gone));
    for code in ["D", "F"] {
        let plans = plans(Budget::Default).unwrap();
        let plan = plans.iter().find(|plan| plan.table.code == code).unwrap();
        let broken = |rows: &[Contribution]| {
            let levels = plan.levels.iter();
            let spans = levels.flat_map(|level| {
                let squares: BTreeMap<i32, u128> = squares(plan, level, rows);
                squares
                    .into_values()
                    .map(|square| square > level.l2_squared)
            });
            spans.filter(|broken| *broken).count()
        };
        assert!(broken(&unbound) > 0, "{code}");
        assert_eq!(broken(&bound), 0, "{code}");
    }
}

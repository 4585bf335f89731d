//! What a withdrawal changes, and what it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::day::Quarter;
use privacy::cell::{CityCode, Tab};
use proptest::prelude::*;

use crate::contribution::Contribution;
use crate::definitions::Indicators;
use crate::history::{Event, History, Withdrawal};
use crate::kind::EventKind;
use crate::project::{CityPeriods, project};
use crate::testing::{any_events, any_withdrawals, day, event, kind};

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

fn counted(events: &[Event], withdrawals: &[Withdrawal]) -> Vec<Contribution> {
    let history = History::new(events.to_vec()).with(&[], withdrawals);
    let cities = CityPeriods::new([(CityCode::new(1).unwrap(), quarter("2026Q1"))]);
    let indicators = Indicators::shipped().unwrap();
    project(1, &history, &indicators, &cities, &[9; 32])
}

fn withdraw(from: &str, target: u8) -> Withdrawal {
    Withdrawal {
        from: quarter(from),
        target: [target; 16],
        report: [target ^ 0x80; 16],
    }
}

fn of(rows: &[Contribution], tab: Tab) -> Vec<String> {
    let wanted = rows.iter().filter(|row| row.cell.tab() == tab);
    wanted.map(|row| row.period.to_string()).collect()
}

/// A client under cover until autumn, whom somebody wrote down as dead in February.
fn dead_by_mistake() -> [Event; 2] {
    let mut enrolled = event(1, day("2026-01-10"), "nsp", EventKind::Enrolled);
    enrolled.covered_until = Some(day("2026-10-20"));
    [
        enrolled,
        event(2, day("2026-02-10"), "nsp", kind("exited:died")),
    ]
}

#[test]
fn a_death_that_is_withdrawn_counts_where_it_was_counted_and_nowhere_else() {
    let events = dead_by_mistake();
    assert!(of(&counted(&events, &[]), Tab::Active).is_empty());
    let from = |from| of(&counted(&events, &[withdraw(from, 2)]), Tab::Active);
    assert_eq!(from("2026Q1"), ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]);
    assert_eq!(from("2026Q3"), ["2026Q3", "2026Q4"]);
    assert_eq!(from("2027Q3"), [""; 0]);
    // The first of several withdrawals counts; one of a report that nobody knows changes nothing.
    let first = Withdrawal {
        report: [77; 16],
        ..withdraw("2026Q2", 2)
    };
    let several = [first, withdraw("2026Q3", 2), withdraw("2026Q1", 9)];
    let rows = counted(&events, &several);
    assert_eq!(of(&rows, Tab::Active), ["2026Q2", "2026Q3", "2026Q4"]);
    assert_eq!(of(&rows, Tab::First), ["2026Q1"]);
}

#[test]
fn a_first_enrolment_that_is_withdrawn_is_not_made_good_by_a_second_one() {
    let later = event(2, day("2026-08-10"), "nsp", EventKind::Enrolled);
    let events = [
        event(1, day("2026-01-10"), "nsp", EventKind::Enrolled),
        later,
    ];
    let first = |withdrawals: &[Withdrawal]| of(&counted(&events, withdrawals), Tab::First);
    assert_eq!(first(&[]), ["2026Q1"]);
    assert_eq!(first(&[withdraw("2026Q1", 1)]), ["2026Q3"]);
    assert_eq!(first(&[withdraw("2026Q2", 1)]), ["2026Q1"]);
}

/// Given up twice by mistake in spring, and lost twice in autumn: without a common bound four drop-outs of one year.
#[test]
fn drop_outs_that_are_withdrawn_use_up_the_years_bound() {
    let both = |number: u8, on: &str, what: EventKind| {
        let services = ["oat-methadone", "oat-buprenorphine"];
        let one = move |(more, service)| event(number + more, day(on), service, what);
        (0..).zip(services).map(one).collect::<Vec<_>>()
    };
    let events = [
        both(1, "2026-02-10", EventKind::Contact),
        both(11, "2026-02-20", kind("exited:dropped_out")),
        both(21, "2026-05-10", EventKind::Contact),
    ]
    .concat();
    let gone = [withdraw("2026Q2", 11), withdraw("2026Q2", 12)];
    let dropped = |gone: &[Withdrawal]| of(&counted(&events, gone), Tab::DropOut);
    assert_eq!(dropped(&[]), ["2026Q1"; 2]);
    let all = [&events[..2], &events[4..]].concat();
    assert_eq!(of(&counted(&all, &[]), Tab::DropOut), ["2026Q1"; 2]);
    let late: Vec<Event> = events[4..].to_vec();
    assert_eq!(of(&counted(&late, &[]), Tab::DropOut), ["2026Q2"; 2]);
    let first = [withdraw("2026Q2", 1), withdraw("2026Q2", 2)];
    let gone = [&gone[..], &first].concat();
    assert_eq!(
        dropped(&gone),
        ["2026Q1"; 2],
        "and none in the second quarter"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_closed_quarters_counted_never_moves(
        events in any_events(),
        withdrawals in any_withdrawals(),
        open in 0usize..6,
    ) {
        let withdrawals = withdrawals.of(&events);
        let open = open.min(withdrawals.len());
        let before = counted(&events, &withdrawals[..open]);
        let after = counted(&events, &withdrawals);
        let Some(next) = withdrawals.get(open) else { return Ok(()) };
        let closed = |rows: &[Contribution]| {
            rows.iter().copied().filter(|row| row.period < next.from).collect::<Vec<_>>()
        };
        prop_assert_eq!(closed(&before), closed(&after));
    }

    #[test]
    fn from_its_quarter_on_a_withdrawn_report_might_never_have_come(
        events in any_events(),
        withdrawals in any_withdrawals(),
    ) {
        let withdrawals = withdrawals.of(&events);
        let Some(last) = withdrawals.last().map(|one| one.from) else { return Ok(()) };
        let history = History::new(events.clone()).with(&[], &withdrawals);
        let without = counted(&history.true_today(), &[]);
        let with = counted(&events, &withdrawals);
        // The tables whose caps lie within one quarter say the same; the others at most as much.
        let later = |rows: &[Contribution], free: bool| {
            let within = [Tab::Active, Tab::Service, Tab::Cohort, Tab::ServiceCohort, Tab::Cascade];
            let rows = rows.iter().copied().filter(|row| row.period >= last);
            rows.filter(|row| within.contains(&row.cell.tab()) == free).collect::<Vec<_>>()
        };
        prop_assert_eq!(later(&with, true), later(&without, true));
        let whole = later(&without, false);
        prop_assert!(later(&with, false).iter().all(|row| whole.contains(row)));
    }
}

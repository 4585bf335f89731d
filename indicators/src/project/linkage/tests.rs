//! Days to treatment, counted by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::Delay::{FourWeeks, Later, NinetyDays, Week};
use super::*;
use crate::project::tests::{contributions, of, visit};
use crate::testing::{day, event, kind, result};
use privacy::cell::CityCode;

/// Year, city and delay; at most one in a life.
fn linked(events: &[Event]) -> Option<(i32, u16, Delay)> {
    let rows = contributions(1, events.to_vec());
    let mut found = of(&rows, Tab::Linkage);
    let row = found.next().map(|row| {
        assert_eq!((row.period.of_year(), row.cell.service()), (4, 0));
        let delay = Delay::parse(row.cell.item()).unwrap();
        (row.period.year(), row.cell.city().number(), delay)
    });
    assert!(found.next().is_none());
    row
}

fn positive(number: u8, on: &str) -> Event {
    result(number, day(on), "hts", "positive")
}

#[test]
fn days_from_the_test_to_treatment() {
    let test = positive(1, "2026-01-10");
    for (on, delay) in [
        ("2025-06-01", Week),
        ("2026-01-10", Week),
        ("2026-01-17", Week),
        ("2026-01-18", FourWeeks),
        ("2026-02-07", FourWeeks),
        ("2026-02-08", NinetyDays),
        ("2026-04-10", NinetyDays),
        ("2026-04-11", Later),
    ] {
        let treated = visit(2, on, "art");
        assert_eq!(linked(&[test, treated]), Some((2026, 1, delay)), "{on}");
    }
    assert_eq!(linked(&[test]), Some((2026, 1, Later)));
    let kit = visit(2, "2026-01-12", "nsp");
    assert_eq!(linked(&[test, kit]), Some((2026, 1, Later)));
    let left = event(2, day("2026-01-12"), "art", kind("exited:moved"));
    assert_eq!(linked(&[test, left]), Some((2026, 1, Later)), "no start");
}

#[test]
fn without_a_positive_test_there_is_nothing_to_link() {
    let negative = result(1, day("2026-01-10"), "hts", "negative");
    let treated = result(2, day("2026-01-12"), "art", "suppressed");
    assert_eq!(linked(&[negative, treated]), None);
    let died = event(1, day("2026-01-05"), "nsp", kind("exited:died"));
    assert_eq!(linked(&[died, positive(2, "2026-01-10")]), None);
}

#[test]
fn the_year_of_a_test_ends_on_30_september() {
    for (on, effective, year) in [
        ("2026-09-30", "2026-09-30", 2026),
        ("2026-10-01", "2026-10-01", 2027),
        ("2026-09-20", "2026-10-01", 2027),
        ("2026-12-31", "2026-12-31", 2027),
    ] {
        let mut test = positive(1, on);
        test.effective = day(effective);
        assert_eq!(linked(&[test]), Some((year, 1, Later)), "{effective}");
    }
}

#[test]
fn treatment_reported_after_the_year_came_too_late() {
    let test = positive(1, "2026-09-30");
    let mut treated = visit(2, "2026-10-05", "art");
    for (effective, delay) in [("2026-12-31", Week), ("2027-01-01", Later)] {
        treated.effective = day(effective);
        assert_eq!(linked(&[test, treated]), Some((2026, 1, delay)));
    }
}

#[test]
fn the_first_test_that_was_counted_stays_the_first() {
    let first = positive(1, "2026-05-01");
    let mut late = positive(2, "2026-04-01");
    late.effective = day("2026-10-01");
    late.city = CityCode::new(2).unwrap();
    let treated = visit(3, "2026-05-03", "art");
    let again = positive(4, "2027-05-01");
    let events = [first, late, treated, again];
    assert_eq!(linked(&events), Some((2026, 1, Week)));
    // Known in time, the earlier test is the first: 32 days, in its own city, which has cells of its own in that quarter.
    late.effective = day("2026-04-01");
    let events = [first, late, treated, again];
    assert_eq!(linked(&events), Some((2026, 2, NinetyDays)));
}

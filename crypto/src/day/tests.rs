//! Calendar arithmetic at its edges.
#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn known_days() {
    assert_eq!(day("1970-01-01").number(), 0);
    assert_eq!(day("1900-01-01").number(), FIRST);
    assert_eq!(day("2199-12-31").number(), LAST);
    assert_eq!(day("2026-11-22").number(), 20_779);
    assert_eq!(day("2024-03-01").since(day("2024-02-28")), 2);
    assert_eq!(day("2100-03-01").since(day("2100-02-28")), 1);
    assert_eq!(Day::from_unix(-1), day("1969-12-31"));
    assert_eq!(Day::from_unix(86_399), day("1970-01-01"));
    assert_eq!(Day::from_unix(i64::MAX), day("2199-12-31"));
    assert_eq!(Day::from_unix(i64::MIN), day("1900-01-01"));
    assert_eq!(day("2199-12-31").plus(i32::MAX), day("2199-12-31"));
    assert_eq!(day("1900-01-01").plus(i32::MIN), day("1900-01-01"));
    assert_eq!(day("2026-11-22").year(), 2026);
}

#[test]
fn malformed_days_are_refused_without_an_echo() {
    for bad in [
        "",
        "2026-2-1",
        "2026-02-30",
        "2023-02-29",
        "1899-12-31",
        "2200-01-01",
        "2026-00-10",
        "2026-13-10",
        "2026-01-00",
        "+026-01-01",
        "2026-01-+1",
        "2026/01/01",
        "2026-01-01 ",
        "２０２６-01-01",
    ] {
        assert_eq!(bad.parse::<Day>().unwrap_err(), DAY_ERROR);
    }
    assert!(Day::from_number(FIRST - 1).is_err());
    assert!(Day::from_number(LAST + 1).is_err());
}

#[test]
fn quarters() {
    let quarter: Quarter = "2026Q1".parse().unwrap();
    assert_eq!(quarter.number(), 2026 * 4);
    assert_eq!(quarter.first_day(), day("2026-01-01"));
    assert_eq!(quarter.last_day(), day("2026-03-31"));
    assert_eq!(quarter.previous().to_string(), "2025Q4");
    assert_eq!(quarter.previous().last_day(), day("2025-12-31"));
    assert_eq!(quarter.next().to_string(), "2026Q2");
    assert_eq!(Quarter::of(day("2026-12-31")).to_string(), "2026Q4");
    let last: Quarter = "2199Q4".parse().unwrap();
    assert_eq!((last.next(), last.last_day()), (last, day("2199-12-31")));
    assert_eq!(last.previous().last_day(), day("2199-09-30"));
    for bad in [
        "2026Q0", "2026Q5", "2026q1", "2026-1", "1899Q4", "2200Q1", "26Q1", "2026Q11",
    ] {
        assert!(bad.parse::<Quarter>().is_err());
    }
    assert_eq!(serde_json::to_string(&quarter).unwrap(), "\"2026Q1\"");
}

#[test]
fn months() {
    assert_eq!(Month::of(day("2023-12-31")).number(), 0);
    assert_eq!(Month::of(day("2024-01-31")).number(), 0);
    assert_eq!(Month::of(day("2026-11-22")).number(), 34);
    assert_eq!(Month::of(day("2024-02-01")).last_day(), day("2024-02-29"));
    assert_eq!(Month::of(day("2199-12-01")).last_day(), day("2199-12-31"));
    assert_eq!(Month::of(day("2199-12-01")).plus(9), Month(Month::LAST));
    assert_eq!("2026-11".parse::<Month>().unwrap().number(), 34);
    assert!(Month::from_number(Month::LAST + 1).is_err());
    for bad in [
        "2023-12", "2026-00", "2026-13", "2026-1", "2200-01", "2026/01",
    ] {
        assert!(bad.parse::<Month>().is_err());
    }
}

proptest! {
    #[test]
    fn days_round_trip_and_fit_their_quarter(number in FIRST..=LAST) {
        let day = Day::from_number(number).unwrap();
        prop_assert_eq!(day.to_string().parse::<Day>().unwrap(), day);
        let quarter = Quarter::of(day);
        prop_assert!(quarter.first_day() <= day && day <= quarter.last_day());
        prop_assert_eq!(Quarter::from_number(quarter.number()).unwrap(), quarter);
        prop_assert_eq!(quarter.to_string().parse::<Quarter>().unwrap(), quarter);
        if number < LAST {
            prop_assert!(day.plus(1) > day && day.to_string() < day.plus(1).to_string());
        }
    }

    #[test]
    fn months_hold_their_days(number in 0..=Month::LAST) {
        let month = Month::from_number(number).unwrap();
        prop_assert_eq!(month.to_string().parse::<Month>().unwrap(), month);
        prop_assert_eq!(Month::of(month.first_day()), month);
        prop_assert_eq!(Month::of(month.last_day()), month);
    }

    #[test]
    fn any_text_is_refused_or_canonical(text in "[0-9Q-]{4,11}") {
        if let Ok(day) = text.parse::<Day>() {
            prop_assert_eq!(day.to_string(), text);
        }
    }
}

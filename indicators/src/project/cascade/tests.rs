//! Stages on 31 December, counted by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::Stage::{KnowsStatus, OnTreatment, Suppressed};
use super::*;
use crate::history::Event;
use crate::project::tests::{contributions, of, visit};
use crate::testing::{day, result};

/// Stages of 2026; later years are dropped.
fn stage(events: &[Event]) -> Option<Stage> {
    let rows = contributions(1, events.to_vec());
    let mut found = of(&rows, Tab::Cascade).filter(|row| row.period.to_string() == "2026Q4");
    let row = found.next();
    assert!(found.next().is_none());
    row.map(|row| {
        assert_eq!((row.cell.city().number(), row.cell.service()), (1, 0));
        Stage::parse(row.cell.item()).unwrap()
    })
}

#[test]
fn the_three_stages_and_nobody() {
    let kit = visit(1, "2026-12-10", "nsp");
    let treated = visit(2, "2026-12-10", "art");
    let positive = result(3, day("2026-02-10"), "hts", "positive");
    let negative = result(4, day("2026-02-10"), "hts", "negative");
    let suppressed = result(5, day("2026-12-10"), "art", "suppressed");
    assert_eq!(stage(&[kit]), None);
    assert_eq!(stage(&[kit, negative]), None);
    assert_eq!(stage(&[kit, positive]), Some(KnowsStatus));
    assert_eq!(stage(&[kit, treated]), Some(OnTreatment));
    assert_eq!(stage(&[suppressed]), Some(Suppressed));
    // A test of February is no activity in December, and who is not active is not counted.
    assert_eq!(stage(&[positive]), None);
}

#[test]
fn who_left_treatment_knows_the_status() {
    let lost = result(1, day("2026-09-01"), "art", "suppressed");
    let kit = visit(2, "2026-12-10", "nsp");
    assert_eq!(stage(&[lost, kit]), Some(KnowsStatus));
}

#[test]
fn a_viral_load_is_valid_for_365_days() {
    let treated = visit(2, "2026-12-10", "art");
    for (on, expected) in [("2025-12-31", Suppressed), ("2025-12-30", OnTreatment)] {
        let load = result(1, day(on), "art", "suppressed");
        assert_eq!(stage(&[load, treated]), Some(expected), "{on}");
    }
}

#[test]
fn the_latest_viral_load_counts_and_the_worse_of_one_day() {
    let good = |on| result(1, day(on), "art", "suppressed");
    let bad = |on| result(2, day(on), "art", "unsuppressed");
    let treated = visit(3, "2026-12-20", "art");
    for (events, expected) in [
        (
            [good("2026-12-01"), bad("2026-12-02"), treated],
            OnTreatment,
        ),
        ([good("2026-12-02"), bad("2026-12-01"), treated], Suppressed),
        (
            [good("2026-12-02"), bad("2026-12-02"), treated],
            OnTreatment,
        ),
    ] {
        assert_eq!(stage(&events), Some(expected));
    }
    // Reported late but measured earlier: the later measurement stays.
    let mut late = bad("2026-12-01");
    late.effective = day("2026-12-30");
    assert_eq!(
        stage(&[good("2026-12-02"), late, treated]),
        Some(Suppressed)
    );
}

#[test]
fn what_came_after_the_year_does_not_count() {
    let treated = visit(1, "2026-12-10", "art");
    let mut late = result(2, day("2026-12-20"), "art", "suppressed");
    for (effective, expected) in [("2026-12-31", Suppressed), ("2027-01-01", OnTreatment)] {
        late.effective = day(effective);
        assert_eq!(stage(&[treated, late]), Some(expected), "{effective}");
    }
}

#[test]
fn cover_past_the_year_counts_and_death_does_not() {
    let mut treated = visit(1, "2026-11-01", "art");
    assert_eq!(stage(&[treated]), None, "over on 30 December");
    treated.covered_until = Some(day("2027-06-30"));
    assert_eq!(stage(&[treated]), Some(OnTreatment));
    let died = crate::testing::event(
        2,
        day("2026-12-31"),
        "art",
        crate::testing::kind("exited:died"),
    );
    assert_eq!(stage(&[treated, died]), None);
}

//! Ends, days and years of cohorts, counted by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::history::Event;
use crate::project::tests::{contributions, of, visit};
use crate::testing::{day, event, kind};
use privacy::cell::item::Bin;
use privacy::cell::item::Ending::*;

/// Year, service, ending and bin (0 none) of one table, in order.
fn found(events: &[Event], tab: Tab) -> Vec<(i32, u8, Ending, u8)> {
    let rows = contributions(1, events.to_vec());
    of(&rows, tab)
        .map(|row| {
            assert_eq!((row.period.of_year(), row.cell.city().number()), (4, 0));
            let outcome = Outcome::parse(row.cell.item()).unwrap();
            let bin = outcome.bin().map_or(0, Bin::number);
            let service = row.cell.service();
            (row.period.year(), service, outcome.ending(), bin)
        })
        .collect()
}

fn client(events: &[Event]) -> (Ending, u8) {
    let rows = found(events, Tab::Cohort);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].0, rows[0].1), (2026, 0));
    (rows[0].2, rows[0].3)
}

fn exit(number: u8, on: &str, service: &str, reason: &str) -> Event {
    event(number, day(on), service, kind(&format!("exited:{reason}")))
}

#[test]
fn one_kit_is_a_drop_out_on_day_0() {
    let kit = [visit(1, "2026-01-10", "nsp")];
    assert_eq!(found(&kit, Tab::Cohort), [(2026, 0, DroppedOut, 1)]);
    assert_eq!(found(&kit, Tab::ServiceCohort), [(2026, 1, DroppedOut, 1)]);
}

#[test]
fn the_year_of_a_cohort_ends_on_31_march() {
    for (on, year) in [
        ("2025-12-31", 2026),
        ("2026-03-31", 2026),
        ("2026-04-01", 2027),
    ] {
        for tab in [Tab::Cohort, Tab::ServiceCohort] {
            assert_eq!(found(&[visit(1, on, "nsp")], tab)[0].0, year, "{on}");
        }
    }
    // The day on which it counts decides, not the true one.
    let mut late = visit(1, "2026-03-20", "nsp");
    late.effective = day("2026-04-01");
    assert_eq!(found(&[late], Tab::Cohort), [(2027, 0, DroppedOut, 1)]);
}

#[test]
fn day_180_is_the_last_that_counts() {
    let kits = |last: i32| {
        let begin = day("2026-01-10");
        let days = [0, 60, 120, last];
        (1u8..).zip(days).map(move |(number, days)| {
            let on = begin.plus(days).to_string();
            visit(number, &on, "nsp")
        })
    };
    for (last, expected) in [(180, (DroppedOut, 12)), (181, (StillThere, 0))] {
        let events: Vec<Event> = kits(last).collect();
        assert_eq!(client(&events), expected, "day {last}");
        let rows = found(&events, Tab::ServiceCohort);
        assert_eq!(rows, [(2026, 1, expected.0, expected.1)], "day {last}");
    }
}

#[test]
fn who_is_active_on_31_december_is_still_there() {
    let covered = |until| {
        let mut one = visit(1, "2026-01-10", "nsp");
        one.covered_until = Some(day(until));
        [one]
    };
    // Day 91 after 1 October is 31 December; on that day the episode is over.
    assert_eq!(client(&covered("2026-10-01")), (DroppedOut, 1));
    assert_eq!(client(&covered("2026-10-02")), (StillThere, 0));
    assert_eq!(client(&covered("2028-01-01")), (StillThere, 0));
}

#[test]
fn a_planned_exit_is_no_drop_out_unless_something_came_after_it() {
    let start = visit(1, "2026-01-10", "art");
    // 30 January is day 20, in the second bin.
    for (reason, ending) in [
        ("completed", Completed),
        ("transferred", Transferred),
        ("died", Died),
        ("imprisoned", Imprisoned),
        ("moved", Moved),
        ("withdrew", Withdrew),
        ("dropped_out", DroppedOut),
    ] {
        let left = exit(2, "2026-01-30", "art", reason);
        assert_eq!(client(&[start, left]), (ending, 2), "{reason}");
        let rows = found(&[start, left], Tab::ServiceCohort);
        assert_eq!(rows, [(2026, 5, ending, 2)], "{reason}");
    }
    let left = exit(2, "2026-01-30", "art", "completed");
    let after = visit(3, "2026-02-10", "art");
    assert_eq!(client(&[start, left, after]), (DroppedOut, 3));
    // Of a contact and an exit on one day the exit is the later.
    let same = visit(3, "2026-01-30", "nsp");
    assert_eq!(client(&[start, left, same]), (Completed, 2));
}

#[test]
fn an_exit_said_elsewhere_is_no_sign() {
    let start = visit(1, "2026-01-10", "art");
    let mut left = exit(2, "2026-01-30", "art", "transferred");
    left.site = 2;
    assert_eq!(client(&[start, left]), (DroppedOut, 1));
    let rows = found(&[start, left], Tab::ServiceCohort);
    assert_eq!(rows, [(2026, 5, DroppedOut, 1)]);
}

#[test]
fn what_is_no_loss_lapses_in_its_service_only() {
    let taken = [visit(1, "2026-01-10", "sti")];
    assert_eq!(found(&taken, Tab::ServiceCohort), [(2026, 6, Lapsed, 1)]);
    assert_eq!(client(&taken), (DroppedOut, 1));
    // 180 days of grace: on 31 December nobody could say of everybody what became of them.
    for slow in ["condoms", "hts", "iec", "naloxone"] {
        let taken = [visit(1, "2026-01-10", slow)];
        assert_eq!(found(&taken, Tab::ServiceCohort), [], "{slow}");
        assert_eq!(client(&taken), (DroppedOut, 1));
    }
}

#[test]
fn a_late_report_counts_if_it_came_before_the_end() {
    let start = visit(1, "2026-01-10", "nsp");
    let mut late = visit(2, "2026-02-20", "nsp");
    for (effective, expected) in [
        // Day 41 is in the third bin; the episode is over on 11 April.
        ("2026-04-05", (DroppedOut, 3)),
        ("2026-07-01", (DroppedOut, 1)),
        ("2027-01-01", (DroppedOut, 1)),
    ] {
        late.effective = day(effective);
        let rows = found(&[start, late], Tab::Cohort);
        assert_eq!((rows[0].2, rows[0].3), expected, "{effective}");
        assert_eq!(rows[0].0, 2026);
    }
}

#[test]
fn only_the_first_episode_of_a_year_is_looked_at() {
    let first = visit(1, "2026-04-10", "nsp");
    let second = visit(2, "2026-09-01", "nsp");
    let left = exit(3, "2026-09-02", "nsp", "withdrew");
    let next = visit(4, "2027-04-01", "nsp");
    let events = [first, second, left, next];
    assert_eq!(
        found(&events, Tab::Cohort),
        [(2027, 0, DroppedOut, 1), (2028, 0, DroppedOut, 1)]
    );
    assert_eq!(
        found(&events, Tab::ServiceCohort),
        [(2027, 1, DroppedOut, 1), (2028, 1, DroppedOut, 1)]
    );
}

#[test]
fn the_two_services_that_opened_first_stay_and_ties_go_either_way() {
    let events = [
        visit(1, "2026-01-07", "prep"),
        visit(2, "2026-01-05", "tb"),
        visit(3, "2026-01-06", "nsp"),
    ];
    let services = |person, events: &[Event]| {
        let rows = contributions(person, events.to_vec());
        let rows = of(&rows, Tab::ServiceCohort);
        rows.map(|row| row.cell.service()).collect::<Vec<_>>()
    };
    assert_eq!(services(1, &events), [1, 11]);
    let together = events.map(|one| Event {
        day: day("2026-01-05"),
        effective: day("2026-01-05"),
        ..one
    });
    let mut seen = std::collections::BTreeSet::new();
    for person in 0..100 {
        let kept = services(person, &together);
        assert_eq!(kept.len(), 2);
        seen.extend(kept);
    }
    assert_eq!(seen.len(), 3);
}

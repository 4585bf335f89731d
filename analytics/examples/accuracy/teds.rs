//! 1,000 real discharges from treatment in the United States, 2023 (tests/data/teds-d-2023).
//!
//! Real: the reason of every discharge. Assigned: a length of stay of 0 to 179 days, evenly, in steps that have nothing to do
//! with the order of the file (the length of stay of the source is wrong and is not even copied), and the day of enrolment,
//! evenly over the cohort's year. What is tested is therefore how well ends are counted, not when they came.
//!
//! Five reasons have a name here. The other two have none and were assigned: `Terminated by facility` is `withdrew`, because
//! the treatment was ended by a decision and not by staying away, so that it must not count as a drop-out; `Other` is `moved`,
//! the one remaining reason that says no more than that somebody left.

use crypto::day::Day;
use indicators::Indicators;
use indicators::history::History;
use indicators::kind::{EventKind, Exit};

use crate::people::{Person, service};

/// `patient_id,discharge_reason`.
pub(crate) const TABLE: &str = include_str!("../../../tests/data/teds-d-2023/reasons.csv");

/// Our reason for one of theirs.
pub(crate) fn exit(reason: &str) -> Option<Exit> {
    Some(match reason {
        "Treatment completed" => Exit::Completed,
        "Dropped out" => Exit::DroppedOut,
        "Transferred" => Exit::Transferred,
        "Incarcerated" => Exit::Imprisoned,
        "Death" => Exit::Died,
        "Terminated by facility" => Exit::Withdrew,
        "Other" => Exit::Moved,
        _ => return None,
    })
}

/// Every discharge's reason, in the order of the file.
pub(crate) fn reasons() -> Vec<Exit> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| exit(&row[1]).expect("one of seven reasons"))
        .collect()
}

/// Everybody, enrolled between 1 April 2025 and 31 March 2026.
pub(crate) fn people(indicators: &Indicators) -> Vec<(i64, History)> {
    let help = service(indicators, "behavioural");
    let first: Day = "2025-04-01".parse().expect("a day");
    let reasons = reasons();
    let between = reasons.len() as i32 - 1;
    (0..)
        .zip(reasons)
        .map(|(place, reason)| {
            let enrolled = first.plus(place * 364 / between);
            let last = enrolled.plus(place * 77 % 180);
            let mut person = Person::new(place as u32 + 1, 1, 6);
            person.add(enrolled, help, EventKind::Enrolled, Some(last));
            person.add(last, help, EventKind::Exited(reason), None);
            person.history()
        })
        .collect()
}

//! 238 real people in methadone maintenance as one cohort (tests/data/methadone).
//!
//! Real: who left, and after how many days. Assigned: the day of enrolment, evenly over the cohort's year. As in the
//! demonstration, everybody is covered from the first to the last day observed, `departed` is a drop-out, and the end of an
//! observation that was no drop-out is an exit because of moving: a competing end, where survival analysis would censor.

use crypto::day::Day;
use indicators::Indicators;
use indicators::history::History;
use indicators::kind::{EventKind, Exit};
use serde_json::Value;

use crate::people::{Person, service};

const TABLE: &str = include_str!("../../../tests/data/methadone/addicts.csv");
const EXPECTED: &str = include_str!("../../../tests/data/methadone/expected_results.json");

/// Number, days observed, and whether the person dropped out then.
fn rows() -> Vec<(u32, i32, bool)> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let field = |column: usize| row[column].parse::<i32>().expect("a number");
        (field(1).unsigned_abs(), field(4), field(3) == 1)
    })
    .collect()
}

/// Everybody, enrolled between 1 April 2025 and 31 March 2026.
pub(crate) fn people(indicators: &Indicators) -> Vec<(i64, History)> {
    let methadone = service(indicators, "oat-methadone");
    let first: Day = "2025-04-01".parse().expect("a day");
    let rows = rows();
    let between = rows.len() as i32 - 1;
    (0..)
        .zip(rows)
        .map(|(place, (number, days, departed))| {
            let enrolled = first.plus(place * 364 / between);
            let last = enrolled.plus(days);
            let reason = if departed {
                Exit::DroppedOut
            } else {
                Exit::Moved
            };
            let mut person = Person::new(number, 1, 6);
            person.add(enrolled, methadone, EventKind::Enrolled, Some(last));
            person.add(last, methadone, EventKind::Exited(reason), None);
            person.history()
        })
        .collect()
}

/// What is known of the table at one day.
pub(crate) struct Known {
    /// Everybody.
    pub(crate) size: f64,
    /// Dropped out by the end of the day.
    pub(crate) departed: f64,
    /// Left otherwise by the end of the day.
    pub(crate) censored: f64,
    /// Still observed on the day, those who left on the day itself included.
    pub(crate) observed: f64,
    /// How many left on the day itself.
    pub(crate) that_day: f64,
    /// Kaplan-Meier probability of being there after the day.
    pub(crate) survival: f64,
}

impl Known {
    /// Still there after the day, of everybody who had not left otherwise: what a release calls `retained-others`.
    pub(crate) fn others(&self) -> f64 {
        (self.observed - self.that_day) / (self.size - self.censored)
    }
}

/// The results computed elsewhere, and from the table how many left on the day itself.
pub(crate) fn known(day: i32) -> Known {
    let expected: Value = serde_json::from_str(EXPECTED).expect("the expected results");
    let all = &expected["computed"]["all"];
    let at = |key: &str| all[key][day.to_string()].as_f64().expect("a number");
    Known {
        size: all["n"].as_f64().expect("a number"),
        departed: at("departed_by"),
        censored: at("censored_by"),
        observed: at("still_observed_at"),
        that_day: rows().iter().filter(|row| row.1 == day).count() as f64,
        survival: all[format!("S{day}")].as_f64().expect("a number"),
    }
}

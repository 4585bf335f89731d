//! The real table of the demo: methadone maintenance, two Sydney clinics, 238 people.
//!
//! Source: Caplehorn & Bell, Med J Aust 1991;154:195-9, tabulated in Kleinbaum & Klein,
//! *Survival Analysis*, appendix B. A row says clinic, whether the person departed, and for how
//! many days they were observed. What the table does not say, and is assigned here:
//!
//! - the date of enrolment: spread evenly over the study's intake, 1986-02-01 to 1987-08-31, in the
//!   order of the table;
//! - `departed = 0` ends observation without a drop-out; it is replayed as `exited:moved`;
//! - there are no visits between but one a year that renews the cover: the person is covered from the first to the last day.

use crypto::day::Day;
use crypto::report::MAX_COVER_DAYS;
use server::error::Failure;

const TABLE: &str = include_str!("../../../tests/data/methadone/addicts.csv");
/// First day of intake (1986-02-01) as days since 1970-01-01.
const INTAKE_FIRST: i32 = 5_875;
/// Days of intake, from 1986-02-01 to 1987-08-31.
const INTAKE_DAYS: i32 = 576;
/// The two clinics, put into two cities of the pilot.
pub const SITES: [&str; 2] = ["medan/clinic-1", "bandung/clinic-2"];

/// One person of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patient {
    /// Number in the table.
    pub number: u32,
    /// 0 or 1: which of [`SITES`].
    pub clinic: usize,
    /// True when the person dropped out on the last observed day.
    pub departed: bool,
    /// Days under observation.
    pub days: i32,
    /// Assigned first day.
    pub enrolled: Day,
}

/// Reads the table that the program carries.
pub fn patients() -> Result<Vec<Patient>, Failure> {
    let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
    let rows: Vec<csv::StringRecord> = reader
        .records()
        .collect::<Result<_, _>>()
        .map_err(|e| Failure::of("the table", e))?;
    let count = i32::try_from(rows.len()).unwrap_or(i32::MAX).max(1);
    rows.iter()
        .zip(0..)
        .map(|(row, position)| patient(row, position, count))
        .collect()
}

fn patient(row: &csv::StringRecord, position: i32, count: i32) -> Result<Patient, Failure> {
    let field = |column: usize| -> Result<i32, Failure> {
        row.get(column)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Failure::new("the table that the program carries is damaged"))
    };
    let offset = position * INTAKE_DAYS / (count - 1).max(1);
    let first = Day::from_number(INTAKE_FIRST).map_err(|e| Failure::of("the table", e))?;
    Ok(Patient {
        number: field(1)?.unsigned_abs(),
        clinic: usize::from(field(2)? == 2),
        departed: field(3)? == 1,
        days: field(4)?,
        enrolled: first.plus(offset),
    })
}

/// The table as replay rows: `person,date,site,service,event,covered_until,gender,age_band`.
pub fn replay_csv(patients: &[Patient]) -> String {
    let mut text = String::from("person,date,site,service,event,covered_until,gender,age_band\n");
    for p in patients {
        let last = p.enrolled.plus(p.days);
        let site = SITES[p.clinic];
        let end = if p.departed {
            "exited:dropped_out"
        } else {
            "exited:moved"
        };
        // A report covers a year at most, so a longer stay is renewed.
        let (mut from, mut event) = (p.enrolled, "enrolled");
        loop {
            let until = from.plus(MAX_COVER_DAYS).min(last);
            let number = p.number;
            text.push_str(&format!(
                "{number},{from},{site},oat-methadone,{event},{until},,\n"
            ));
            if until == last {
                break;
            }
            (from, event) = (until, "contact");
        }
        text.push_str(&format!(
            "{},{last},{site},oat-methadone,{end},,,\n",
            p.number
        ));
    }
    text
}

//! Rows of the replay and import file: CSV text in, typed rows or a named refusal out.
//!
//! UTF-8 with a header; the columns are `person,date,site,service,event,covered_until,gender,age_band`, in any order, all
//! present, no other. The last three may be empty. One bad row never stops the file. Whether a site or service is known
//! is the caller's question, because only the caller knows a registry.

use std::io::Read;

use crypto::day::Day;
use crypto::report::{Group, Kind, ServiceCode, Site};
use csv::ByteRecord;
use thiserror::Error;

use crypto::report::MAX_COVER_DAYS;

/// The columns, in the order they are documented.
pub const COLUMNS: [&str; 8] = [
    "person",
    "date",
    "site",
    "service",
    "event",
    "covered_until",
    "gender",
    "age_band",
];
const SITE: &str = "must be city/name in a-z, 0-9 and hyphens";
const SERVICE: &str = "must be a service code in a-z, 0-9 and hyphens";
const EVENT: &str = "must be enrolled, contact, exited:REASON or result:CODE";
/// Longest person key, in bytes.
const LONGEST_PERSON: usize = 256;

/// One row: a person key of 1..=256 bytes, whatever the file uses, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line of the file on which the row begins, the header is line 1.
    pub line: u64,
    /// The file's key of the person; never stored.
    pub person: String,
    /// Day it happened.
    pub day: Day,
    /// Where.
    pub site: Site,
    /// The service.
    pub service: ServiceCode,
    /// What happened.
    pub kind: Kind,
    /// Next appointment or last day of cover.
    pub covered_until: Option<Day>,
    /// Gender and age band when at least one is given.
    pub group: Option<Group>,
}

/// Why a row is refused. The text is fixed and never repeats the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct RowError {
    /// Line of the file on which the row begins.
    pub line: u64,
    /// The column, or `row` for the row as a whole.
    pub column: &'static str,
    /// What to do about it.
    pub reason: &'static str,
}

/// Why the file cannot be read at all, or no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// No header, a column missing, repeated or unknown.
    #[error(
        "the first line must name the columns person,date,site,service,event,covered_until,gender,age_band and no others"
    )]
    Header,
    /// The file ended in a read error.
    #[error("the file cannot be read: check that it is complete and readable")]
    Unreadable,
}

/// Reads rows one after another.
pub struct Rows<R> {
    reader: csv::Reader<R>,
    record: ByteRecord,
    /// Where each of [`COLUMNS`] stands in a record.
    places: [usize; 8],
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn new(input: R) -> Result<Self, HeaderError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(|_| HeaderError::Unreadable)?;
        if header.len() != COLUMNS.len() {
            return Err(HeaderError::Header);
        }
        let mut places = [0; 8];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let found = header.iter().position(|name| {
                name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name) == column.as_bytes()
            });
            *place = found.ok_or(HeaderError::Header)?;
        }
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            places,
        })
    }

    /// The next row, `None` at the end.
    ///
    /// # Errors
    /// [`HeaderError::Unreadable`] when the file cannot be read further; a bad row is an inner error.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, RowError>>, HeaderError> {
        if !self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|_| HeaderError::Unreadable)?
        {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(Some(self.parse(line)))
    }

    fn parse(&self, line: u64) -> Result<Row, RowError> {
        let refuse = |column, reason| RowError {
            line,
            column,
            reason,
        };
        if self.record.len() != COLUMNS.len() {
            let reason = "must have eight fields; quote fields that hold a comma";
            return Err(refuse("row", reason));
        }
        let field = |index: usize| {
            std::str::from_utf8(self.record.get(self.places[index]).unwrap_or_default())
                .map_err(|_| refuse(COLUMNS[index], "must be UTF-8"))
        };
        let day = read(field(1)?, "must be a day written YYYY-MM-DD");
        let day = day.map_err(|reason| refuse("date", reason))?;
        let covered_until = cover(field(5)?, day).map_err(|reason| refuse("covered_until", reason));
        let group = group(field(6)?, field(7)?).map_err(|(column, reason)| refuse(column, reason));
        Ok(Row {
            line,
            person: person(field(0)?).map_err(|reason| refuse("person", reason))?,
            day,
            site: read(field(2)?, SITE).map_err(|reason| refuse("site", reason))?,
            service: read(field(3)?, SERVICE).map_err(|reason| refuse("service", reason))?,
            kind: read(field(4)?, EVENT).map_err(|reason| refuse("event", reason))?,
            covered_until: covered_until?,
            group: group?,
        })
    }
}

fn read<T: std::str::FromStr>(text: &str, reason: &'static str) -> Result<T, &'static str> {
    text.parse().map_err(|_| reason)
}

fn person(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.len() > LONGEST_PERSON {
        return Err("must hold 1 to 256 bytes");
    }
    Ok(text.to_owned())
}

fn cover(text: &str, day: Day) -> Result<Option<Day>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let until: Day = text
        .parse()
        .map_err(|_| "must be empty or a day written YYYY-MM-DD")?;
    if (0..=MAX_COVER_DAYS).contains(&until.since(day)) {
        Ok(Some(until))
    } else {
        Err("must lie between the date and 1,096 days (three years) after it")
    }
}

fn group(gender: &str, age: &str) -> Result<Option<Group>, (&'static str, &'static str)> {
    if gender.is_empty() && age.is_empty() {
        return Ok(None);
    }
    let gender = match gender {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| ("gender", "must be empty, woman, man or other"))?,
        ),
    };
    let age = match age {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| ("age_band", "must be empty, under 25 or 25 and over"))?,
        ),
    };
    Ok(Some(Group { gender, age }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const HEADER: &str = "person,date,site,service,event,covered_until,gender,age_band\n";

    fn read(body: &str) -> Vec<Result<Row, RowError>> {
        let text = format!("{HEADER}{body}");
        let mut rows = Rows::new(text.as_bytes()).unwrap();
        std::iter::from_fn(|| rows.next_row().unwrap()).collect()
    }

    #[test]
    fn a_full_and_a_bare_row() {
        let rows = read(
            "p1,2026-01-05,medan/klinik-a,art,enrolled,2026-02-04,woman,under 25\n\"p,2\",2026-01-06,medan/klinik-a,hts,result:negative,,,\n",
        );
        let first = rows[0].as_ref().unwrap();
        assert_eq!(
            (first.line, first.person.as_str(), first.site.city()),
            (2, "p1", "medan")
        );
        assert_eq!(first.covered_until.unwrap().since(first.day), 30);
        assert!(first.group.is_some());
        let second = rows[1].as_ref().unwrap();
        assert_eq!(
            (
                second.line,
                second.person.as_str(),
                second.covered_until,
                second.group
            ),
            (3, "p,2", None, None)
        );
    }

    #[test]
    fn a_bad_row_is_named_and_the_others_stand() {
        let good = "p1,2026-01-05,medan/a,art,contact,,,";
        for (row, column) in [
            ("p1,2026-01-05,medan/a,art,contact,,", "row"),
            ("p1,2026-01-05,medan/a,art,contact,,,,", "row"),
            (",2026-01-05,medan/a,art,contact,,,", "person"),
            ("p1,2026-02-30,medan/a,art,contact,,,", "date"),
            ("p1,2026-01-05,Medan,art,contact,,,", "site"),
            ("p1,2026-01-05,medan/a,A R T,contact,,,", "service"),
            ("p1,2026-01-05,medan/a,art,left,,,", "event"),
            (
                "p1,2026-01-05,medan/a,art,contact,2026-01-04,,",
                "covered_until",
            ),
            (
                "p1,2026-01-05,medan/a,art,contact,2029-01-06,,",
                "covered_until",
            ),
            ("p1,2026-01-05,medan/a,art,contact,,female,", "gender"),
            ("p1,2026-01-05,medan/a,art,contact,,,young", "age_band"),
        ] {
            let rows = read(&format!("{good}\n{row}\n{good}\n"));
            assert_eq!(rows.len(), 3, "{row}");
            assert!(rows[0].is_ok() && rows[2].is_ok(), "{row}");
            let error = rows[1].as_ref().unwrap_err();
            assert_eq!((error.line, error.column), (3, column));
        }
    }

    #[test]
    fn the_header_must_name_the_eight_columns() {
        for header in [
            "",
            "person,date\n",
            "person,date,site,service,event,covered_until,gender,age\n",
            "person,date,site,service,event,covered_until,gender,age_band,name\n",
            "person,person,site,service,event,covered_until,gender,age_band\n",
        ] {
            assert_eq!(
                Rows::new(header.as_bytes()).err(),
                Some(HeaderError::Header),
                "{header}"
            );
        }
        assert!(
            Rows::new(
                "\u{feff}date,person,site,service,event,covered_until,age_band,gender\r\n"
                    .as_bytes()
            )
            .is_ok()
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_by_column() {
        let mut text = HEADER.as_bytes().to_vec();
        text.extend_from_slice(b"p\xff,2026-01-05,medan/a,art,contact,,,\n");
        let error = Rows::new(text.as_slice())
            .unwrap()
            .next_row()
            .unwrap()
            .unwrap()
            .unwrap_err();
        assert_eq!((error.line, error.column), (2, "person"));
    }
}

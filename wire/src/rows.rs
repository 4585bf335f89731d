//! Rows of the replay and import file: CSV text in, typed rows or a named refusal out.
//!
//! UTF-8 with a header; the columns are `person,date,site,service,event,covered_until,gender,age_band`, in any order, all
//! present, no other; separated by commas, semicolons or tabs. The last three may be empty. A row whose event is `withdrawn` takes
//! another one back ([`RowKind`]). Every field passes the door for
//! typed text. Rows whose fields are all empty are no rows. One bad row never stops the file; a row that has swallowed
//! the lines after it, because a quotation mark was left open, is refused with all of them. Whether a site or service is
//! known is the caller's question, because only the caller knows a registry.

mod columns;
mod error;
mod header;
mod kind;

use std::borrow::Cow;
use std::io::{Chain, Cursor, Read};

use crypto::day::Day;
use crypto::report::{Group, MAX_COVER_DAYS, ServiceCode, Site};
use csv::ByteRecord;

use crate::typed;
use columns::line_ends;

pub use columns::COLUMNS;
pub use error::{HeaderError, RowError, RowReason};
pub use kind::RowKind;

const SITE: &str = "must be city/name in a-z, 0-9 and hyphens";
const SERVICE: &str = "must be a service code in a-z, 0-9 and hyphens";
const EVENT: &str =
    "must be enrolled, contact, exited:REASON, result:CODE, withdrawn or withdrawn:EVENT";
const FIELDS: &str =
    "must have eight fields, separated as the first line is; quote fields that hold a separator";
const SWALLOWED: &str = "a field holds a line end, perhaps because a quotation mark is never closed: none of these lines was taken";
const LINE_END: &[u8] = b"\n";
/// Bytes in which the header must end.
const HEAD: u64 = 65_536;

/// One row: a client code of 1..=256 characters, whatever the file uses, and what happened.
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
    /// What happened, or that another row is withdrawn.
    pub kind: RowKind,
    /// Next appointment or last day of cover.
    pub covered_until: Option<Day>,
    /// Gender and age band when at least one is given.
    pub group: Option<Group>,
}

/// A file: its first bytes, the others, and a line end, so that every line has one.
type Whole<R> = Chain<Chain<Cursor<Vec<u8>>, R>, &'static [u8]>;

/// Reads rows one after another.
pub struct Rows<R> {
    reader: csv::Reader<Whole<R>>,
    record: ByteRecord,
    /// Where each of [`COLUMNS`] stands in a record.
    places: [usize; 8],
    /// Fields of the header; those beyond the eight have no name, and must be empty in every row.
    width: usize,
    /// Lines before the header.
    before: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn new(mut input: R) -> Result<Self, HeaderError> {
        let mut first = Vec::new();
        input
            .by_ref()
            .take(HEAD)
            .read_to_end(&mut first)
            .map_err(|_| HeaderError::Unreadable)?;
        let head = header::read(&first)?;
        first.drain(..head.skip);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(head.separator)
            .from_reader(Cursor::new(first).chain(input).chain(LINE_END));
        let header = reader.byte_headers().map_err(|_| HeaderError::Unreadable)?;
        // A quotation mark that the header's line does not close.
        if header.len() != head.width || header.iter().any(|name| line_ends(name) > 0) {
            return Err(HeaderError::NoHeader);
        }
        Ok(Self {
            reader,
            record: ByteRecord::new(),
            places: head.places,
            width: head.width,
            before: head.lines,
        })
    }

    /// The next row, `None` at the end.
    ///
    /// # Errors
    /// [`HeaderError::Unreadable`] when the file cannot be read further; a bad row is an inner error.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, RowError>>, HeaderError> {
        loop {
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|_| HeaderError::Unreadable)? {
                return Ok(None);
            }
            if self.record.iter().any(|field| !is_blank(field)) {
                break;
            }
        }
        Ok(Some(self.parse(self.before + self.line())))
    }

    /// Line on which the record begins. The reader's own word for it is the line after the record before, and there may be empty
    /// lines between; a record without a line end in it is the last line that was read.
    fn line(&self) -> u64 {
        let begun = self.record.position().map_or(0, csv::Position::line);
        let read = self.reader.position().line().saturating_sub(1);
        match self.lines() {
            None => begun.max(read),
            Some(_) => begun,
        }
    }

    fn parse(&self, line: u64) -> Result<Row, RowError> {
        let swallowed = self.lines();
        let refuse = |column, reason| RowError {
            line,
            lines: swallowed.unwrap_or(1),
            column,
            reason,
        };
        if swallowed.is_some() {
            return Err(refuse("row", SWALLOWED.into()));
        }
        self.check_width()
            .map_err(|reason| refuse("row", reason.into()))?;
        let field = |index: usize| {
            self.field(index)
                .map_err(|reason| refuse(COLUMNS[index], reason))
        };
        let day = read(&field(1)?, "must be a day written YYYY-MM-DD");
        let day = day.map_err(|reason| refuse("date", reason))?;
        let covered_until = cover(&field(5)?, day).map_err(|reason| refuse(COLUMNS[5], reason));
        let group =
            group(&field(6)?, &field(7)?).map_err(|(column, reason)| refuse(column, reason));
        let person = typed::client_code(&field(0)?).map_err(RowReason::Typed);
        Ok(Row {
            line,
            person: person.map_err(|reason| refuse("person", reason))?,
            day,
            site: read(&field(2)?, SITE).map_err(|reason| refuse("site", reason))?,
            service: read(&field(3)?, SERVICE).map_err(|reason| refuse("service", reason))?,
            kind: read(&field(4)?, EVENT).map_err(|reason| refuse("event", reason))?,
            covered_until: covered_until?,
            group: group?,
        })
    }

    /// A field through the door for typed text.
    fn field(&self, index: usize) -> Result<Cow<'_, str>, RowReason> {
        let bytes = self.record.get(self.places[index]).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|_| "must be UTF-8")?;
        typed::field(text).map_err(RowReason::Typed)
    }

    /// Lines of the file that were read as this record; `None` when no field holds a line end, as none may.
    fn lines(&self) -> Option<u64> {
        let ends: u64 = self.record.iter().map(line_ends).sum();
        let last = self.record.iter().next_back().unwrap_or_default();
        // A mark that is never closed takes the file's last line end too, after which there is no line.
        let spare = line_ends(last) - line_ends(last.trim_ascii_end());
        (ends > 0).then_some(1 + ends - spare)
    }

    fn check_width(&self) -> Result<(), &'static str> {
        let last = self.places.into_iter().max().unwrap_or(0);
        if !(last + 1..=self.width).contains(&self.record.len()) {
            return Err(FIELDS);
        }
        let nameless = (0..self.width).filter(|place| !self.places.contains(place));
        let full = |place: usize| self.record.get(place).is_some_and(|field| !is_blank(field));
        if nameless.into_iter().any(full) {
            return Err("has something in a column without a name: name it or empty it");
        }
        Ok(())
    }
}

/// Nothing in it that a person would see.
fn is_blank(field: &[u8]) -> bool {
    field.is_empty() || std::str::from_utf8(field).is_ok_and(|text| text.trim().is_empty())
}

fn read<T: std::str::FromStr>(text: &str, reason: &'static str) -> Result<T, RowReason> {
    text.parse().map_err(|_| reason.into())
}

fn cover(text: &str, day: Day) -> Result<Option<Day>, RowReason> {
    if text.is_empty() {
        return Ok(None);
    }
    let until: Day = text
        .parse()
        .map_err(|_| RowReason::Said("must be empty or a day written YYYY-MM-DD"))?;
    if (0..=MAX_COVER_DAYS).contains(&until.since(day)) {
        Ok(Some(until))
    } else {
        Err("must lie between the date and 366 days after it".into())
    }
}

fn group(gender: &str, age: &str) -> Result<Option<Group>, (&'static str, RowReason)> {
    if gender.is_empty() && age.is_empty() {
        return Ok(None);
    }
    let gender = match gender {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| ("gender", "must be empty, woman, man or other".into()))?,
        ),
    };
    let age = match age {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| ("age_band", "must be empty, under 25 or 25 and over".into()))?,
        ),
    };
    Ok(Some(Group { gender, age }))
}

#[cfg(test)]
mod tests;

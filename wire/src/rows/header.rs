//! The head of a table's file: its form, its separator, and where each column stands.
//!
//! Spreadsheets write what their country's settings say: commas, semicolons where the comma is the decimal sign, or tabs; a
//! byte order mark; a line `sep=;`; empty columns at the right. The separator is the one with which the first line names
//! most of the columns.

use std::collections::BTreeSet;

use crate::edited;
use crate::typed;

use super::columns::{COLUMNS, line_ends};
use super::error::HeaderError;

/// What may separate fields.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// So many columns must be named before the first line counts as a header: names of columns are repeated in errors, and the
/// first row of a table without a header must not be.
const FEWEST_KNOWN: usize = 4;
/// Longest name of an unknown column that is shown.
const LONGEST_SHOWN: usize = 40;

/// How the file is to be read.
#[derive(Debug)]
pub(super) struct Head {
    /// Bytes before the header: a mark, a line `sep=`.
    pub(super) skip: usize,
    /// Lines before the header.
    pub(super) lines: u64,
    /// What separates fields.
    pub(super) separator: u8,
    /// Where each of [`COLUMNS`] stands in a record.
    pub(super) places: [usize; 8],
    /// Fields of the header, with empty ones at the right.
    pub(super) width: usize,
}

/// Reads the head from the first bytes of a file.
///
/// # Errors
/// [`HeaderError`].
pub(super) fn read(bytes: &[u8]) -> Result<Head, HeaderError> {
    edited::form(bytes)?;
    let text = edited::unmarked(bytes);
    let mark = bytes.len() - text.len();
    let (asked, mut line) = match named(text)? {
        Some((separator, length)) => (vec![separator], length),
        None => (SEPARATORS.to_vec(), 0),
    };
    line += text[line..]
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let header = first_line(&text[line..]);
    if header.is_empty() {
        return Err(HeaderError::Empty);
    }
    let cuts = asked.into_iter().map(|separator| {
        let names = cut(header, separator);
        (known(&names), separator, names)
    });
    let best = cuts.max_by_key(|(known, separator, _)| (*known, *separator == b','));
    let (known, separator, names) = best.ok_or(HeaderError::NoHeader)?;
    if known < FEWEST_KNOWN {
        return Err(HeaderError::NoHeader);
    }
    Ok(Head {
        skip: mark + line,
        lines: line_ends(&text[..line]),
        separator,
        places: places(&names)?,
        width: names.len(),
    })
}

/// The separator that a first line `sep=;` names, and that line's length.
fn named(text: &[u8]) -> Result<Option<(u8, usize)>, HeaderError> {
    let line = first_line(text);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let said = match line.split_first_chunk() {
        Some((b"sep=" | b"Sep=" | b"SEP=", rest)) => rest,
        _ => return Ok(None),
    };
    let separator = said.first().copied().unwrap_or_default();
    if !SEPARATORS.contains(&separator) {
        return Err(HeaderError::Separator);
    }
    let line = first_line(text).len();
    let end = if text[line..].starts_with(b"\r\n") {
        2
    } else {
        1
    };
    Ok(Some((separator, (line + end).min(text.len()))))
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| matches!(byte, b'\r' | b'\n'))
        .next()
        .unwrap_or_default()
}

/// The names that a line has when it is cut at a separator: outer spaces cut, lower case. What is no text is kept as a name
/// that no column has.
fn cut(header: &[u8], separator: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .from_reader(header);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).unwrap_or(false) {
        return Vec::new();
    }
    let name = |field: &[u8]| match std::str::from_utf8(field).map(typed::field) {
        Ok(Ok(name)) => name.to_lowercase(),
        _ => "\u{fffd}".to_owned(),
    };
    record.iter().map(name).collect()
}

fn known(names: &[String]) -> usize {
    let different: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    COLUMNS
        .iter()
        .filter(|column| different.contains(*column))
        .count()
}

fn places(names: &[String]) -> Result<[usize; 8], HeaderError> {
    let count = |column: &str| names.iter().filter(|name| *name == column).count();
    let with = |wanted: fn(usize) -> bool| -> Vec<&'static str> {
        let found = COLUMNS.into_iter().filter(|column| wanted(count(column)));
        found.collect()
    };
    let missing = with(|count| count == 0);
    if !missing.is_empty() {
        return Err(HeaderError::Missing(missing));
    }
    let twice = with(|count| count > 1);
    if !twice.is_empty() {
        return Err(HeaderError::Twice(twice));
    }
    let unknown: Vec<String> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty() && !COLUMNS.contains(&name.as_str()))
        .map(|(place, name)| shown(place, name))
        .collect();
    if !unknown.is_empty() {
        return Err(HeaderError::Unknown(unknown));
    }
    let mut places = [0; 8];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = names.iter().position(|name| name == column).unwrap_or(0);
    }
    Ok(places)
}

fn shown(place: usize, name: &str) -> String {
    let showable = name.chars().count() <= LONGEST_SHOWN && !name.contains('\u{fffd}');
    if showable {
        name.to_owned()
    } else {
        format!("number {}", place + 1)
    }
}

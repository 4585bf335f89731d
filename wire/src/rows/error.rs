//! Why a row or a whole file is refused. A row's content is never repeated; names of columns are.

use std::fmt;

use thiserror::Error;

use crate::edited::EditedError;
use crate::typed::TypedError;

use super::columns::COLUMNS;

/// Why a row is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Line of the file on which the row begins; the file's first line is 1.
    pub line: u64,
    /// Lines that were read as this one row: 1, or more where a quotation mark is open over line ends.
    pub lines: u64,
    /// The column, or `row` for the row as a whole.
    pub column: &'static str,
    /// What to do about it.
    pub reason: RowReason,
}

impl std::error::Error for RowError {}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lines > 1 {
            let last = self.line + self.lines - 1;
            write!(f, "lines {} to {last}", self.line)?;
        } else {
            write!(f, "line {}", self.line)?;
        }
        write!(f, ", column {}: {}", self.column, self.reason)
    }
}

/// What is wrong with a row; as text it never repeats the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RowReason {
    /// Said in words.
    #[error("{0}")]
    Said(&'static str),
    /// Said by the door for typed text.
    #[error(transparent)]
    Typed(TypedError),
}

impl From<&'static str> for RowReason {
    fn from(words: &'static str) -> Self {
        Self::Said(words)
    }
}

/// Why the file cannot be read at all, or no further.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// It is no UTF-8.
    #[error(transparent)]
    Form(#[from] EditedError),
    /// Nothing is in it.
    #[error("it is empty: the first line must name the columns {}", listed(&COLUMNS))]
    Empty,
    /// The first line names none of the columns, or few.
    #[error(
        "the first line is no header: it must name the columns {}, separated by commas, semicolons or tabs",
        listed(&COLUMNS)
    )]
    NoHeader,
    /// `sep=` names a character that separates nothing here.
    #[error(
        "the line sep= names another separator than comma, semicolon and tab: save it with one of these"
    )]
    Separator,
    /// Columns that must be there and are not.
    #[error("the first line lacks {}", columns(.0))]
    Missing(Vec<&'static str>),
    /// Columns that must not be there; those whose names cannot be shown are called by their place.
    #[error("the first line has {}: remove it or empty it", columns(.0))]
    Unknown(Vec<String>),
    /// Columns that stand twice.
    #[error("the first line has {} twice", columns(.0))]
    Twice(Vec<&'static str>),
    /// The file ended in a read error.
    #[error("the file cannot be read: check that it is complete and readable")]
    Unreadable,
}

fn listed(names: &[&str]) -> String {
    names.join(",")
}

fn columns<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("\"{}\"", name.as_ref()))
        .collect();
    let word = if quoted.len() == 1 {
        "the column"
    } else {
        "the columns"
    };
    format!("{word} {}", quoted.join(", "))
}

//! The parts of a report.

use super::picture::Picture;
use release::object::Release;

/// A part of a report. Level-1 headings are the report's title alone.
pub(crate) enum Block {
    /// Level 1 to 3.
    Heading(u8, String),
    /// One paragraph.
    Text(String),
    /// One number, large, and what to know about it.
    Number(String, String),
    List(Vec<String>),
    /// A picture and the same in numbers.
    Figure(Figure),
    Table(Table),
    /// What is folded away until somebody asks; never on paper.
    Details(String, Vec<Block>),
    /// A command line.
    Command(String),
    /// Names and long values.
    Facts(Vec<(String, String)>),
}

/// A picture with its table.
pub(crate) struct Figure {
    pub(crate) picture: Picture,
    /// When the picture shows less than the table.
    pub(crate) note: Option<String>,
    pub(crate) table: Table,
}

/// A table whose first row and first column are headings.
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// The sum, when it was published.
    pub(crate) foot: Option<Vec<String>>,
}

/// Which file the report will be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    Page,
    Paper,
}

impl Medium {
    /// As `--format` says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Page => "html",
            Self::Paper => "pdf",
        }
    }
}

/// Name of the signed release inside a PDF.
pub(crate) fn attachment(release: &Release) -> String {
    format!("{}.json", release.period)
}

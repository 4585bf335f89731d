//! The report for people, before it is a page or a PDF: headings, sentences, pictures and tables in one language. A pure function
//! of a signed release; both writers show all of it, so that neither says less than the other.

mod bars;
mod chart;
mod curve;
mod figures;
mod picture;
mod rates;
mod sentences;

pub(in crate::export) use picture::{Anchor, Ink, Picture, Point, Shape};

use super::language::{Language, fill};
use super::source::Source;
use crate::release::object::{Release, TableRelease};

/// A report.
pub(in crate::export) struct Report {
    pub(in crate::export) language: Language,
    pub(in crate::export) title: String,
    pub(in crate::export) blocks: Vec<Block>,
}

/// A part of a report. Level-1 headings are the report's title alone.
pub(in crate::export) enum Block {
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
pub(in crate::export) struct Figure {
    pub(in crate::export) picture: Picture,
    /// When the picture shows less than the table.
    pub(in crate::export) note: Option<String>,
    pub(in crate::export) table: Table,
}

/// A table whose first row and first column are headings.
pub(in crate::export) struct Table {
    pub(in crate::export) caption: String,
    pub(in crate::export) head: Vec<String>,
    pub(in crate::export) rows: Vec<Vec<String>>,
    /// The sum, when it was published.
    pub(in crate::export) foot: Option<Vec<String>>,
}

/// Which file the report will be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum Medium {
    Page,
    Paper,
}

impl Medium {
    /// As `--format` says it.
    const fn word(self) -> &'static str {
        match self {
            Self::Page => "html",
            Self::Paper => "pdf",
        }
    }
}

/// Name of the signed release inside a PDF.
pub(in crate::export) fn attachment(release: &Release) -> String {
    format!("{}.json", release.period)
}

/// The whole report.
pub(in crate::export) fn report(source: &Source, language: Language, medium: Medium) -> Report {
    let release = &source.release;
    let quarter = language.quarter(release.period);
    let period = release.period.to_string();
    let title = fill(
        language.texts().head.title,
        &[("period", &period), ("quarter", &quarter)],
    );
    let mut blocks = vec![Block::Heading(1, title.clone())];
    blocks.extend(sentences::head(release, language));
    for table in &release.tables {
        blocks.extend(section(release, table, language));
    }
    blocks.extend(rates::section(release, language));
    blocks.extend(sentences::limits(release, language));
    blocks.extend(sentences::proof(source, language, medium));
    number_pictures(&mut blocks, &mut 0);
    Report {
        language,
        title,
        blocks,
    }
}

fn section(release: &Release, table: &TableRelease, language: Language) -> Vec<Block> {
    let texts = &language.texts().head;
    let (title, unit) = language.table(&table.table, &table.title, &table.unit);
    let heading = fill(texts.table, &[("table", &table.table), ("title", title)]);
    let mut about = fill(texts.counted, &[("unit", unit)]);
    // What a revision measures again is annual in the books only.
    if table.every == "year" && !table.table.starts_with('R') {
        about.push(' ');
        about.push_str(texts.yearly);
    }
    let mut blocks = vec![Block::Heading(2, heading), Block::Text(about)];
    blocks.extend(figures::of(release, table, language));
    blocks
}

/// Gives every picture a number of its own.
fn number_pictures(blocks: &mut [Block], next: &mut u32) {
    for block in blocks {
        match block {
            Block::Figure(figure) => {
                *next += 1;
                figure.picture.number = *next;
            }
            Block::Details(_, inner) => number_pictures(inner, next),
            _ => {}
        }
    }
}

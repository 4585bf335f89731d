//! The report for people, before it is a page or a PDF: headings, sentences, pictures and tables in one language. A pure function
//! of a signed release; both writers show all of it, so that neither says less than the other.

mod bars;
pub(crate) mod block;
mod chart;
mod curve;
mod figures;
pub(crate) mod picture;
mod rates;
mod sentences;

use self::block::{Block, Medium};
use super::language::{Language, fill};
use super::rows;
use super::source::Source;
use privacy::catalogue::Table;
use release::object::{Release, TableRelease};

/// A report.
pub(crate) struct Report {
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
}

/// The whole report.
pub(crate) fn report(source: &Source, language: Language, medium: Medium) -> Report {
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
    let again = rows::catalogued(table).and_then(Table::counts_again);
    if rows::is_annual(table) && again.is_none() {
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

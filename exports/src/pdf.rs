//! PDF: the same report on paper, for people and archives. PDF/A-3a and PDF/UA-1 at once: fonts inside, every part tagged (headings,
//! figures with their words, tables with heading cells, lists), an outline, a language, and the signed release attached.
//!
//! First the report is set on pages (`blocks`), as marks that know which part of the text they belong to; then the marks are
//! written (`write`). The date in it is the day the quarter closed, so that the bytes are the same on every export. The
//! writing library refuses to write what would not conform.

mod blocks;
mod face;
mod pictures;
mod setting;
mod sheet;
mod tables;
mod tree;
mod write;

#[cfg(test)]
pub(crate) use face::has;

use super::error::ExportError;
use super::language::Language;
use super::report::block::Medium;
use super::report::report;
use super::source::Source;

/// The PDF of a release whose signed file is `body`.
pub(super) fn document(
    source: &Source,
    body: &[u8],
    language: Language,
) -> Result<Vec<u8>, ExportError> {
    let report = report(source, language, Medium::Paper);
    let faces = face::Faces::load().ok_or(ExportError::Pdf)?;
    let set = blocks::set(&report.blocks, &faces);
    write::write(source, body, &report, set, &faces)
}

//! The one function that makes every form.

use super::error::ExportError;
use super::form::Form;
use super::language::Language;
use super::mapping::Mapping;
use super::source::Source;
use super::{adx, dhis2, fhir, html, pdf};

/// Renders a stored release. The same release, mapping and [`Form::name`] give the same bytes.
///
/// # Errors
/// [`ExportError`]; nothing is returned in part.
pub fn render(form: Form, body: &[u8], mapping: Option<&Mapping>) -> Result<Vec<u8>, ExportError> {
    let source = Source::read(body)?;
    let codes = || mapping.ok_or(ExportError::NoMapping);
    match form {
        Form::Dhis2 => dhis2::json(&source, codes()?, false),
        Form::Dhis2Yearly => dhis2::json(&source, codes()?, true),
        Form::Dhis2Csv => dhis2::csv(&source, codes()?, false),
        Form::Dhis2CsvYearly => dhis2::csv(&source, codes()?, true),
        Form::Adx => adx::render(&source, codes()?),
        Form::Fhir => fhir::render(&source, codes()?),
        Form::Html(language) => Ok(html::page(&source, language, false)),
        Form::Pdf(language) => pdf::document(&source, body, language),
    }
}

/// The page as the server shows it: the HTML form with links to the other languages.
///
/// # Errors
/// [`ExportError::Release`] when the release cannot be read.
pub fn served_page(body: &[u8], language: Language) -> Result<Vec<u8>, ExportError> {
    Ok(html::page(&Source::read(body)?, language, true))
}

/// Whether a file is this form of a stored release, byte for byte. A page saved from the server, which has links to the other
/// languages, is one too.
///
/// # Errors
/// As [`render`].
pub fn is_rendering(
    form: Form,
    body: &[u8],
    mapping: Option<&Mapping>,
    file: &[u8],
) -> Result<bool, ExportError> {
    if render(form, body, mapping)? == file {
        return Ok(true);
    }
    match form {
        Form::Html(language) => Ok(served_page(body, language)? == file),
        _ => Ok(false),
    }
}

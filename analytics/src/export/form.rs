//! The forms a release can take beside JSON and CSV, and the one function that makes them.

use thiserror::Error;

use super::language::Language;
use super::mapping::Mapping;
use super::source::Source;
use super::{adx, dhis2, fhir, html, pdf};
use crate::release::error::ReleaseError;

/// A form that is rendered from the signed release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// DHIS2 `dataValueSets`, bulk JSON.
    Dhis2,
    /// DHIS2 `dataValueSets`, CSV.
    Dhis2Csv,
    /// IHE Aggregate Data Exchange, XML.
    Adx,
    /// FHIR R4 `MeasureReport`s in a collection, JSON.
    Fhir,
    /// One page for people.
    Html(Language),
    /// The same report on paper, for people and archives.
    Pdf(Language),
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 12] = [
        Self::Dhis2,
        Self::Dhis2Csv,
        Self::Adx,
        Self::Fhir,
        Self::Html(Language::English),
        Self::Html(Language::Indonesian),
        Self::Html(Language::Russian),
        Self::Html(Language::Kyrgyz),
        Self::Pdf(Language::English),
        Self::Pdf(Language::Indonesian),
        Self::Pdf(Language::Russian),
        Self::Pdf(Language::Kyrgyz),
    ];

    /// Its name with the version of its rendering and, where there is one, the language: within one version the same release and mapping give the same bytes. Whoever
    /// changes what a form writes raises its number.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dhis2 => "dhis2/1",
            Self::Dhis2Csv => "dhis2-csv/1",
            Self::Adx => "adx/1",
            Self::Fhir => "fhir/1",
            Self::Html(Language::English) => "html/2-en",
            Self::Html(Language::Indonesian) => "html/2-id",
            Self::Html(Language::Russian) => "html/2-ru",
            Self::Html(Language::Kyrgyz) => "html/2-ky",
            Self::Pdf(Language::English) => "pdf/1-en",
            Self::Pdf(Language::Indonesian) => "pdf/1-id",
            Self::Pdf(Language::Russian) => "pdf/1-ru",
            Self::Pdf(Language::Kyrgyz) => "pdf/1-ky",
        }
    }

    /// The form of a name; `None` for other versions.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// True when it speaks in another system's codes.
    #[must_use]
    pub const fn needs_mapping(self) -> bool {
        !matches!(self, Self::Html(_) | Self::Pdf(_))
    }
}

/// An export cannot be made. Nothing was written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The release cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The form needs codes.
    #[error(
        "this format needs the codes of the system that will read it: `payung release mapping --period P` writes a file to fill in, \
         give it with --mapping"
    )]
    NoMapping,
    /// A code is missing; the text names the entry, made from public names of the release.
    #[error(
        "the mapping file has no entry {0}: add it (docs/exports.md says which entries may be null)"
    )]
    Missing(String),
    /// Two numbers would overwrite each other.
    #[error(
        "the mapping file gives {0} and {1} the same place: give them different codes, or null to one of them"
    )]
    SamePlace(String, String),
    /// Everything was left out.
    #[error(
        "the mapping file leaves out every number: give at least one data element and one place a code"
    )]
    Nothing,
    /// Beyond what the form can hold.
    #[error(
        "a number of this release is beyond what this format can hold: use the JSON or CSV form"
    )]
    TooLarge,
    /// The PDF cannot be written as the standards ask.
    #[error(
        "this release cannot be written as a PDF that conforms: use the html format, and tell the programme's developers"
    )]
    Pdf,
}

/// Renders a stored release. The same release, mapping and [`Form::name`] give the same bytes.
///
/// # Errors
/// [`ExportError`]; nothing is returned in part.
pub fn render(form: Form, body: &[u8], mapping: Option<&Mapping>) -> Result<Vec<u8>, ExportError> {
    let source = Source::read(body)?;
    let codes = || mapping.ok_or(ExportError::NoMapping);
    match form {
        Form::Dhis2 => dhis2::json(&source, codes()?),
        Form::Dhis2Csv => dhis2::csv(&source, codes()?),
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

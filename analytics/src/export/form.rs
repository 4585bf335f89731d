//! The forms a release can take beside JSON and CSV, and the one function that makes them.

use thiserror::Error;

use super::mapping::Mapping;
use super::source::Source;
use super::{adx, dhis2, fhir, html};
use crate::release::ReleaseError;

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
    Html,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] = [
        Self::Dhis2,
        Self::Dhis2Csv,
        Self::Adx,
        Self::Fhir,
        Self::Html,
    ];

    /// Its name with the version of its rendering: within one version the same release and mapping give the same bytes. Whoever
    /// changes what a form writes raises its number.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dhis2 => "dhis2/1",
            Self::Dhis2Csv => "dhis2-csv/1",
            Self::Adx => "adx/1",
            Self::Fhir => "fhir/1",
            Self::Html => "html/1",
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
        !matches!(self, Self::Html)
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
        Form::Html => Ok(html::page(&source)),
    }
}

//! Why an export cannot be made.

use thiserror::Error;

use release::error::ReleaseError;

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
    /// An annual form of a release without annual tables.
    #[error(
        "this release has no annual tables: they come with the fourth quarter, and without those that are turned off"
    )]
    NothingAnnual,
    /// A code that one of DHIS2's readers of CSV would not read as it is written.
    #[error(
        "a code of the mapping file holds a quotation mark, or is the word null: DHIS2 reads neither in CSV; use the JSON form or another code"
    )]
    NotInCsv,
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

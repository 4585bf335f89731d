//! The mapping file: which code of the reading system stands for which number of a release.
//!
//! JSON, one object, no unknown and no repeated keys. A number is found by its name (`A/count/city`, `B/count/service/art`), a place by the
//! whole programme or a city's name, a group by its words (`woman, under 25`). An entry that an export needs and does not find
//! is an error; `null` for a data element or a place leaves it out, on purpose and in writing.

mod code;
mod entries;
mod template;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::error::ExportError;
pub use code::{CategoryName, Code};
pub use entries::Entries;
pub use template::template;

/// The file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormatName {
    /// The first.
    #[serde(rename = "payung-mapping/1")]
    One,
}

/// How periods are written. There is one way, because a release is about a calendar quarter and any other period would say
/// something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeriodForm {
    /// `2026Q1` in DHIS2, `2026-01-01/P3M` in ADX; annual tables `2026` and `2026-01-01/P1Y`.
    Quarterly,
}

/// Codes of places; `null` leaves a place out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places<C = Code> {
    /// The whole programme. The key must be there.
    #[serde(deserialize_with = "Option::deserialize")]
    #[serde(bound(deserialize = "C: Deserialize<'de>"))]
    pub whole_programme: Option<C>,
    /// Cities by name.
    pub cities: Entries<String, Option<C>>,
}

/// What only DHIS2 asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dhis2<C = Code> {
    /// The data set of quarterly numbers, said at the top of the JSON form; left to DHIS2 to find when null or absent, which its
    /// versions from 2.43 on do only where all data elements are of one data set.
    pub data_set: Option<C>,
    /// That of annual numbers, likewise.
    pub yearly_data_set: Option<C>,
    /// Category option combinations by group.
    pub category_option_combos: Entries<String, C>,
    /// For numbers without a group; left to DHIS2's own default when null or absent.
    pub default_category_option_combo: Option<C>,
    /// For every number; left to DHIS2's own default when null or absent.
    pub attribute_option_combo: Option<C>,
}

/// What only ADX asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adx<C = Code> {
    /// The data set of quarterly numbers.
    pub data_set: C,
    /// That of annual numbers, because a data set has one type of period; needed where annual numbers are exported.
    pub yearly_data_set: Option<C>,
    /// For every group; absent when null.
    pub attribute_option_combo: Option<C>,
}

/// Which way is better, as FHIR's measure-improvement-notation says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Improvement {
    /// More is better.
    Increase,
    /// Less is better.
    Decrease,
}

/// The FHIR Measure that a table answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure<C = Code> {
    /// Its canonical URL.
    pub canonical: C,
    /// Which way is better.
    pub improvement: Improvement,
}

/// What only FHIR asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fhir<C = Code> {
    /// Reference to who reports, such as `Organization/programme`.
    pub reporter: C,
    /// Code system of the data elements, categories and options.
    pub code_system: C,
    /// References to places, such as `Location/medan`.
    pub locations: Places<C>,
    /// Measures by table.
    pub measures: Entries<String, Measure<C>>,
}

/// A mapping file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping<C = Code> {
    /// The file's format.
    pub format: FormatName,
    /// How periods are written.
    pub period: PeriodForm,
    /// Data elements by `table/series/level`; `null` leaves the level out.
    pub data_elements: Entries<String, Option<C>>,
    /// Organisation units, for DHIS2 and ADX.
    pub organisation_units: Places<C>,
    /// Category options by group, for ADX and FHIR: `{"woman, under 25": {"GENDER": "F", "AGE": "U25"}}`.
    #[serde(default = "Entries::none")]
    pub categories: Entries<String, Entries<CategoryName, C>>,
    /// For DHIS2.
    pub dhis2: Option<Dhis2<C>>,
    /// For ADX.
    pub adx: Option<Adx<C>>,
    /// For FHIR.
    pub fhir: Option<Fhir<C>>,
}

/// A file that is no mapping. The text tells the line, never its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the mapping file is wrong at line {0}: compare it with what `payung release mapping --period P` writes (keys are known and stand \
     once; a code has 1 to 200 printable characters)"
)]
pub struct MappingError(usize);

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] with the line.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MappingError> {
        serde_json::from_slice(bytes).map_err(|error| MappingError(error.line()))
    }

    /// The data element of a number ([`super::rows::key`]); `None` when it, or everything below a part of its name (`GS/*`), is
    /// left out.
    pub(super) fn element(&self, key: &str) -> Result<Option<&str>, ExportError> {
        match self.data_elements.get(key) {
            Some(found) => Ok(found.as_ref().map(Code::text)),
            None if self.leaves_out(key) => Ok(None),
            None => Err(missing(&["data_elements", key])),
        }
    }

    /// True when an entry that ends in `/*` is null and the rest of it begins `key`. A code there would give many numbers one place.
    fn leaves_out(&self, key: &str) -> bool {
        let cuts = key.match_indices('/').map(|(at, _)| &key[..at]);
        cuts.map(|part| format!("{part}/*"))
            .any(|all| matches!(self.data_elements.get(&all), Some(None)))
    }

    /// The category options of a group.
    pub(super) fn options(&self, group: &str) -> Result<&Entries<CategoryName, Code>, ExportError> {
        self.categories
            .get(group)
            .filter(|options| !options.is_empty())
            .ok_or_else(|| missing(&["categories", group]))
    }

    pub(super) fn dhis2(&self) -> Result<&Dhis2, ExportError> {
        self.dhis2.as_ref().ok_or_else(|| missing(&["dhis2"]))
    }

    pub(super) fn adx(&self) -> Result<&Adx, ExportError> {
        self.adx.as_ref().ok_or_else(|| missing(&["adx"]))
    }

    pub(super) fn fhir(&self) -> Result<&Fhir, ExportError> {
        self.fhir.as_ref().ok_or_else(|| missing(&["fhir"]))
    }
}

impl Places {
    /// The code of a city, or of the whole programme; `None` when it is left out. `section` is the file's name for this list.
    pub(super) fn of(
        &self,
        section: &[&str],
        city: Option<&str>,
    ) -> Result<Option<&str>, ExportError> {
        let found = match city {
            None => &self.whole_programme,
            Some(name) => self
                .cities
                .get(name)
                .ok_or_else(|| missing(&[section, &["cities", name]].concat()))?,
        };
        Ok(found.as_ref().map(Code::text))
    }
}

impl Adx {
    /// The data set of quarterly or of annual numbers.
    pub(super) fn data_set(&self, annual: bool) -> Result<&str, ExportError> {
        let yearly = || {
            self.yearly_data_set
                .as_ref()
                .ok_or_else(|| missing(&["adx", "yearly_data_set"]))
        };
        let code = if annual { yearly()? } else { &self.data_set };
        Ok(code.text())
    }
}

impl Dhis2 {
    /// The data set of quarterly or of annual numbers.
    pub(super) fn data_set(&self, annual: bool) -> Option<&str> {
        let found = if annual {
            &self.yearly_data_set
        } else {
            &self.data_set
        };
        found.as_ref().map(Code::text)
    }

    /// The category option combination of a number.
    pub(super) fn combo(&self, group: Option<&str>) -> Result<Option<&str>, ExportError> {
        let found = match group {
            None => self.default_category_option_combo.as_ref(),
            Some(name) => Some(
                self.category_option_combos
                    .get(name)
                    .ok_or_else(|| missing(&["dhis2", "category_option_combos", name]))?,
            ),
        };
        Ok(found.map(Code::text))
    }
}

impl Fhir {
    /// The measure of a table.
    pub(super) fn measure(&self, table: &str) -> Result<&Measure, ExportError> {
        self.measures
            .get(table)
            .ok_or_else(|| missing(&["fhir", "measures", table]))
    }
}

/// The error that names an entry by its path, in quotes as the file writes it.
pub(super) fn missing(path: &[&str]) -> ExportError {
    let quoted: Vec<String> = path.iter().map(|part| format!("\"{part}\"")).collect();
    ExportError::Missing(quoted.join(" > "))
}

#[cfg(test)]
mod tests;

//! A mapping file to fill in: every entry that a release asks for, with empty codes.
//!
//! Empty text is no code, so a file that was not filled in is refused at its first gap.

use privacy::cell::{GroupCode, Tab};

use super::{
    Adx, CategoryName, Dhis2, Entries, Fhir, FormatName, Improvement, Mapping, Measure, PeriodForm,
    Places,
};
use crate::error::ExportError;
use crate::rows;
use crate::source::Source;
use release::error::ReleaseError;
use release::object::{Release, TableRelease};

/// The mapping file of a stored release with nothing filled in, as indented JSON.
///
/// # Errors
/// [`ExportError::Release`] when the stored bytes are no release.
pub fn template(body: &[u8]) -> Result<Vec<u8>, ExportError> {
    let release = Source::read(body)?.release;
    let mut bytes =
        serde_json::to_vec_pretty(&blank(&release)).map_err(|_| ReleaseError::Format)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn blank(release: &Release) -> Mapping<String> {
    let cells = release.tables.iter().flat_map(elements);
    let annual = release.tables.iter().any(rows::is_annual);
    Mapping {
        format: FormatName::One,
        period: PeriodForm::Quarterly,
        data_elements: cells.collect(),
        organisation_units: places(release),
        categories: groups().map(|group| (group, options())).collect(),
        dhis2: Some(Dhis2 {
            data_set: Some(String::new()),
            yearly_data_set: annual.then(String::new),
            category_option_combos: groups().map(|group| (group, String::new())).collect(),
            default_category_option_combo: None,
            attribute_option_combo: None,
        }),
        adx: Some(Adx {
            data_set: String::new(),
            yearly_data_set: annual.then(String::new),
            attribute_option_combo: None,
        }),
        fhir: Some(Fhir {
            reporter: String::new(),
            code_system: String::new(),
            locations: places(release),
            measures: release.tables.iter().map(measure).collect(),
        }),
    }
}

/// An entry for every number, but for the courses and the services' cohorts: too many for a form, left out unless asked for.
fn elements(table: &TableRelease) -> Vec<(String, Option<String>)> {
    const CURVE: &str = "curve";
    if source(table) == Some(Tab::ServiceCohort) {
        return vec![(format!("{}/*", table.table), None)];
    }
    let named = table.cells.iter().filter(|cell| cell.level != CURVE);
    let mut found: Vec<_> = named
        .map(|cell| (rows::key(table, cell), Some(String::new())))
        .collect();
    if let Some(cell) = table.cells.iter().find(|cell| cell.level == CURVE) {
        found.push((format!("{}/{}/{CURVE}/*", table.table, cell.series), None));
    }
    found
}

fn places(release: &Release) -> Places<String> {
    let names = release.cities.iter().map(|city| city.city.clone());
    Places {
        whole_programme: Some(String::new()),
        cities: names.map(|name| (name, Some(String::new()))).collect(),
    }
}

fn groups() -> impl Iterator<Item = String> {
    (1..=GroupCode::COUNT)
        .filter_map(|number| GroupCode::new(number).ok())
        .map(|group| group.text().to_owned())
}

fn options() -> Entries<CategoryName, String> {
    ["GENDER", "AGE"]
        .into_iter()
        .filter_map(|name| CategoryName::try_from(name.to_owned()).ok())
        .map(|name| (name, String::new()))
        .collect()
}

fn source(table: &TableRelease) -> Option<Tab> {
    rows::catalogued(table).map(|one| one.source)
}

fn measure(table: &TableRelease) -> (String, Measure<String>) {
    // Fewer drop-outs and silent moves are better; of the rest there are to be more.
    let improvement = match source(table) {
        Some(Tab::DropOut | Tab::SilentTransfer) => Improvement::Decrease,
        _ => Improvement::Increase,
    };
    let canonical = String::new();
    (
        table.table.clone(),
        Measure {
            canonical,
            improvement,
        },
    )
}

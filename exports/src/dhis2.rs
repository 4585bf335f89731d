//! DHIS2 `dataValueSets`: the bulk JSON form and the CSV form of the same values.
//!
//! `value` is the whole number for reading (`display`): text, never negative, because data elements of counts refuse less than
//! zero. The unbiased estimate and its noise range go into `comment`, with the hash of the signed release. Every value has its
//! own `period` and `orgUnit`; there is no data set at the top, so one file may fill several.
//!
//! CSV: DHIS2 reads columns by position and takes the first line for a header.

use serde::Serialize;

use super::error::ExportError;
use super::mapping::Mapping;
use super::rows::{self, Row};
use super::source::Source;
use release::error::ReleaseError;

const COLUMNS: [&str; 9] = [
    "dataelement",
    "period",
    "orgunit",
    "catoptcombo",
    "attroptcombo",
    "value",
    "storedby",
    "lastupdated",
    "comment",
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bulk<'a> {
    data_values: Vec<DataValue<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DataValue<'a> {
    data_element: &'a str,
    period: String,
    org_unit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    category_option_combo: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute_option_combo: Option<&'a str>,
    value: String,
    comment: String,
}

/// The bulk JSON form, indented.
pub(super) fn json(source: &Source, mapping: &Mapping) -> Result<Vec<u8>, ExportError> {
    let data_values = values(source, mapping)?;
    let mut bytes =
        serde_json::to_vec_pretty(&Bulk { data_values }).map_err(|_| ReleaseError::Format)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The CSV form.
pub(super) fn csv(source: &Source, mapping: &Mapping) -> Result<Vec<u8>, ExportError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let written = (|| {
        writer.write_record(COLUMNS)?;
        for value in values(source, mapping)? {
            writer.write_record([
                value.data_element,
                &value.period,
                value.org_unit,
                value.category_option_combo.unwrap_or_default(),
                value.attribute_option_combo.unwrap_or_default(),
                &value.value,
                "",
                "",
                &value.comment,
            ])?;
        }
        Ok::<_, CsvError>(())
    })();
    written.map_err(|error| error.0)?;
    writer.into_inner().map_err(|_| ReleaseError::Format.into())
}

/// Either side's failure; writing to memory has none of its own.
struct CsvError(ExportError);

impl From<ExportError> for CsvError {
    fn from(error: ExportError) -> Self {
        Self(error)
    }
}

impl From<::csv::Error> for CsvError {
    fn from(_: ::csv::Error) -> Self {
        Self(ReleaseError::Format.into())
    }
}

/// `2026Q1`, or `2026` for annual tables.
fn period(source: &Source, row: &Row<'_>) -> String {
    let period = source.release.period;
    if rows::is_annual(row.table) {
        period.year().to_string()
    } else {
        period.to_string()
    }
}

fn values<'a>(source: &'a Source, mapping: &'a Mapping) -> Result<Vec<DataValue<'a>>, ExportError> {
    let dhis2 = mapping.dhis2()?;
    let combo = |row: &Row<'a>| dhis2.combo(row.cell.group.as_deref());
    let rows = rows::rows(&source.release, mapping)?;
    rows::distinct(&rows, combo)?;
    let attribute = dhis2.attribute_option_combo.as_ref();
    let value = |row: &Row<'a>| {
        Ok(DataValue {
            data_element: row.element,
            period: period(source, row),
            org_unit: row.unit,
            category_option_combo: combo(row)?,
            attribute_option_combo: attribute.map(super::mapping::Code::text),
            value: row.cell.display.to_string(),
            comment: source.comment(row.cell),
        })
    };
    rows.iter().map(value).collect()
}

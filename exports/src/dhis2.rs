//! DHIS2 `dataValueSets`: the bulk JSON form and the CSV form of the same values.
//!
//! `value` is the whole number for reading (`display`): text, never negative, because data elements of counts refuse less than
//! zero. The unbiased estimate and its noise range go into `comment`, with the hash of the signed release. Every value has its
//! own `period` and `orgUnit`.
//!
//! **One file, one data set.** From 2.43 on, DHIS2 refuses a file whose data elements are of several data sets unless an administrator
//! switched `dataEntryAutoGroup` on, and a value whose period is not of its data set's type (E8002, E8021; `DataEntryPipeline`,
//! `HibernateDataEntryStore` of dhis2-core, branch 2.43). So annual tables have files of their own, and the JSON names the data set
//! where the mapping does. There is no `completeDate`: it would need one place and one period for the whole file (E8009).
//!
//! **CSV.** Up to 2.42, DHIS2 reads columns by their place and drops the first line (`CsvDataValueSetReader`). From 2.43 on it reads
//! them by name, and takes every column whose name it does not know for a category, unless there is one of the very name
//! `categoryOptionCombo` (`CSV`, `DataEntryValue.Input`). It ends a row at either line end, the file at the first empty row, and
//! knows no doubled quotation marks (`LineBuffer`).

use serde::Serialize;

use super::error::ExportError;
use super::mapping::Mapping;
use super::rows::{self, Row};
use super::source::Source;
use release::error::ReleaseError;

const COLUMNS: [&str; 9] = [
    "dataElement",
    "period",
    "orgUnit",
    "categoryOptionCombo",
    "attributeOptionCombo",
    "value",
    "storedBy",
    "timestamp",
    "comment",
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bulk<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data_set: Option<&'a str>,
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

impl DataValue<'_> {
    /// Whether every reader of DHIS2 gives the codes back as they are written.
    fn fits_csv(&self) -> bool {
        let combos = [self.category_option_combo, self.attribute_option_combo];
        let codes = [self.data_element, self.org_unit].into_iter();
        let mut all = codes.chain(combos.into_iter().flatten());
        all.all(|code| !code.contains('"') && code != "null")
    }
}

/// The bulk JSON form of the quarterly or the annual tables, indented.
pub(super) fn json(
    source: &Source,
    mapping: &Mapping,
    annual: bool,
) -> Result<Vec<u8>, ExportError> {
    let bulk = Bulk {
        data_values: values(source, mapping, annual)?,
        data_set: mapping.dhis2()?.data_set(annual),
    };
    let mut bytes = serde_json::to_vec_pretty(&bulk).map_err(|_| ReleaseError::Format)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The CSV form, likewise; which data set it fills is said where it is sent (`?dataSet=`).
pub(super) fn csv(
    source: &Source,
    mapping: &Mapping,
    annual: bool,
) -> Result<Vec<u8>, ExportError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let written = (|| {
        writer.write_record(COLUMNS)?;
        for value in values(source, mapping, annual)? {
            if !value.fits_csv() {
                return Err(ExportError::NotInCsv.into());
            }
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

fn values<'a>(
    source: &'a Source,
    mapping: &'a Mapping,
    annual: bool,
) -> Result<Vec<DataValue<'a>>, ExportError> {
    let dhis2 = mapping.dhis2()?;
    if annual && !source.release.tables.iter().any(rows::is_annual) {
        return Err(ExportError::NothingAnnual);
    }
    let combo = |row: &Row<'a>| dhis2.combo(row.cell.group.as_deref());
    let wanted = |table: &_| rows::is_annual(table) == annual;
    let rows = rows::rows(&source.release, mapping, wanted)?;
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

//! ADX, IHE's Aggregate Data Exchange (`urn:ihe:qrph:adx:2015`): one group for each organisation unit and period.
//!
//! `exported` is the day the quarter closed, at midnight UTC, and not the moment of the command: the same release must give the
//! same bytes. Groups of people are category attributes. Estimate and range travel in the attribute `comment` of `dataValue`,
//! which the schema allows like any other and every reader of DHIS2 passes on. There is no `annotation`: for numbers, DHIS2 up to 2.42
//! drops it, and later versions take its text for the value (`DefaultAdxDataService`, `AdxDataValueSetReader` and
//! `DataEntryInput` of dhis2-core, read and not run). Annual tables have a data set of their own, because one data set has one type of
//! period. A comment at the top carries hash, key and signature of the signed release.

use std::collections::BTreeMap;

use super::error::ExportError;
use super::mapping::{Code, Mapping};
use super::rows::{self, Row};
use super::source::Source;
use super::xml::Xml;

/// The one namespace.
pub(crate) const NAMESPACE: &str = "urn:ihe:qrph:adx:2015";

pub(super) fn render(source: &Source, mapping: &Mapping) -> Result<Vec<u8>, ExportError> {
    let rows = rows::rows(&source.release, mapping, |_| true)?;
    rows::distinct(&rows, |row| options(mapping, row))?;
    let mut units: BTreeMap<(&str, String), Vec<&Row<'_>>> = BTreeMap::new();
    for row in &rows {
        let place = (row.unit, period(source, row));
        units.entry(place).or_default().push(row);
    }
    let mut xml = Xml::new();
    xml.comment(&provenance(source));
    let exported = format!("{}T00:00:00Z", source.release.closed);
    xml.open("adx", [("xmlns", NAMESPACE), ("exported", &exported)]);
    for ((unit, period), rows) in units {
        group(&mut xml, source, mapping, (unit, &period), &rows)?;
    }
    xml.close("adx");
    Ok(xml.into_bytes())
}

/// `2026-01-01/P3M`, or `2026-01-01/P1Y` for annual tables.
fn period(source: &Source, row: &Row<'_>) -> String {
    let period = source.release.period;
    if rows::is_annual(row.table) {
        format!("{}-01-01/P1Y", period.year())
    } else {
        format!("{}/P3M", period.first_day())
    }
}

fn group(
    xml: &mut Xml,
    source: &Source,
    mapping: &Mapping,
    (unit, period): (&str, &str),
    rows: &[&Row<'_>],
) -> Result<(), ExportError> {
    let adx = mapping.adx()?;
    let annual = rows.iter().any(|row| rows::is_annual(row.table));
    let mut attributes = vec![
        ("dataSet", adx.data_set(annual)?),
        ("orgUnit", unit),
        ("period", period),
    ];
    let combo = adx.attribute_option_combo.as_ref().map(Code::text);
    attributes.extend(combo.map(|combo| ("attributeOptionCombo", combo)));
    xml.open("group", attributes);
    for row in rows {
        let (value, comment) = (row.cell.display.to_string(), source.comment(row.cell));
        let mut attributes = vec![("dataElement", row.element)];
        attributes.extend(options(mapping, row)?);
        attributes.extend([("value", &value[..]), ("comment", &comment)]);
        xml.empty("dataValue", attributes);
    }
    xml.close("group");
    Ok(())
}

/// Categories and options of a row, in the order of names; none for numbers without a group.
fn options<'a>(
    mapping: &'a Mapping,
    row: &Row<'_>,
) -> Result<Vec<(&'a str, &'a str)>, ExportError> {
    let Some(group) = row.cell.group.as_deref() else {
        return Ok(Vec::new());
    };
    let options = mapping.options(group)?.iter();
    Ok(options
        .map(|(name, code)| (name.text(), code.text()))
        .collect())
}

fn provenance(source: &Source) -> String {
    let Source {
        release,
        hash,
        key,
        signature,
    } = source;
    format!(
        "payung release {} version {}; hash {hash}; key {key}; signature of the JSON form {signature}",
        release.period, release.version
    )
}

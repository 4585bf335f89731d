//! The numbers of a release under another system's codes, for the forms that list them: DHIS2 and ADX.

use std::collections::BTreeMap;

use privacy::catalogue::{Every, REVISION_TABLES, TABLES, Table};

use super::error::ExportError;
use super::mapping::Mapping;
use release::object::{CellRelease, Release, TableRelease};

/// A number and where it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// Its data element.
    pub(crate) element: &'a str,
    /// Its organisation unit.
    pub(crate) unit: &'a str,
    /// Its table.
    pub(crate) table: &'a TableRelease,
    /// The number.
    pub(crate) cell: &'a CellRelease,
}

impl Row<'_> {
    /// Its name for errors, from the release's public words.
    fn name(&self) -> String {
        let parts = [self.cell.city.as_deref(), self.cell.group.as_deref()];
        let words: Vec<&str> = parts.into_iter().flatten().collect();
        let key = key(self.table, self.cell);
        if words.is_empty() {
            key
        } else {
            format!("{key} ({})", words.join(": "))
        }
    }
}

/// How a mapping file names a number of a place: `A/count/city`, and where the level tells services, stages or days apart
/// `B/count/city-service/art`, `C/count/stage/on treatment and suppressed`, `G/count/curve/dropped out/day 90`.
#[must_use]
pub(crate) fn key(table: &TableRelease, cell: &CellRelease) -> String {
    let mut key = format!("{}/{}/{}", table.table, cell.series, cell.level);
    for part in [&cell.service, &cell.what].into_iter().flatten() {
        key.push('/');
        key.push_str(part);
    }
    if let Some(day) = cell.day {
        key.push_str(&format!("/day {day}"));
    }
    key
}

/// What the catalogue says of a table; nothing when it is of another version.
pub(crate) fn catalogued(table: &TableRelease) -> Option<&'static Table> {
    let mut all = TABLES.iter().chain(REVISION_TABLES);
    all.find(|one| one.code == table.table)
}

/// True for a table about the calendar year, which is released with its last quarter.
#[must_use]
pub(crate) fn is_annual(table: &TableRelease) -> bool {
    table.every == Every::Year
}

/// Every number of the wanted tables that the mapping does not leave out, in the release's order.
///
/// # Errors
/// [`ExportError::Missing`] for an entry that is not there, [`ExportError::Nothing`] when all are left out.
pub(crate) fn rows<'a>(
    release: &'a Release,
    mapping: &'a Mapping,
    wanted: impl Fn(&TableRelease) -> bool,
) -> Result<Vec<Row<'a>>, ExportError> {
    let mut found = Vec::new();
    for table in release.tables.iter().filter(|table| wanted(table)) {
        for cell in &table.cells {
            let Some(element) = mapping.element(&key(table, cell))? else {
                continue;
            };
            let units = &mapping.organisation_units;
            let Some(unit) = units.of(&["organisation_units"], cell.city.as_deref())? else {
                continue;
            };
            found.push(Row {
                element,
                unit,
                table,
                cell,
            });
        }
    }
    if found.is_empty() {
        return Err(ExportError::Nothing);
    }
    Ok(found)
}

/// Refuses rows that would overwrite each other in the reading system.
///
/// # Errors
/// [`ExportError::SamePlace`] with the names of the first two.
pub(super) fn distinct<'a, P: Ord>(
    rows: &[Row<'a>],
    place: impl Fn(&Row<'a>) -> Result<P, ExportError>,
) -> Result<(), ExportError> {
    let mut taken: BTreeMap<(&str, &str, bool, P), &Row<'a>> = BTreeMap::new();
    for row in rows {
        let here = (row.element, row.unit, is_annual(row.table), place(row)?);
        if let Some(other) = taken.insert(here, row) {
            return Err(ExportError::SamePlace(other.name(), row.name()));
        }
    }
    Ok(())
}

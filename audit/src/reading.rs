//! Reading a release as a stranger does: any JSON, by the names that the release itself explains; unknown fields are passed
//! over, so that tables which are added later do not stop the audit.

use serde_json::Value;

/// Where a measured number stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// Letter of the table.
    pub table: String,
    /// Name of the level.
    pub level: String,
    /// The quarter that was measured.
    pub quarter: String,
    /// City, where cities are told apart.
    pub city: Option<String>,
    /// Group, where groups are.
    pub group: Option<String>,
    /// Service, where services are.
    pub service: Option<String>,
    /// Anything else that tells cells apart: kind, end, day.
    pub further: Option<String>,
    /// A value of a running total, in the table's own unit.
    pub stream: bool,
}

/// A measured number and the noise that the release declares for it.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Where.
    pub place: Place,
    /// The number; `None` when it is no whole number.
    pub value: Option<i64>,
    /// Scale of the noise.
    pub sigma: f64,
    /// Releases that share the table's bound.
    pub span: u32,
    /// Nano-rho that this release debits for the level.
    pub nano_rho: u64,
    /// Whether the table is of the whole year.
    pub yearly: bool,
}

/// What was measured for one release, in its order, and the earlier values of its running totals.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// In the release's order.
    pub measured: Vec<Measured>,
    /// For each running total: its city and the values of earlier quarters, as text.
    pub earlier: Vec<(Place, Vec<String>)>,
    /// What could not be understood.
    pub unreadable: Vec<String>,
}

/// The release inside an exported file, or the value itself when it is one.
#[must_use]
pub(crate) fn inner(file: &Value) -> &Value {
    file.get("release").unwrap_or(file)
}

/// A list inside a value; empty when it is absent.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// A text inside a value; empty when it is absent.
#[must_use]
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number inside a value.
#[must_use]
pub(crate) fn whole(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// A scale `n/d`.
#[must_use]
pub(crate) fn fraction(text: &str) -> Option<(u128, u128)> {
    let (above, below) = text.split_once('/')?;
    let (above, below) = (above.parse().ok()?, below.parse().ok()?);
    (above > 0 && below > 0).then_some((above, below))
}

/// Reads a release.
#[must_use]
pub(crate) fn read(file: &Value) -> Reading {
    let release = inner(file);
    let mut reading = Reading::default();
    if list(release, "tables").next().is_none() {
        reading.unreadable.push("a file without tables".to_owned());
    }
    for table in list(release, "tables") {
        for cell in list(table, "cells") {
            if let Some(value) = cell.get("measured").filter(|value| !value.is_null()) {
                let found = measured(release, table, cell, value.as_i64(), false);
                reading.push(found, table);
            }
        }
        for stream in list(table, "streams") {
            let values: Vec<String> = list(stream, "measured").map(plain).collect();
            let Some((last, before)) = values.split_last() else {
                continue;
            };
            let found = measured(release, table, stream, last.parse().ok(), true);
            if let Some(found) = found.as_ref().filter(|found| !found.yearly) {
                reading.earlier.push((found.place.clone(), before.to_vec()));
            }
            reading.push(found, table);
        }
    }
    reading
}

impl Reading {
    fn push(&mut self, found: Option<Measured>, table: &Value) {
        match found {
            Some(found) => self.measured.push(found),
            None => self.unreadable.push(format!(
                "table {}: a measurement of no level",
                text(table, "table")
            )),
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn measured(
    release: &Value,
    table: &Value,
    cell: &Value,
    value: Option<i64>,
    stream: bool,
) -> Option<Measured> {
    let named = text(cell, "level");
    // A table measures running totals and courses at its last level.
    let level = if stream && named.is_empty() {
        list(table, "levels").last()
    } else {
        list(table, "levels").find(|level| text(level, "level") == named)
    }?;
    let (above, below) = fraction(text(level, "sigma"))?;
    let some = |name: &str| cell.get(name).filter(|value| !value.is_null()).map(plain);
    let further: Vec<String> = ["what", "day", "item"]
        .into_iter()
        .filter_map(some)
        .collect();
    let odd = text(cell, "series");
    let plain_series = stream || odd.is_empty() || odd == "count";
    let mut further = further.join(" ");
    if !plain_series {
        further.push_str(odd);
    }
    Some(Measured {
        place: Place {
            table: text(table, "table").to_owned(),
            level: text(level, "level").to_owned(),
            quarter: text(release, "period").to_owned(),
            city: some("city"),
            group: some("group"),
            service: some("service"),
            further: (!further.is_empty()).then_some(further),
            stream,
        },
        value,
        sigma: above as f64 / below as f64,
        span: u32::try_from(whole(table, "releases_in_bound"))
            .unwrap_or(1)
            .max(1),
        nano_rho: whole(level, "nano_rho"),
        yearly: text(table, "every") == "year",
    })
}

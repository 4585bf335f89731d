//! FHIR R4 `MeasureReport`s of type `summary` in the shape of IHE mADX 3.0, in one `Bundle` of type `collection`.
//!
//! One report for each table and place: mADX asks for one subject, and a report has one improvement notation. A series of the
//! table is a `group` with one population, `numerator` (mADX: a number that is no proportion). Groups of people are one
//! stratifier, named by the data element of their level, with a component for each category. Counts are the whole numbers for
//! reading; estimate, range and standard deviation stand beside each in an extension. Ids come from the release, not from a clock.

mod model;

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Quarter;

use self::model::{
    Bundle, Coded, Component, Entry, Extension, Group, Identifier, MeasureReport, Meta, Period,
    Population, Quantity, Reference, Stratifier, Stratum, Value,
};
use super::error::ExportError;
use super::mapping::{Fhir, Improvement, Mapping};
use super::rows;
use super::source::Source;
use release::error::ReleaseError;
use release::object::{CellRelease, TableRelease};
use release::published::Series;

/// The mADX profile.
pub(crate) const PROFILE: &str =
    "https://profiles.ihe.net/QRPH/mADX/StructureDefinition/mADX-MeasureReport";
/// The extension with estimate and range.
pub(crate) const NOISE: &str = "urn:payung:fhir:noise-range";
/// The extension with hash, key and signature of the signed release.
pub(crate) const RELEASE: &str = "urn:payung:fhir:signed-release";
const POPULATIONS: &str = "http://terminology.hl7.org/CodeSystem/measure-population";
const NOTATIONS: &str = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation";

/// Everything that every report needs.
struct Writer<'a> {
    source: &'a Source,
    mapping: &'a Mapping,
    fhir: &'a Fhir,
}

/// The numbers of one table and place.
type Cells<'a> = Vec<&'a CellRelease>;

pub(super) fn render(source: &Source, mapping: &Mapping) -> Result<Vec<u8>, ExportError> {
    let fhir = mapping.fhir()?;
    let writer = Writer {
        source,
        mapping,
        fhir,
    };
    let mut taken = BTreeSet::new();
    let mut entry = Vec::new();
    for table in &source.release.tables {
        for (city, cells) in by_place(table) {
            if let Some(resource) = writer.report(table, city, &cells)? {
                let place = (table.table.as_str(), resource.subject.reference.clone());
                if !taken.insert(place) {
                    return Err(same_location(table, city));
                }
                entry.push(Entry {
                    full_url: full_url(&source.hash, &resource.id),
                    resource,
                });
            }
        }
    }
    if entry.is_empty() {
        return Err(ExportError::Nothing);
    }
    let bundle = Bundle {
        resource_type: "Bundle",
        identifier: identifier(source),
        kind: "collection",
        entry,
    };
    let mut bytes = serde_json::to_vec_pretty(&bundle).map_err(|_| ReleaseError::Format)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The whole programme first, then cities by name.
fn by_place(table: &TableRelease) -> BTreeMap<Option<&str>, Cells<'_>> {
    let mut places: BTreeMap<_, Cells<'_>> = BTreeMap::new();
    for cell in &table.cells {
        places.entry(cell.city.as_deref()).or_default().push(cell);
    }
    places
}

fn same_location(table: &TableRelease, city: Option<&str>) -> ExportError {
    let place = city.unwrap_or("the whole programme");
    ExportError::SamePlace(
        format!("{} of {place}", table.table),
        "a place before it".to_owned(),
    )
}

impl Writer<'_> {
    fn report(
        &self,
        table: &TableRelease,
        city: Option<&str>,
        cells: &[&CellRelease],
    ) -> Result<Option<MeasureReport>, ExportError> {
        let Some(subject) = self.fhir.locations.of(&["fhir", "locations"], city)? else {
            return Ok(None);
        };
        let group = self.groups(table, cells)?;
        if group.is_empty() {
            return Ok(None);
        }
        let measure = self.fhir.measure(&table.table)?;
        let release = &self.source.release;
        Ok(Some(MeasureReport {
            resource_type: "MeasureReport",
            id: id(self.source, table, city),
            meta: Meta { profile: [PROFILE] },
            extension: [self.signed_release()],
            identifier: [identifier(self.source)],
            status: "complete",
            kind: "summary",
            measure: measure.canonical.text().to_owned(),
            subject: reference(subject),
            date: release.closed.to_string(),
            reporter: reference(self.fhir.reporter.text()),
            period: period(release.period, rows::is_annual(table)),
            improvement_notation: Coded::of(NOTATIONS, notation(measure.improvement)),
            group,
        }))
    }

    /// The series of a table at one place, each with its groups of people.
    fn groups(
        &self,
        table: &TableRelease,
        cells: &[&CellRelease],
    ) -> Result<Vec<Group>, ExportError> {
        let mut groups = Vec::new();
        let mut codes: BTreeMap<&str, &CellRelease> = BTreeMap::new();
        for whole in cells.iter().filter(|cell| cell.group.is_none()) {
            let of_people =
                |cell: &&&CellRelease| cell.series == whole.series && cell.group.is_some();
            let parts: Cells<'_> = cells.iter().filter(of_people).copied().collect();
            let stratifier = self.stratifier(table, &parts)?;
            let key = rows::key(table, whole);
            let Some(code) = self.mapping.element(&key)? else {
                if stratifier.is_empty() {
                    continue;
                }
                // FHIR's strata stand inside their whole.
                return Err(super::mapping::missing(&["data_elements", &key]));
            };
            if let Some(other) = codes.insert(code, whole) {
                return Err(ExportError::SamePlace(rows::key(table, other), key));
            }
            groups.push(Group {
                code: Coded::named(self.fhir.code_system.text(), code, &title(table, whole)),
                population: [population(whole)?],
                stratifier,
            });
        }
        Ok(groups)
    }

    /// At most one stratifier: the groups of people.
    fn stratifier(
        &self,
        table: &TableRelease,
        parts: &[&CellRelease],
    ) -> Result<Vec<Stratifier>, ExportError> {
        let Some(first) = parts.first() else {
            return Ok(Vec::new());
        };
        let Some(code) = self.mapping.element(&rows::key(table, first))? else {
            return Ok(Vec::new());
        };
        let stratum = parts
            .iter()
            .map(|cell| self.stratum(cell))
            .collect::<Result<_, _>>()?;
        Ok(vec![Stratifier {
            code: [Coded::of(self.fhir.code_system.text(), code)],
            stratum,
        }])
    }

    fn stratum(&self, cell: &CellRelease) -> Result<Stratum, ExportError> {
        let system = self.fhir.code_system.text();
        let options = self
            .mapping
            .options(cell.group.as_deref().unwrap_or_default())?;
        let component = options
            .iter()
            .map(|(name, option)| Component {
                code: Coded::of(system, name.text()),
                value: Coded::of(system, option.text()),
            })
            .collect();
        let population = population(cell)?;
        Ok(Stratum {
            component,
            measure_score: Quantity {
                value: population.count,
            },
            population: [population],
        })
    }

    fn signed_release(&self) -> Extension {
        let part = |url, text: &str| Extension::simple(url, Value::String(text.to_owned()));
        Extension::complex(
            RELEASE,
            vec![
                part("hash", &self.source.hash),
                part("key", &self.source.key),
                part("signature", &self.source.signature),
            ],
        )
    }
}

/// The quarter, or the calendar year that ends with it.
fn period(quarter: Quarter, annual: bool) -> Period {
    let start = if annual {
        format!("{}-01-01", quarter.year())
    } else {
        quarter.first_day().to_string()
    };
    Period {
        start,
        end: quarter.last_day().to_string(),
    }
}

fn title(table: &TableRelease, cell: &CellRelease) -> String {
    let series = Some(cell.series).filter(|series| *series != Series::Count);
    let day = cell.day.map(|day| format!("day {day}"));
    let parts = [
        series.map(Series::word),
        cell.service.as_deref(),
        cell.what.as_deref(),
        day.as_deref(),
    ];
    let words: Vec<&str> = parts.into_iter().flatten().collect();
    if words.is_empty() {
        table.title.clone()
    } else {
        format!("{}: {}", table.title, words.join(", "))
    }
}

fn population(cell: &CellRelease) -> Result<Population, ExportError> {
    let decimal = |url, value| Extension::simple(url, Value::Decimal(value));
    let mut parts = vec![
        decimal("estimate", cell.estimate),
        decimal("lo", cell.lo),
        decimal("hi", cell.hi),
        decimal("sd", cell.sd),
    ];
    parts.push(Extension::simple(
        "reliability",
        Value::Code(cell.reliability.word().to_owned()),
    ));
    Ok(Population {
        extension: [Extension::complex(NOISE, parts)],
        code: Coded::of(POPULATIONS, "numerator"),
        // FHIR's integer has 32 bits with its sign.
        count: i32::try_from(cell.display).map_err(|_| ExportError::TooLarge)?,
    })
}

const fn notation(improvement: Improvement) -> &'static str {
    match improvement {
        Improvement::Increase => "increase",
        Improvement::Decrease => "decrease",
    }
}

fn reference(text: &str) -> Reference {
    Reference {
        reference: text.to_owned(),
    }
}

fn identifier(source: &Source) -> Identifier {
    Identifier {
        system: "urn:payung:release",
        value: source.hash.clone(),
    }
}

/// At most 64 of FHIR's id characters: city names have at most 32.
fn id(source: &Source, table: &TableRelease, city: Option<&str>) -> String {
    let release = &source.release;
    let place = city.map_or_else(|| "whole".to_owned(), |city| format!("city-{city}"));
    format!(
        "{}-v{}-{}-{place}",
        release.period, release.version, table.table
    )
}

/// A UUID of version 8 (RFC 9562) from the release and the report's id.
fn full_url(hash: &str, id: &str) -> String {
    let mut bytes = crypto::digest::hash(format!("{hash} {id}").as_bytes());
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = crypto::hex::encode(&bytes);
    let part = |from, to| text.get(from..to).unwrap_or_default();
    let parts = [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ];
    format!("urn:uuid:{}", parts.join("-"))
}

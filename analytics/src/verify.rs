//! Verification of an exported file, without a database: anybody who knows the programme's release key can do it.
//!
//! A JSON file is accepted when it is byte for byte what this programme writes, its hash and both signatures fit, and, when
//! its noise parameters are those of this version's catalogue, every published number follows from the raw measurements in
//! it. A CSV file is accepted when its signature covers every byte before the signature line.

use std::collections::BTreeMap;

use crypto::b64::{self, Fixed};
use crypto::day::Quarter;
use crypto::digest;
use crypto::hex;
use crypto::sign::ReleaseKey;
use privacy::catalogue::{Mechanism, Plan, plans_shown};
use privacy::cell::item::BIN_DAYS;
use privacy::cell::{Cell, CityCode};
use privacy::scope::{Scope, TableCity};
use thiserror::Error;

use crate::estimate::Values;
use crate::export::csv;
use crate::naming::{self, Name};
use crate::release::{self, CellRelease, Facts, Release, SignedRelease, StreamRelease};
use crate::revision;

/// A verified file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// BLAKE3 of the JSON release, hex.
    pub hash: String,
    /// True when every published number was computed again from the raw measurements and agreed (JSON only).
    pub recomputed: bool,
}

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// Neither JSON nor CSV of a release, or not written the one way it is written.
    #[error(
        "this is not a release file as the programme writes it: fetch it again from the programme"
    )]
    Format,
    /// It names another key.
    #[error(
        "this file is signed with another programme's key: check that you have the right file and the right key"
    )]
    OtherKey,
    /// A signature or the hash does not fit.
    #[error("the signature does not fit: the file was changed after it was published")]
    Signature,
    /// The numbers do not follow from the measurements.
    #[error(
        "the published numbers do not follow from the measurements in the file: report this to the programme"
    )]
    Numbers,
}

/// Verifies a JSON or CSV export against the programme's release key.
///
/// # Errors
/// [`VerifyError`] as its texts say.
pub fn verify(file: &[u8], key: &[u8; 32]) -> Result<Verified, VerifyError> {
    if file.starts_with(b"#") {
        verify_csv(file, key)
    } else {
        verify_json(file, key)
    }
}

fn verify_json(file: &[u8], key: &[u8; 32]) -> Result<Verified, VerifyError> {
    let signed = SignedRelease::from_bytes(file).map_err(|_| VerifyError::Format)?;
    if signed.to_bytes().map_err(|_| VerifyError::Format)? != file {
        return Err(VerifyError::Format);
    }
    if signed.key.0 != *key {
        return Err(VerifyError::OtherKey);
    }
    let bytes = signed.release.get().as_bytes();
    let hash = digest::hash(bytes);
    ReleaseKey::verify(key, bytes, &signed.signature.0).map_err(|_| VerifyError::Signature)?;
    let release = signed.open().map_err(|_| VerifyError::Format)?;
    let text = csv::unsigned(&release, &hash, key);
    ReleaseKey::verify(key, text.as_bytes(), &signed.csv_signature.0)
        .map_err(|_| VerifyError::Signature)?;
    if signed.hash != hex::encode(&hash) {
        return Err(VerifyError::Signature);
    }
    let recomputed = recompute(&release)?;
    Ok(Verified {
        period: release.period,
        version: release.version,
        hash: signed.hash,
        recomputed,
    })
}

fn verify_csv(file: &[u8], key: &[u8; 32]) -> Result<Verified, VerifyError> {
    let text = std::str::from_utf8(file).map_err(|_| VerifyError::Format)?;
    let body = text.strip_suffix('\n').ok_or(VerifyError::Format)?;
    let end = body.rfind('\n').ok_or(VerifyError::Format)? + 1;
    let (before, last) = body.split_at(end);
    let signature = last
        .strip_prefix(csv::SIGNATURE)
        .and_then(|text| b64::decode(text).ok())
        .ok_or(VerifyError::Format)?;
    let signature = Fixed::<64>::try_from(&signature[..]).map_err(|_| VerifyError::Format)?;
    let mut lines = before.lines();
    let mut field = |prefix| {
        lines
            .next()
            .and_then(|line| line.strip_prefix(prefix))
            .ok_or(VerifyError::Format)
    };
    let name = field("# payung release ")?;
    let (hash, named) = (field("# hash ")?.to_owned(), field("# key ")?);
    if named != b64::encode(key) {
        return Err(VerifyError::OtherKey);
    }
    ReleaseKey::verify(key, before.as_bytes(), &signature.0).map_err(|_| VerifyError::Signature)?;
    let (period, version) = name.split_once(" version ").ok_or(VerifyError::Format)?;
    let (period, version) = (period.parse().ok(), version.parse().ok());
    let (period, version) = period.zip(version).ok_or(VerifyError::Format)?;
    Ok(Verified {
        period,
        version,
        hash,
        recomputed: false,
    })
}

/// Assembles the release again from the raw measurements it carries; false when it was made under another catalogue.
fn recompute(release: &Release) -> Result<bool, VerifyError> {
    let Some(Parts {
        facts,
        plans,
        values,
    }) = parts(release)?
    else {
        return Ok(false);
    };
    let again = release::assemble(&facts, &plans, &values).map_err(|_| VerifyError::Numbers)?;
    if again == *release {
        Ok(true)
    } else {
        Err(VerifyError::Numbers)
    }
}

/// What a release was assembled from.
#[derive(Debug)]
pub struct Parts {
    /// Its public facts.
    pub facts: Facts,
    /// Its tables.
    pub plans: Vec<Plan>,
    /// Its raw measurements.
    pub values: Values,
}

/// Takes a release apart; `None` when it was made under another catalogue.
///
/// # Errors
/// [`VerifyError::Numbers`] when a fact or a measurement is none of this programme's.
pub fn parts(release: &Release) -> Result<Option<Parts>, VerifyError> {
    let facts = facts(release).ok_or(VerifyError::Numbers)?;
    let plans = plans_shown(&facts.scope, facts.version).map_err(|_| VerifyError::Numbers)?;
    let same = plans.len() == release.tables.len()
        && plans.iter().zip(&release.tables).all(|(plan, table)| {
            table.table == plan.table.code
                && table.levels == plan.levels.iter().map(release::level).collect::<Vec<_>>()
        });
    if !same {
        return Ok(None);
    }
    let values = values(release, &plans, &facts.scope).ok_or(VerifyError::Numbers)?;
    Ok(Some(Parts {
        facts,
        plans,
        values,
    }))
}

fn facts(release: &Release) -> Option<Facts> {
    let city = |city: &release::CityRelease| {
        Some(TableCity {
            code: CityCode::new(city.code).ok()?,
            name: city.city.clone(),
            from: city.from,
        })
    };
    Some(Facts {
        scope: Scope {
            period: release.period,
            start: release.start,
            cities: release.cities.iter().map(city).collect::<Option<_>>()?,
            services: release.services.clone(),
            budgets: release.privacy.budgets.clone(),
            off: release.off.clone(),
        },
        version: release.version,
        closed: release.closed,
        indicators: release.indicators.clone(),
        spent_in_year: release.privacy.spent_in_year_nano_rho,
        reasons: revision::read(&release.reasons)?,
    })
}

fn values(release: &Release, plans: &[Plan], scope: &Scope) -> Option<Values> {
    let mut values = Values::new();
    for (plan, table) in plans.iter().zip(&release.tables) {
        let cells = naming::cells(scope, plan.table);
        for row in &table.cells {
            let Some(measured) = row.measured else {
                continue;
            };
            let level = plan.level(&row.level)?.level.code;
            let cell = *cells.get(&(level, name(row)))?;
            values.insert((plan.table.code, level, scope.period, cell), measured);
        }
        for stream in &table.streams {
            match plan.table.mechanism {
                Mechanism::Cohort => take_course(plan, scope, &cells, stream, &mut values)?,
                _ => take_stream(plan, scope, stream, &mut values)?,
            }
        }
    }
    Some(values)
}

fn name(row: &CellRelease) -> Name {
    Name {
        city: row.city.clone(),
        service: row.service.clone(),
        group: row.group.clone(),
        what: row.what.clone(),
        day: row.day,
    }
}

fn take_stream(
    plan: &Plan,
    scope: &Scope,
    stream: &StreamRelease,
    values: &mut Values,
) -> Option<()> {
    let level = plan.levels.first()?.level.code;
    let named = |city: &&TableCity| Some(&city.name) == stream.city.as_ref();
    let city = scope.cities.iter().find(named)?;
    let cell = Cell::new(plan.table.source, city.code, 0, None);
    let mut quarter = stream.from;
    for measured in &stream.measured {
        let key = (plan.table.code, level, quarter, cell);
        values.insert(key, measured.parse().ok()?);
        quarter = quarter.next();
    }
    Some(())
}

fn take_course(
    plan: &Plan,
    scope: &Scope,
    cells: &BTreeMap<(&'static str, Name), Cell>,
    stream: &StreamRelease,
    values: &mut Values,
) -> Option<()> {
    for (measured, bin) in stream.measured.iter().zip(1u16..) {
        let name = Name {
            service: stream.service.clone(),
            what: stream.what.clone(),
            day: Some(bin * BIN_DAYS),
            ..Name::default()
        };
        let cell = *cells.get(&("curve", name))?;
        let key = (plan.table.code, "curve", scope.period, cell);
        values.insert(key, measured.parse().ok()?);
    }
    Some(())
}

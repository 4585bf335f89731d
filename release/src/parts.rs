//! A release taken apart again: the facts, tables and raw measurements that it was assembled from.

use std::collections::{BTreeMap, BTreeSet};

use privacy::catalogue::{Mechanism, Plan, plans_shown};
use privacy::cell::item::BIN_DAYS;
use privacy::cell::{Cell, CityCode};
use privacy::scope::{Scope, TableCity};
use thiserror::Error;

use super::facts::Facts;
use super::measurements::Measurements;
use super::naming::{self, Name};
use super::object::{CellRelease, CityRelease, LevelRelease, Release, StreamRelease};
use super::reason::Reason;

/// A fact or a measurement is none of this programme's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a fact or a measurement of the release does not fit its tables")]
pub struct Foreign;

/// What a release was assembled from.
#[derive(Debug)]
pub struct Parts {
    /// Its public facts.
    pub facts: Facts,
    /// Its tables.
    pub plans: Vec<Plan>,
    /// Its raw measurements.
    pub values: Measurements,
}

/// Takes a release apart; `None` when it was made under another catalogue.
///
/// # Errors
/// [`Foreign`] when a fact or a measurement is none of this programme's.
pub fn parts(release: &Release) -> Result<Option<Parts>, Foreign> {
    let facts = facts(release).ok_or(Foreign)?;
    let plans = plans_shown(&facts.scope, facts.version).map_err(|_| Foreign)?;
    let same = plans.len() == release.tables.len()
        && plans.iter().zip(&release.tables).all(|(plan, table)| {
            table.table == plan.table.code
                && table.levels == plan.levels.iter().map(LevelRelease::of).collect::<Vec<_>>()
        });
    if !same {
        return Ok(None);
    }
    let values = values(release, &plans, &facts.scope).ok_or(Foreign)?;
    Ok(Some(Parts {
        facts,
        plans,
        values,
    }))
}

fn facts(release: &Release) -> Option<Facts> {
    let city = |city: &CityRelease| {
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
        reasons: reasons(&release.reasons)?,
    })
}

/// The reasons that a release states after what changed; `None` when a sentence is none of ours.
fn reasons(sentences: &[String]) -> Option<BTreeSet<Reason>> {
    let stated = sentences.iter().skip(1);
    stated.map(|one| Reason::of_sentence(one)).collect()
}

fn values(release: &Release, plans: &[Plan], scope: &Scope) -> Option<Measurements> {
    let mut values = Measurements::new();
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
    values: &mut Measurements,
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
    values: &mut Measurements,
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

//! Assembling a release: a pure function of public facts and noisy measurements.

use crypto::day::Quarter;
use privacy::budget::Stated;
use privacy::catalogue::{BINS, CAPS, Mechanism, NOTES, Plan, Shape};
use privacy::cell::{Cell, CityCode};
use privacy::scope::{Scope, TableCity};

use super::decimal::Decimal;
use super::error::{EstimateError, ReleaseError};
use super::estimate;
use super::facts::Facts;
use super::measurements::{Measurements, only};
use super::naming::{self, Name};
use super::object::{
    CellRelease, CityRelease, FORMAT, Guarantee, LevelRelease, Privacy, RateRelease, Release,
    StreamRelease, TableRelease,
};
use super::published::{LOW, Published, Reliability};
use super::rates::{self, Estimated, Rate};

/// How to read a revision's numbers; part of every revision's notes.
const AGAIN: &[&str] = &[
    "tables whose letters begin with R count the quarter again with everything known when this version was made; nothing of version 1 was drawn again",
    "series combined: both measurements, each weighed by the inverse of its noise; the most precise number, right as long as the change is small against the noise",
    "series revised: the new measurement alone; unbiased for what is known now",
    "series change: revised less the estimate of version 1; it tells whether the change is small; its display is never below zero, so read the estimate",
    "measured: of combined the raw noisy number of version 1, of revised that of this version",
    "rates of drop-out are computed from combined; nano-rho of tables without an R were debited by version 1",
];

/// Assembles a release from the tables it shows ([`privacy::catalogue::plans_shown`]), in their order.
///
/// # Errors
/// [`ReleaseError`] when a measurement is missing.
pub fn assemble(
    facts: &Facts,
    plans: &[Plan],
    values: &Measurements,
) -> Result<Release, ReleaseError> {
    let scope = &facts.scope;
    let estimated: Vec<Estimated<'_>> = estimate::tables(plans, scope, values)?;
    let tables = estimated
        .iter()
        .map(|(plan, numbers)| table(scope, plan, numbers, values))
        .collect::<Result<Vec<_>, _>>()?;
    let rates = rates::rates(&estimated, scope, values)?;
    Ok(Release {
        format: FORMAT.to_owned(),
        period: scope.period,
        version: facts.version,
        closed: facts.closed,
        start: scope.start,
        indicators: facts.indicators.clone(),
        reasons: sentences(facts, plans),
        notes: notes(facts),
        privacy: privacy(facts),
        cities: scope.cities.iter().map(city).collect(),
        services: scope.services.clone(),
        off: scope.off.clone(),
        tables,
        rates: rates.iter().map(|one| rate(scope, one)).collect(),
    })
}

fn notes(facts: &Facts) -> Vec<String> {
    let mut notes = NOTES.to_vec();
    if facts.version > 1 {
        notes.extend(AGAIN);
    }
    notes.into_iter().map(str::to_owned).collect()
}

/// What changed and why; empty for a quarter's first release.
fn sentences(facts: &Facts, shown: &[Plan]) -> Vec<String> {
    if facts.version < 2 {
        return Vec::new();
    }
    let mut all = vec![what_changed(facts, shown)];
    all.extend(facts.reasons.iter().map(|one| one.sentence().to_owned()));
    all
}

fn what_changed(facts: &Facts, shown: &[Plan]) -> String {
    let letters: Vec<&str> = shown
        .iter()
        .filter_map(|plan| plan.table.counts_again())
        .collect();
    let (tables, were) = match letters.as_slice() {
        [one] => (format!("table {one}"), "was"),
        all => (format!("tables {}", all.join(" and ")), "were"),
    };
    let day = facts.closed;
    format!(
        "{tables} {were} counted again with everything known on {day}; other tables are unchanged"
    )
}

fn city(city: &TableCity) -> CityRelease {
    CityRelease {
        code: city.code.number(),
        city: city.name.clone(),
        from: city.from,
    }
}

fn privacy(facts: &Facts) -> Privacy {
    let budget = facts.scope.budget();
    let guarantee = |stated: Stated| Guarantee {
        delta: stated.delta,
        epsilon_year: stated.epsilon_year,
        epsilon_ten_years: stated.epsilon_ten_years,
    };
    Privacy {
        unit: "a person with all their reports, added or removed".to_owned(),
        mechanism: "zCDP; exact discrete Gaussian noise on integers".to_owned(),
        budget,
        budgets: facts.scope.budgets.clone(),
        year_nano_rho: budget.per_year(),
        spent_in_year_nano_rho: facts.spent_in_year,
        guarantees: budget.stated().into_iter().map(guarantee).collect(),
        caps: CAPS.iter().map(|cap| (*cap).to_owned()).collect(),
    }
}

fn table(
    scope: &Scope,
    plan: &Plan,
    numbers: &[Published],
    values: &Measurements,
) -> Result<TableRelease, ReleaseError> {
    Ok(TableRelease {
        table: plan.table.code.to_owned(),
        title: plan.table.title.to_owned(),
        unit: plan.table.unit.to_owned(),
        every: plan.table.every,
        nano_rho: plan.cost,
        releases_in_bound: plan.table.span,
        levels: plan.levels.iter().map(LevelRelease::of).collect(),
        cells: numbers.iter().map(|one| cell(scope, plan, one)).collect(),
        streams: streams(scope, plan, values)?,
    })
}

fn cell(scope: &Scope, plan: &Plan, published: &Published) -> CellRelease {
    let (lo, hi) = published.range();
    let Name {
        city,
        service,
        group,
        what,
        day,
    } = naming::name(scope, plan.table, published.level, published.cell);
    CellRelease {
        series: published.series,
        level: published.level.to_owned(),
        city,
        service,
        group,
        what,
        day,
        measured: published.measured,
        estimate: published.estimate,
        sd: Decimal::at_least(published.sd),
        lo,
        hi,
        display: published.display(),
        reliability: Reliability::of(published.low_reliability()),
    }
}

fn rate(scope: &Scope, rate: &Rate) -> RateRelease {
    let city = |code: CityCode| {
        let found = scope.cities.iter().find(|city| city.code == code);
        found.map(|city| city.name.clone())
    };
    let range = rate.interval;
    let low = |interval: rates::Interval| {
        let half = (interval.hi - interval.lo) / 2.0;
        Reliability::of(half > LOW * interval.estimate)
    };
    RateRelease {
        rate: rate.rate.to_owned(),
        title: rate.title.to_owned(),
        denominator: rate.denominator.to_owned(),
        city: rate.city.and_then(city),
        service: rate
            .service
            .and_then(|number| naming::service(scope, number)),
        day: rate.day,
        estimate: range.map(|one| Decimal::nearest(100.0 * one.estimate)),
        lo: range.map(|one| Decimal::at_most(100.0 * one.lo)),
        hi: range.map(|one| Decimal::at_least(100.0 * one.hi)),
        reliability: range.map_or(Reliability::NotEstimable, low),
    }
}

fn streams(
    scope: &Scope,
    plan: &Plan,
    values: &Measurements,
) -> Result<Vec<StreamRelease>, EstimateError> {
    match plan.table.mechanism {
        Mechanism::Independent => Ok(Vec::new()),
        Mechanism::RunningTotal => {
            let cities = scope.cities.iter();
            cities
                .map(|city| running(scope, plan, city, values))
                .collect()
        }
        Mechanism::Cohort => courses(scope, plan, values),
    }
}

fn running(
    scope: &Scope,
    plan: &Plan,
    city: &TableCity,
    values: &Measurements,
) -> Result<StreamRelease, EstimateError> {
    let level = only(plan)?.level.code;
    let cell = Cell::new(plan.table.source, city.code, 0, None);
    let from = city.from.max(scope.start);
    let quarters = std::iter::successors(Some(from), |quarter| Some(quarter.next()))
        .take_while(|quarter| *quarter <= scope.period);
    let value = |quarter: Quarter| {
        let value = values.get(plan, level, quarter, cell)?;
        Ok(value.to_string())
    };
    Ok(StreamRelease {
        city: Some(city.name.clone()),
        service: None,
        what: None,
        from,
        measured: quarters.map(value).collect::<Result<_, EstimateError>>()?,
    })
}

fn courses(
    scope: &Scope,
    plan: &Plan,
    values: &Measurements,
) -> Result<Vec<StreamRelease>, EstimateError> {
    let mut found = Vec::new();
    for measured in &plan.levels {
        if measured.level.shape != Shape::Course {
            continue;
        }
        let cells = measured.level.cells(plan.table.source, scope);
        for course in cells.chunks(usize::from(BINS)) {
            let value = |cell: &Cell| {
                let value = values.get(plan, measured.level.code, scope.period, *cell)?;
                Ok(value.to_string())
            };
            let first = course.first().ok_or(EstimateError::Missing)?;
            let name = naming::name(scope, plan.table, measured.level.code, *first);
            found.push(StreamRelease {
                city: None,
                service: name.service,
                what: name.what,
                from: scope.period,
                measured: course
                    .iter()
                    .map(value)
                    .collect::<Result<_, EstimateError>>()?,
            });
        }
    }
    Ok(found)
}

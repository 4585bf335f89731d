//! A programme in a throw-away database: histories through the real bounding code, as many years of releases of it as wanted.
//!
//! Every draw goes through the functions that a closing calls: [`measure`] counts the stored contributions and draws
//! noise, [`assemble`] estimates and words the release. Ledger, log and signature are left out. The truth is counted here,
//! from the same contributions, by other code: the words of a published number say which contributions it counts.

use std::collections::{BTreeMap, BTreeSet};

use analytics::measure::measure;
use analytics::query::{Owned, insert_contributions};
use crypto::day::Quarter;
use indicators::Indicators;
use indicators::history::History;
use indicators::project::{CityPeriods, project};
use privacy::budget::Budget;
use privacy::catalogue::{Every, TABLES, Table, plans_of};
use privacy::cell::item::{Delay, Ending, Stage};
use privacy::cell::{Cell, CityCode, GroupCode, Tab};
use privacy::rho::NanoRho;
use privacy::scope::{Budgets, Scope, TableCity, TableService, year_until};
use release::assemble::assemble;
use release::facts::Facts;
use release::measurements::Measurements;
use release::object::{CellRelease, Release};
use release::published::Series;
use store::Room;
use store::fixture::TestDatabase;

/// Cities 0 to 4.
pub(crate) const CITIES: [&str; 5] = ["other", "medan", "bandung", "pontianak", "makassar"];
/// A secret of made-up programmes.
const KEY: [u8; 32] = [7; 32];

/// The quarter of that name.
pub(crate) fn quarter(text: &str) -> Quarter {
    text.parse().expect("a quarter")
}

/// A programme and what it knows.
pub(crate) struct World {
    database: TestDatabase,
    indicators: Indicators,
    /// The first quarter of the series.
    start: Quarter,
    /// The last quarter of the year that is released.
    last: Quarter,
    off: Vec<String>,
    #[cfg(test)]
    rows: Vec<Owned>,
    /// People by quarter and stored cell.
    counts: BTreeMap<(Quarter, Cell), i64>,
}

impl World {
    /// Projects the people and stores what they contribute; `tables` are on.
    pub(crate) async fn new(
        people: &[(i64, History)],
        (start, last): (&str, &str),
        tables: &[&str],
    ) -> Self {
        let (start, last) = (quarter(start), quarter(last));
        let indicators = Indicators::shipped().expect("the shipped file");
        let city = |number| CityCode::new(number).expect("a small number");
        let cities = CityPeriods::new((1..=4).map(|number| (city(number), quarter("2020Q1"))));
        let mut rows: Vec<Owned> = Vec::new();
        for (person, history) in people {
            let found = project(*person, history, &indicators, &cities, &KEY);
            let told = found
                .into_iter()
                .filter(|row| (start..=last).contains(&row.period));
            rows.extend(told.map(|row| (row, *person)));
        }
        rows.sort_unstable();
        let mut counts = BTreeMap::new();
        for (row, _) in &rows {
            *counts.entry((row.period, row.cell)).or_insert(0) += 1;
        }
        let database = store::fixture::sqlite(Room::Analytics).await;
        let mut tx = database.store.write().await.expect("a database");
        insert_contributions(&mut tx, &rows)
            .await
            .expect("room for them");
        tx.commit().await.expect("a database");
        let off = TABLES.iter().map(|table| table.code);
        Self {
            database,
            indicators,
            start,
            last,
            off: off
                .filter(|code| !tables.contains(code))
                .map(str::to_owned)
                .collect(),
            #[cfg(test)]
            rows,
            counts,
        }
    }

    fn scope(&self, period: Quarter) -> Scope {
        let city = |(number, name): (u16, &&str)| TableCity {
            code: CityCode::new(number).expect("a small number"),
            name: (*name).to_owned(),
            from: self.start,
        };
        let mut services: Vec<TableService> = self
            .indicators
            .services()
            .iter()
            .map(|one| TableService {
                code: one.number.number(),
                service: one.code.to_string(),
                name: one.name.clone(),
                cohort: one.rule.is_mature(),
            })
            .collect();
        services.sort_unstable_by_key(|one| one.code);
        let mut cities: Vec<TableCity> = (0..).zip(&CITIES).map(city).collect();
        // As releases have them: "other", then by name.
        cities[1..].sort_by(|one, next| one.name.cmp(&next.name));
        Scope {
            period,
            start: self.start,
            cities,
            services,
            budgets: Budgets::one(self.start.year(), Budget::Default),
            off: self.off.clone(),
        }
    }

    /// The releases of the last year's quarters that have a table, with noise of their own.
    pub(crate) async fn draw(&self) -> Vec<Release> {
        let mut values = Measurements::new();
        let mut releases = Vec::new();
        let mut period = self.start;
        while period <= self.last {
            let scope = self.scope(period);
            let mut plans = plans_of(&scope).expect("the catalogue");
            if period.year() < self.last.year() {
                // Running totals go back to the first quarter; no other number of an earlier year is looked at.
                plans.retain(|plan| plan.table.code == "F");
            }
            let drawn = measure(&self.database.store, &plans, &scope).await;
            values.extend(drawn.expect("counts and noise"));
            if period.year() == self.last.year() && !plans.is_empty() {
                let facts = facts(scope, &self.indicators);
                releases.push(assemble(&facts, &plans, &values).expect("every measurement"));
            }
            period = period.next();
        }
        releases
    }

    /// The true number behind a published one.
    pub(crate) fn truth(&self, period: Quarter, table: &str, cell: &CellRelease) -> f64 {
        let entry = TABLES.iter().find(|one| one.code == table);
        let entry = entry.expect("a table of the catalogue");
        let quarters = self.quarters(period, entry, cell);
        let held = self.counts.iter().filter(|((quarter, stored), _)| {
            stored.tab() == entry.source && quarters.contains(quarter) && self.holds(cell, *stored)
        });
        held.map(|(_, people)| *people as f64).sum()
    }

    /// What everybody contributes, sorted.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> Vec<Owned> {
        self.rows.clone()
    }

    /// People in the stored cells that are wanted.
    #[cfg(test)]
    pub(crate) fn sum(&self, wanted: impl Fn(Quarter, Cell) -> bool) -> f64 {
        let held = self
            .counts
            .iter()
            .filter(|((at, cell), _)| wanted(*at, *cell));
        held.map(|(_, people)| *people as f64).sum()
    }

    fn quarters(&self, period: Quarter, table: &Table, cell: &CellRelease) -> BTreeSet<Quarter> {
        if cell.series == Series::Cumulative {
            let all = std::iter::successors(Some(self.start), |one| Some(one.next()));
            return all.take_while(|one| *one <= period).collect();
        }
        match table.every {
            Every::Year => year_until(period).into_iter().collect(),
            Every::Quarter => [period].into(),
        }
    }

    fn holds(&self, cell: &CellRelease, stored: Cell) -> bool {
        let city = CITIES[usize::from(stored.city().number())];
        let service = self.indicators.by_number(stored.service());
        let service = service.map(|one| one.code.to_string());
        let group = stored.group().map(GroupCode::text);
        cell.city.as_deref().is_none_or(|name| name == city)
            && (cell.service.is_none() || cell.service == service)
            && (cell.group.is_none() || cell.group.as_deref() == group)
            && cell
                .what
                .as_deref()
                .is_none_or(|what| words(stored, cell.day).contains(&what))
    }
}

/// The words under which a stored cell is counted, by a day where one is given.
fn words(stored: Cell, day: Option<u16>) -> Vec<&'static str> {
    let (end, bin) = (stored.item() >> 4, u16::from(stored.item() & 0x0f));
    match stored.tab() {
        Tab::Cascade => Stage::parse(stored.item())
            .map(Stage::text)
            .into_iter()
            .collect(),
        Tab::Linkage => Delay::parse(stored.item())
            .map(Delay::text)
            .into_iter()
            .collect(),
        _ => match day {
            Some(day) if bin == 0 || bin * 15 > day => Vec::new(),
            Some(_) if end > 1 => vec!["left in another way"],
            _ => vec![Ending::ALL[usize::from(end)].text()],
        },
    }
}

fn facts(scope: Scope, indicators: &Indicators) -> Facts {
    Facts {
        version: 1,
        closed: scope.period.last_day().plus(30),
        indicators: indicators.version().to_owned(),
        spent_in_year: NanoRho::ZERO,
        reasons: BTreeSet::new(),
        scope,
    }
}

//! Choices after the founding: what a table turned off and another budget change, and what they leave alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]

use crypto::day::Quarter;
use privacy::budget::Budget;
use privacy::catalogue::{TABLES, parameters_hash, plan, plans_of};
use privacy::cell::{Cell, Tab};
use privacy::scope::{Budgets, Scope, Subject, TurnedOff};
use privacy::testing::scope;

use crate::choices::{self, ChoiceError, change_budget, turn_off};
use crate::close::close;
use crate::ledger;
use crate::measure::measure;
use crate::stored;
use crate::testing::closing::{Role, at, city, closing_day, contribute, quarter, roles, sqlite};
use release::estimate;
use release::measurements::Measurements;
use release::object::Release;
use release::published::{Published, Series};
use release::seal::SignedRelease;
use release::verify::verify;

async fn closed(role: &Role, period: &str) -> Release {
    let period = quarter(period);
    close(&at(&role.app, closing_day(period)), period)
        .await
        .unwrap();
    let found = stored::newest(&role.app.store, &role.app.log_dir, period).await;
    let body = found.unwrap().unwrap().1;
    assert!(
        verify(&body, &role.app.keys.release.public())
            .unwrap()
            .recomputed,
        "{period}"
    );
    SignedRelease::from_bytes(&body).unwrap().open().unwrap()
}

fn tables(release: &Release) -> Vec<&str> {
    release
        .tables
        .iter()
        .map(|table| table.table.as_str())
        .collect()
}

/// Every scale of a release: table, level, sigma.
fn sigmas(release: &Release) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for table in &release.tables {
        for level in &table.levels {
            let row = (
                table.table.clone(),
                level.level.clone(),
                level.sigma.clone(),
            );
            all.push(row);
        }
    }
    all
}

#[tokio::test]
async fn a_table_turned_off_is_gone_for_good() {
    for role in roles().await {
        let first = closed(&role, "2026Q1").await;
        assert!(tables(&first).contains(&"D"));
        assert!(matches!(
            turn_off(&role.app, "nonsense").await,
            Err(ChoiceError::UnknownTable)
        ));
        // A quarterly table and an annual one.
        for code in ["D", "S"] {
            assert_eq!(turn_off(&role.app, code).await.unwrap(), quarter("2026Q2"));
            assert!(matches!(
                turn_off(&role.app, code).await,
                Err(ChoiceError::OffAlready)
            ));
        }
        for period in ["2026Q2", "2026Q3", "2026Q4", "2027Q1"] {
            let release = closed(&role, period).await;
            let found = tables(&release);
            assert!(!found.contains(&"D") && !found.contains(&"S"), "{period}");
            assert!(found.contains(&"A") && found.contains(&"F"), "{period}");
            assert_eq!(found.contains(&"DY"), period == "2026Q4", "{period}");
        }
        let view = ledger::view(&role.app.store, Budget::Default)
            .await
            .unwrap();
        let expected = ["D", "S"].map(|table| TurnedOff {
            table,
            from: quarter("2026Q2"),
        });
        assert_eq!(view.off, expected);
        let of = |code: &str| {
            let year = view.years[0].tables.iter();
            year.filter(|one| one.table == code)
                .map(|one| one.released.nano())
                .sum::<u64>()
        };
        assert_eq!(of("S"), 0, "nothing was debited for it");
        let once = plan(&TABLES[2], Budget::Default).unwrap().cost.nano();
        assert_eq!((TABLES[2].code, of("D")), ("D", once), "its one release");
    }
}

/// Nobody can take the quarter that is closing out of a table's reach, or a closed one.
#[tokio::test]
async fn turning_off_looks_forward_only() {
    let role = sqlite().await;
    let before = closed(&role, "2026Q1").await;
    turn_off(&role.app, "A").await.unwrap();
    let found = stored::newest(&role.app.store, &role.app.log_dir, quarter("2026Q1")).await;
    let again = SignedRelease::from_bytes(&found.unwrap().unwrap().1).unwrap();
    assert_eq!(again.open().unwrap().tables, before.tables);
    let mut tx = role.app.store.read().await.unwrap();
    for (period, gone) in [("2025Q4", 0), ("2026Q1", 0), ("2026Q2", 1), ("2099Q4", 1)] {
        let off = choices::off(&mut tx, quarter(period)).await.unwrap();
        assert_eq!(off.len(), gone, "{period}");
    }
}

#[test]
fn every_table_and_budget_changes_the_parameters() {
    let subject = |scope: &Scope| Subject {
        period: scope.period,
        version: 1,
    };
    let hash =
        |scope: &Scope| parameters_hash(subject(scope), scope, &plans_of(scope).unwrap()).unwrap();
    let all = scope("2026Q4", 4, Budget::Default);
    let mut seen = vec![hash(&all)];
    for table in TABLES {
        let mut less = all.clone();
        less.off = vec![table.code.to_owned()];
        let one = hash(&less);
        assert!(!seen.contains(&one), "{}", table.code);
        seen.push(one);
    }
    for budget in [Budget::Strict, Budget::Wide] {
        let one = hash(&scope("2026Q4", 4, budget));
        assert!(!seen.contains(&one), "{budget}");
        seen.push(one);
    }
    // A budget of another year is another year's affair.
    let mut later = all.clone();
    later.budgets.change(2027, Budget::Strict);
    assert_eq!(hash(&later), seen[0]);
}

#[tokio::test]
async fn another_budget_begins_with_the_next_year() {
    for role in roles().await {
        let first = closed(&role, "2026Q1").await;
        // Said in 2026, twice: the last word counts, from 2027 on.
        for budget in [Budget::Wide, Budget::Strict] {
            assert_eq!(change_budget(&role.app, budget).await.unwrap(), 2027);
        }
        let same = closed(&role, "2026Q2").await;
        assert_eq!(sigmas(&first), sigmas(&same));
        assert_eq!(same.privacy.budget, Budget::Default);
        for period in ["2026Q3", "2026Q4"] {
            let release = closed(&role, period).await;
            assert_eq!(
                release.privacy.budget,
                Budget::Default,
                "closed in 2027, of 2026"
            );
        }
        let next = closed(&role, "2027Q1").await;
        assert_eq!(next.privacy.budget, Budget::Strict);
        let (old, new) = (sigmas(&first), sigmas(&next));
        assert_eq!(old.len(), new.len());
        for (old, new) in old.iter().zip(&new) {
            assert!(
                (&old.0, &old.1) == (&new.0, &new.1) && old.2 != new.2,
                "{new:?}"
            );
        }
        let view = ledger::view(&role.app.store, Budget::Default)
            .await
            .unwrap();
        let years: Vec<(i32, Budget)> = view
            .years
            .iter()
            .map(|one| (one.year, one.budget))
            .collect();
        assert_eq!(years, [(2026, Budget::Default), (2027, Budget::Strict)]);
        for year in &view.years {
            assert!(year.spent <= year.budget.per_year() && year.bound <= year.budget.per_year());
        }
        assert_eq!(
            change_budget(&at(&role.app, closing_day(quarter("2027Q1"))), Budget::Wide)
                .await
                .unwrap(),
            2028
        );
    }
}

/// First enrolments of the simulated programme in a quarter and city.
fn enrolled(period: Quarter, number: u16) -> i64 {
    i64::from(number) * 10 + i64::from(period.number() % 7)
}

/// The published running totals of one more programme: every quarter measured under the budget of its year, by the code that
/// closes quarters.
async fn drawn(role: &Role, scopes: &[Scope]) -> Vec<Published> {
    let mut values = Measurements::new();
    for scope in scopes {
        let mut plans = plans_of(scope).unwrap();
        plans.retain(|plan| plan.table.code == "F");
        values.extend(measure(&role.app.store, &plans, scope).await.unwrap());
    }
    totals(scopes.last().unwrap(), &values)
}

fn totals(scope: &Scope, values: &Measurements) -> Vec<Published> {
    let mut plans = plans_of(scope).unwrap();
    plans.retain(|plan| plan.table.code == "F");
    let published = estimate::table(&plans[0], scope, values).unwrap();
    published
        .into_iter()
        .filter(|one| one.level == "city")
        .collect()
}

/// The truth of a published number.
fn truth(number: &Published, scope: &Scope) -> f64 {
    let city = number.cell.city().number();
    let quarters: Vec<Quarter> = match number.series {
        Series::New => vec![scope.period],
        _ => std::iter::successors(Some(scope.start), |one| Some(one.next()))
            .take_while(|one| *one <= scope.period)
            .collect(),
    };
    quarters.iter().map(|one| enrolled(*one, city)).sum::<i64>() as f64
}

/// Squared errors over declared variances, of one series: mean over all draws and cities.
fn ratio(draws: &[Vec<Published>], declared: &[Published], scope: &Scope, series: Series) -> f64 {
    let mut sum = 0.0;
    let mut terms = 0.0;
    for draw in draws {
        for (number, declared) in draw.iter().zip(declared) {
            if number.series == series {
                let error = number.estimate.value() - truth(number, scope);
                sum += (error / declared.sd).powi(2);
                terms += 1.0;
            }
        }
    }
    sum / terms
}

const DRAWS: usize = 300;

/// Programmes from 2026Q3 to 2027Q2 whose budget changes with the year: the public facts of each quarter.
fn changing(before: Budget, after: Budget) -> Vec<Scope> {
    let first = quarter("2026Q3");
    let one = |period: &str| {
        let mut scope = scope(period, 4, before);
        scope.start = first;
        for city in &mut scope.cities {
            city.from = first;
        }
        scope.budgets = Budgets::one(2026, before);
        scope.budgets.change(2027, after);
        scope
    };
    ["2026Q3", "2026Q4", "2027Q1", "2027Q2"].map(one).to_vec()
}

/// What would be declared if the budget had always been this one.
fn declared_under(budget: Budget, scopes: &[Scope]) -> Vec<Published> {
    let mut scope = scopes.last().unwrap().clone();
    scope.budgets = Budgets::one(2026, budget);
    let zeros: Measurements = keys(scopes).into_iter().map(|key| (key, 0)).collect();
    totals(&scope, &zeros)
}

/// Over a change of budget the declared standard deviations of running totals are those of 300 draws. With 1,500 squared errors
/// (five cities, independent, normal to far below this test's eye) a chi-squared law lies outside `n - 2 sqrt(n x)` and
/// `n + 2 sqrt(n x) + 2 x` with probability at most `exp(-x)` each (Laurent and Massart 2000); with x = 19 the eight looks give
/// a false alarm below 4.5e-8. One budget for all quarters, the old or the new, would be caught.
#[tokio::test]
async fn running_totals_keep_their_declared_noise_over_a_change_of_budget() {
    let role = sqlite().await;
    let mut lines = Vec::new();
    for scope in changing(Budget::Wide, Budget::Strict) {
        for number in 0..=4 {
            let cell = Cell::new(Tab::First, city(number), 0, None);
            lines.push((scope.period, cell, enrolled(scope.period, number)));
        }
    }
    contribute(&role.app.store, &lines).await;
    let (n, x) = ((DRAWS * 5) as f64, 19.0_f64);
    let low = 1.0 - 2.0 * (x / n).sqrt();
    let high = 1.0 + 2.0 * (x / n).sqrt() + 2.0 * x / n;
    for (before, after) in [
        (Budget::Wide, Budget::Strict),
        (Budget::Strict, Budget::Wide),
    ] {
        let scopes = changing(before, after);
        let last = scopes.last().unwrap();
        let mut draws = Vec::new();
        for _ in 0..DRAWS {
            draws.push(drawn(&role, &scopes).await);
        }
        for series in [Series::New, Series::Cumulative] {
            let right = ratio(&draws, &draws[0], last, series);
            assert!(
                right > low && right < high,
                "{series:?} {right} {low} {high}"
            );
        }
        let wide = declared_under(Budget::Wide, &scopes);
        let wide = ratio(&draws, &wide, last, Series::Cumulative);
        assert!(wide > high, "{before} then {after}: {wide}");
        if before == Budget::Strict {
            let strict = declared_under(Budget::Strict, &scopes);
            let strict = ratio(&draws, &strict, last, Series::Cumulative);
            assert!(strict < low, "{before} then {after}: {strict}");
        }
    }
}

/// The names of all measurements of table F in these quarters.
fn keys(scopes: &[Scope]) -> Vec<(&'static str, &'static str, Quarter, Cell)> {
    let mut keys = Vec::new();
    for scope in scopes {
        for city in &scope.cities {
            let cell = Cell::new(Tab::First, city.code, 0, None);
            keys.push(("F", "city", scope.period, cell));
        }
    }
    keys
}

/// A clock that stands in a year already measured must not change what was promised for it.
#[tokio::test]
async fn a_year_with_releases_keeps_its_budget() {
    for role in roles().await {
        closed(&role, "2026Q1").await;
        let behind = at(&role.app, "2025-06-01".parse().unwrap());
        let refused = change_budget(&behind, Budget::Wide).await;
        assert!(
            matches!(refused, Err(ChoiceError::Measured)),
            "{}",
            role.database.name
        );
        assert_eq!(change_budget(&role.app, Budget::Wide).await.unwrap(), 2027);
        let view = ledger::view(&role.app.store, Budget::Default)
            .await
            .unwrap();
        assert_eq!(view.years[0].budget, Budget::Default);
    }
}

//! The heart of the promise: whatever one person's history, pushed through the real bounding code, what it adds to the
//! released tables costs at most what the ledger debits; and some history costs exactly that.
//!
//! Cost of a person = sum over levels of `|x_l|^2 / (2 sigma_l^2)`, in integers. "Exactly" is meant at the scales used, which
//! were rounded up from the allowance (less than one part in a hundred below the shares).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]

use std::collections::BTreeMap;

use crypto::day::Quarter;
use privacy::budget::Budget;
use privacy::catalogue::{
    BINS, Every, MeasuredLevel, Mechanism, Plan, RELEASES_A_YEAR, Shape, block_start, plans, stream,
};
use privacy::cell::{Cell, CityCode};
use privacy::scope::{TableCity, year_until};
use privacy::toeplitz::Toeplitz;
use proptest::prelude::*;

use indicators::Indicators;
use indicators::contribution::Contribution;
use indicators::history::{Event, History};
use indicators::kind::EventKind;
use indicators::project::{CityPeriods, project};
use indicators::testing::{any_events, day, event, first_day, kind, result};

pub(crate) fn cities() -> CityPeriods {
    let code = |number| CityCode::new(number).unwrap();
    CityPeriods::new([
        (code(1), "2026Q1".parse().unwrap()),
        (code(2), "2026Q4".parse().unwrap()),
    ])
}

pub(crate) fn contributions(person: i64, events: Vec<Event>) -> Vec<Contribution> {
    project(
        person,
        &History::new(events),
        &Indicators::shipped().unwrap(),
        &cities(),
        &[9; 32],
    )
}

/// What one person adds to the cells of a level in one release.
type Moved = BTreeMap<Cell, i64>;

fn moved(plan: &Plan, level: &MeasuredLevel, rows: &[Contribution], quarters: &[Quarter]) -> Moved {
    let mut sums = Moved::new();
    for row in rows {
        let counted = row.cell.tab() == plan.table.source && quarters.contains(&row.period);
        if let Some(cell) = level.level.cell_of(row.cell).filter(|_| counted) {
            *sums.entry(cell).or_default() += 1;
        }
    }
    sums
}

fn squares_of_counts(moved: &Moved) -> u128 {
    moved
        .values()
        .map(|count| u128::from(count.unsigned_abs().pow(2)))
        .sum()
}

/// What the measurements of courses move by, computed by measuring the person alone without noise.
fn squares_of_courses(moved: &Moved) -> u128 {
    let toeplitz = Toeplitz::new(u32::from(BINS)).unwrap();
    let mut courses: BTreeMap<Cell, Vec<i64>> = BTreeMap::new();
    for (cell, count) in moved {
        let (end, bin) = (cell.item() & 0xf0, cell.item() & 0x0f);
        let course = courses
            .entry(cell.with_item(end))
            .or_insert_with(|| vec![0; usize::from(BINS)]);
        course[usize::from(bin) - 1] += count;
    }
    courses
        .values()
        .flat_map(|course| (1..=course.len()).map(|until| &course[..until]))
        .map(|prefix| toeplitz.combine(prefix).unwrap().unsigned_abs().pow(2))
        .sum()
}

/// What the measurements of a running total move by in one release, likewise.
fn squares_of_running_totals(
    plan: &Plan,
    level: &MeasuredLevel,
    rows: &[Contribution],
    period: Quarter,
) -> u128 {
    let start = Quarter::of(first_day());
    let toeplitz = Toeplitz::new(privacy::catalogue::HORIZON).unwrap();
    let first = block_start(period, start).number();
    let block: Vec<Quarter> = (first..=period.number())
        .map(|number| Quarter::from_number(number).unwrap())
        .collect();
    let cells: Vec<Cell> = moved(plan, level, rows, &block).into_keys().collect();
    let square = |cell: &Cell| {
        let late = cell.city().number() == 2;
        let city = TableCity {
            code: cell.city(),
            name: String::new(),
            from: if late {
                "2026Q4".parse().unwrap()
            } else {
                start
            },
        };
        let counts: Vec<i64> = stream(period, start, &city)
            .iter()
            .map(|one| {
                moved(plan, level, rows, &[*one])
                    .get(cell)
                    .copied()
                    .unwrap_or(0)
            })
            .collect();
        if counts.is_empty() {
            return 0;
        }
        toeplitz.combine(&counts).unwrap().unsigned_abs().pow(2)
    };
    cells.iter().map(square).sum()
}

/// `|x|^2` of one person in one level by release, in the measurement's own units; releases in which nothing moves are left out.
fn by_release(
    plan: &Plan,
    level: &MeasuredLevel,
    rows: &[Contribution],
) -> BTreeMap<Quarter, u128> {
    let Some(last) = rows.iter().map(|row| row.period).max() else {
        return BTreeMap::new();
    };
    // Five years beyond the last row: running totals go on moving.
    let first = Quarter::of(first_day()).number();
    let all = (first..=last.number() + 20).map(|number| Quarter::from_number(number).unwrap());
    let due = all.filter(|period| match plan.table.every {
        Every::Quarter => true,
        Every::Year => period.next().year() != period.year(),
    });
    let square = |period: Quarter| match (plan.table.mechanism, plan.table.every) {
        (Mechanism::RunningTotal, _) => squares_of_running_totals(plan, level, rows, period),
        (_, Every::Quarter) => squares_of_counts(&moved(plan, level, rows, &[period])),
        (_, Every::Year) => {
            let year = moved(plan, level, rows, &year_until(period));
            match level.level.shape {
                Shape::Counts => squares_of_counts(&year),
                Shape::Course => squares_of_courses(&year),
            }
        }
    };
    due.map(|period| (period, square(period)))
        .filter(|(_, square)| *square > 0)
        .collect()
}

/// The same by span: a release, or a calendar year's four.
pub(crate) fn squares(
    plan: &Plan,
    level: &MeasuredLevel,
    rows: &[Contribution],
) -> BTreeMap<i32, u128> {
    let mut sums = BTreeMap::new();
    for (period, square) in by_release(plan, level, rows) {
        let span = if plan.table.span == 1 {
            period.number()
        } else {
            period.year()
        };
        *sums.entry(span).or_default() += square;
    }
    sums
}

/// What all tables cost one person in each calendar year.
pub(crate) fn years(budget: Budget, rows: &[Contribution]) -> BTreeMap<i32, u64> {
    let mut years: BTreeMap<i32, u64> = BTreeMap::new();
    for plan in plans(budget).unwrap() {
        for level in &plan.levels {
            for (span, square) in squares(&plan, level, rows) {
                let year = if plan.table.span == 1 {
                    span.div_euclid(4)
                } else {
                    span
                };
                *years.entry(year).or_default() += level.sigma.cost(square).unwrap().nano();
            }
        }
    }
    years
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_history_costs_more_than_is_debited(person in 0i64.., events in any_events()) {
        let rows = contributions(person, events);
        for plan in plans(Budget::Default).unwrap() {
            let mut cost: BTreeMap<i32, u64> = BTreeMap::new();
            for level in &plan.levels {
                for (span, square) in squares(&plan, level, &rows) {
                    prop_assert!(square <= level.l2_squared, "table {} level {}", plan.table.code, level.level.code);
                    *cost.entry(span).or_default() += level.sigma.cost(square).unwrap().nano();
                }
            }
            let debited = plan.cost.nano() * u64::from(plan.table.span);
            prop_assert!(cost.values().all(|cost| *cost <= debited), "table {}", plan.table.code);
        }
    }

    /// Reports that came late, in several rounds, are effective in later quarters: the bounds hold for what was counted.
    #[test]
    fn late_reports_cost_no_more(person in 0i64.., events in any_events(), open in proptest::collection::vec(0i32..12, 40)) {
        let start = Quarter::of(first_day()).number();
        let late = |(event, open): (Event, i32)| {
            let open = Quarter::from_number(start + open).unwrap();
            Event { effective: event.day.max(open.first_day()), ..event }
        };
        let rows = contributions(person, events.into_iter().zip(open).map(late).collect());
        for plan in plans(Budget::Default).unwrap() {
            for level in &plan.levels {
                for (_, square) in squares(&plan, level, &rows) {
                    prop_assert!(square <= level.l2_squared, "table {} level {}", plan.table.code, level.level.code);
                }
            }
        }
    }

    /// The sum over all tables and releases of a calendar year.
    #[test]
    fn no_history_costs_more_than_the_year(person in 0i64.., events in any_events()) {
        let rows = contributions(person, events);
        for budget in Budget::ALL {
            for (year, cost) in years(budget, &rows) {
                prop_assert!(cost <= budget.per_year().nano(), "{} {}", budget, year);
            }
        }
    }
}

/// Histories that together reach every bound: each is the worst for some table.
fn worst() -> Vec<Vec<Contribution>> {
    let contact = |number, on: &str, service| event(number, day(on), service, EventKind::Contact);
    let until = |event: Event, until: &str| Event {
        covered_until: Some(day(until)),
        ..event
    };
    // In three services all year and in the programme's cohort to the end.
    let steady = ["nsp", "condoms", "outreach"];
    let steady: Vec<Event> = (0u8..)
        .zip(steady)
        .map(|(number, service)| until(contact(number, "2026-01-05", service), "2027-06-01"))
        .collect();
    // Drops out of two services in one quarter and city, comes back to both in another, and drops out of the programme later.
    let mut lost: Vec<Event> = ["oat-methadone", "oat-buprenorphine"]
        .into_iter()
        .zip([1u8, 2])
        .flat_map(|(service, number)| {
            [
                contact(number, "2026-04-10", service),
                until(contact(number + 10, "2026-07-10", service), "2026-11-01"),
            ]
        })
        .collect();
    lost.push(Event {
        site: 2,
        ..contact(30, "2026-07-20", "oat-methadone")
    });
    // Tested positive, treated, suppressed, active on the last day of the year.
    let treated = vec![
        result(1, day("2026-02-01"), "hts", "positive"),
        until(contact(2, "2026-02-05", "art"), "2027-02-01"),
        result(3, day("2026-08-01"), "art", "suppressed"),
    ];
    // Dropped out of two services in the same fifteen days of the cohort.
    let early: Vec<Event> = ["oat-methadone", "oat-buprenorphine"]
        .into_iter()
        .zip([1u8, 2])
        .flat_map(|(service, number)| {
            [
                contact(number, "2026-01-05", service),
                event(
                    number + 10,
                    day("2026-01-09"),
                    service,
                    kind("exited:dropped_out"),
                ),
            ]
        })
        .collect();
    [steady, lost, treated, early]
        .into_iter()
        .map(|events| contributions(1, events))
        .collect()
}

#[test]
fn the_worst_histories_cost_exactly_what_is_declared() {
    let all = worst();
    for plan in plans(Budget::Default).unwrap() {
        for level in &plan.levels {
            let found = all
                .iter()
                .flat_map(|rows| squares(&plan, level, rows).into_values());
            let worst = found.max().unwrap();
            assert_eq!(
                worst, level.l2_squared,
                "table {} level {}",
                plan.table.code, level.level.code
            );
            assert_eq!(level.sigma.cost(worst).unwrap(), level.span_cost);
            assert!(level.span_cost.nano() <= level.cost.nano() * u64::from(plan.table.span));
        }
    }
    let active = &plans(Budget::Default).unwrap()[0];
    for level in &active.levels {
        let year: u128 = squares(active, level, &all[0]).values().take(4).sum();
        assert_eq!(
            year,
            u128::from(RELEASES_A_YEAR) * level.l2_squared,
            "all four quarters"
        );
    }
}

/// A coarse cell that holds two of a person's drop-outs moves by 2, so its square is 4: a bound of 2 would be broken.
#[test]
fn a_sensitivity_of_two_for_coarse_cells_would_be_wrong() {
    let all = worst();
    let plans = plans(Budget::Default).unwrap();
    for code in ["D", "E"] {
        let plan = plans.iter().find(|plan| plan.table.code == code).unwrap();
        for level in plan.levels.iter().take(2) {
            let broken = all
                .iter()
                .flat_map(|rows| squares(plan, level, rows).into_values());
            assert!(broken.max().unwrap() > 2, "{code} {}", level.level.code);
        }
    }
}

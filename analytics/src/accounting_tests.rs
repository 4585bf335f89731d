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
use proptest::prelude::*;

use crate::budget::Budget;
use crate::catalogue::{MeasuredLevel, Mechanism, Plan, RELEASES_A_YEAR, plans};
use crate::contribution::{Cell, CityCode, Contribution};
use crate::estimate::{City, block_start, stream};
use crate::history::{Event, EventKind, History};
use crate::indicators::Indicators;
use crate::project::{CityPeriods, project};
use crate::testing::{any_events, day, event, first_day};
use crate::toeplitz::Toeplitz;

fn cities() -> CityPeriods {
    let code = |number| CityCode::new(number).unwrap();
    CityPeriods::new([
        (code(1), "2026Q1".parse().unwrap()),
        (code(2), "2026Q4".parse().unwrap()),
    ])
}

fn contributions(person: i64, events: Vec<Event>) -> Vec<Contribution> {
    project(
        person,
        &History::new(events),
        &Indicators::shipped().unwrap(),
        &cities(),
        &[9; 32],
    )
}

/// `|x|^2` of one person in one level, by span: a release, a calendar year, or a block of 20 quarters (scaled).
fn squares(plan: &Plan, level: &MeasuredLevel, rows: &[Contribution]) -> BTreeMap<i32, u128> {
    let mut x: BTreeMap<(Quarter, Cell), i64> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| row.cell.tab() == plan.table.source)
    {
        *x.entry((row.period, level.level.cell_of(row.cell)))
            .or_default() += 1;
    }
    let start = Quarter::of(first_day());
    let mut sums = BTreeMap::new();
    for ((period, cell), count) in &x {
        let span = match plan.table.span {
            1 => period.number(),
            4 => period.year(),
            _ => block_start(*period, start).number(),
        };
        let square = match plan.table.mechanism {
            Mechanism::Independent => u128::from(count.unsigned_abs().pow(2)),
            Mechanism::RunningTotal => moved(&x, *period, *cell, start),
        };
        *sums.entry(span).or_default() += square;
    }
    sums
}

/// What a stream's measurements move by, over the whole block, computed by measuring the person alone without noise.
fn moved(x: &BTreeMap<(Quarter, Cell), i64>, period: Quarter, cell: Cell, start: Quarter) -> u128 {
    let from = if cell.city().number() == 2 {
        "2026Q4".parse().unwrap()
    } else {
        start
    };
    let city = City {
        code: cell.city(),
        name: String::new(),
        from,
    };
    let toeplitz = Toeplitz::new(20).unwrap();
    let first = block_start(period, start);
    let quarters = (0..20)
        .map(|n| Quarter::from_number(first.number() + n).unwrap())
        .filter(|quarter| *quarter >= from);
    quarters
        .map(|quarter| {
            let counts: Vec<i64> = stream(quarter, start, &city)
                .iter()
                .map(|q| x.get(&(*q, cell)).copied().unwrap_or(0))
                .collect();
            toeplitz.combine(&counts).unwrap().unsigned_abs().pow(2)
        })
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn no_history_costs_more_than_is_debited(person in 0i64.., events in any_events()) {
        let rows = contributions(person, events);
        for budget in Budget::ALL {
            for plan in plans(budget).unwrap() {
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

    /// The sum over all tables and the four releases of a calendar year, table F by its part of the block.
    #[test]
    fn no_history_costs_more_than_the_year(person in 0i64.., events in any_events()) {
        let rows = contributions(person, events);
        for budget in Budget::ALL {
            let mut years: BTreeMap<i32, u64> = BTreeMap::new();
            for plan in plans(budget).unwrap() {
                for level in &plan.levels {
                    for (span, square) in squares(&plan, level, &rows) {
                        let cost = level.sigma.cost(square).unwrap().nano();
                        match plan.table.span {
                            1 => *years.entry(span.div_euclid(4)).or_default() += cost,
                            4 => *years.entry(span).or_default() += cost,
                            // A block's cost spread evenly over its five years, as the ledger debits it.
                            _ => (0..5).for_each(|n| *years.entry(span.div_euclid(4) + n).or_default() += cost.div_ceil(5)),
                        }
                    }
                }
            }
            for (year, cost) in years {
                prop_assert!(cost <= budget.per_year().nano(), "{} {}", budget, year);
            }
        }
    }
}

/// Enrols in the first quarter, stays active all year, and drops out of two services in one quarter and city.
fn worst() -> Vec<Contribution> {
    let mut events: Vec<Event> = (0..8)
        .map(|n| {
            event(
                n,
                day("2026-01-05").plus(i32::from(n) * 60),
                "nsp",
                EventKind::Contact,
            )
        })
        .collect();
    events.push(event(
        20,
        day("2026-01-10"),
        "oat-methadone",
        EventKind::Contact,
    ));
    events.push(event(
        21,
        day("2026-01-10"),
        "oat-buprenorphine",
        EventKind::Contact,
    ));
    contributions(1, events)
}

#[test]
fn the_worst_history_costs_exactly_what_is_declared() {
    let rows = worst();
    for plan in plans(Budget::Default).unwrap() {
        for level in &plan.levels {
            let found = squares(&plan, level, &rows);
            let first = *found.values().next().unwrap();
            assert_eq!(
                first, level.l2_squared,
                "table {} level {}",
                plan.table.code, level.level.code
            );
            assert_eq!(level.sigma.cost(first).unwrap(), level.span_cost);
            if plan.table.span == 1 {
                assert_eq!(
                    found.values().take(4).sum::<u128>(),
                    u128::from(RELEASES_A_YEAR) * level.l2_squared,
                    "all four quarters"
                );
            }
            assert!(level.span_cost.nano() <= level.cost.nano() * u64::from(plan.table.span));
        }
    }
}

/// A coarse cell that holds two of a person's drop-outs moves by 2, so its square is 4: a bound of 2 would be broken.
#[test]
fn a_sensitivity_of_two_for_coarse_cells_would_be_wrong() {
    let plans = plans(Budget::Default).unwrap();
    let drop_outs = &plans[1];
    assert_eq!(drop_outs.table.code, "D");
    for level in &drop_outs.levels {
        assert!(
            squares(drop_outs, level, &worst())
                .values()
                .any(|square| *square > 2)
        );
    }
}

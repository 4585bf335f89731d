#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use crate::budget::Budget;
use crate::catalogue::*;
use crate::cell::{Cell, CityCode, Tab};
use crate::scope::{Scope, Subject};
use crate::testing::scope;
use crate::toeplitz::Toeplitz;

/// What one release may spend, written out by hand from the design: (table, level, L2^2 over the span, releases in the
/// span, nano-rho per release under the default budget). L2^2 of running totals and courses without their norm.
const BY_HAND: [(&str, &str, u128, u128, u128); 26] = [
    ("A", "total", 1, 1, 926_100),
    ("A", "city", 1, 1, 1_543_500),
    ("A", "city-group", 1, 1, 3_704_400),
    ("B", "service", 3, 1, 1_521_450),
    ("B", "city-service", 3, 1, 3_550_050),
    ("D", "total", 4, 4, 661_500),
    ("D", "city", 4, 4, 661_500),
    ("D", "city-service", 2, 4, 661_500),
    ("DY", "service", 2, 1, 1_058_400),
    ("DY", "city-service", 2, 1, 2_469_600),
    ("E", "total", 4, 4, 367_500),
    ("E", "city", 4, 4, 367_500),
    ("E", "city-service", 2, 4, 367_500),
    ("F", "city", 1, 4, 2_205_000),
    ("G", "cohort", 1, 1, 793_800),
    ("G", "ends", 1, 1, 1_323_000),
    ("G", "curve", 1, 1, 3_175_200),
    ("GS", "cohort", 2, 1, 264_600),
    ("GS", "ends", 2, 1, 441_000),
    ("GS", "curve", 2, 1, 1_058_400),
    ("S", "total", 1, 1, 705_600),
    ("S", "city", 1, 1, 1_058_400),
    ("L", "delay", 1, 1, 705_600),
    ("L", "city-delay", 1, 1, 1_058_400),
    ("C", "stage", 1, 1, 1_411_200),
    ("C", "city-stage", 1, 1, 2_116_800),
];

/// The norm of a level by hand: 1 + 1/4 + 9/64 + 25/256 within a year of running totals, 1.852 over a course of twelve.
fn norm(table: &str, level: &str) -> f64 {
    match (table, level) {
        ("F", _) => 1.0 + 0.25 + 9.0 / 64.0 + 25.0 / 256.0,
        (_, "curve") => {
            (0..12)
                .fold((0.0, 1.0f64), |(sum, r), k| {
                    let next = r * f64::from(2 * k + 1) / f64::from(2 * k + 2);
                    (sum + r * r, next)
                })
                .0
        }
        _ => 1.0,
    }
}

#[test]
fn scales_and_debits_agree_with_the_design() {
    let plans = plans(Budget::Default).unwrap();
    let found: Vec<_> = plans
        .iter()
        .flat_map(|plan| plan.levels.iter().map(move |level| (plan, level)))
        .collect();
    assert_eq!(found.len(), BY_HAND.len());
    for ((plan, level), (table, code, l2, span, allowance)) in found.into_iter().zip(BY_HAND) {
        assert_eq!(
            (
                plan.table.code,
                level.level.code,
                u128::from(plan.table.span)
            ),
            (table, code, span)
        );
        let scale = match (table, code) {
            ("F", _) => 2f64.powi(38),
            (_, "curve") => 2f64.powi(22),
            _ => 1.0,
        };
        let bound = level.l2_squared as f64 / (scale * scale);
        assert!(
            (bound - l2 as f64 * norm(table, code)).abs() < 1e-9,
            "{table} {code} {bound}"
        );
        // L2^2 / (2 sigma^2) <= allowance of the span, recomputed in floats: less than one part in a hundred is wasted.
        let sigma = level.sigma.value() / scale;
        let rho = bound / (2.0 * sigma * sigma) * 1e9;
        let allowed = (allowance * span) as f64;
        assert!(
            rho <= allowed * (1.0 + 1e-12) && rho > 0.99 * allowed,
            "{table} {code} {rho} {allowed}"
        );
        assert!(u128::from(level.cost.nano()) <= allowance, "{table} {code}");
    }
}

#[test]
fn a_year_of_debits_never_passes_the_budget_or_a_share() {
    for budget in Budget::ALL {
        let mut year = 0;
        for plan in plans(budget)
            .unwrap()
            .iter()
            .chain(&revisions(budget).unwrap())
        {
            let sum: u64 = plan.levels.iter().map(|level| level.cost.nano()).sum();
            assert_eq!(sum, plan.cost.nano());
            let of_year = sum * plan.table.every.releases();
            assert!(of_year <= plan.year.nano(), "{budget} {}", plan.table.code);
            year += of_year;
        }
        assert!(year <= budget.per_year().nano(), "{budget}: {year}");
    }
}

/// What one person can lose in one calendar year, bounds that releases share counted in full: the budget, and not more.
#[test]
fn the_worst_year_of_all_tables_fits_the_budget() {
    for budget in Budget::ALL {
        let worst = |plan: &Plan| -> u64 {
            let spans = plan.table.every.releases() / u64::from(plan.table.span);
            let of = |level: &MeasuredLevel| level.span_cost.nano() * spans;
            plan.levels.iter().map(of).sum()
        };
        let tables = plans(budget).unwrap();
        let all = tables
            .iter()
            .chain(&revisions(budget).unwrap())
            .map(worst)
            .sum::<u64>();
        assert!(all <= budget.per_year().nano(), "{budget}: {all}");
        assert!(
            all > budget.per_year().nano() * 99 / 100,
            "nothing lies idle: {all}"
        );
    }
}

/// Within a calendar year somebody counted once moves a running total by consecutive coefficients; the first four are the most.
#[test]
fn no_year_of_a_running_total_is_worse_than_the_first() {
    let toeplitz = Toeplitz::new(HORIZON).unwrap();
    let squares: Vec<u128> = toeplitz
        .coefficients
        .iter()
        .map(|r| r.unsigned_abs().pow(2))
        .collect();
    let worst = squares
        .windows(4)
        .map(|four| four.iter().sum::<u128>())
        .max();
    assert_eq!(worst, Some(toeplitz.norm_squared_of(4)));
}

#[test]
fn shares_and_codes_are_sound() {
    let all = || TABLES.iter().chain(REVISION_TABLES);
    for table in all() {
        let whole: u64 = 300;
        let parts: u64 = table
            .levels
            .iter()
            .map(|level| whole * level.part.of / level.part.in_all)
            .sum();
        assert_eq!(parts, whole, "{}", table.code);
        if table.mechanism == Mechanism::Independent {
            for pair in table.levels.windows(2) {
                let refines = pair[0]
                    .dimensions
                    .iter()
                    .all(|one| pair[1].dimensions.contains(one));
                assert!(refines, "levels refine each other");
            }
        }
        assert_eq!(all().filter(|other| other.code == table.code).count(), 1);
    }
    let shares: u64 = all()
        .map(|table| 100 * table.share.of / table.share.in_all)
        .sum();
    assert_eq!(shares, 100, "tables and reserve are the whole budget");
}

#[test]
fn every_cell_is_listed_once_in_order_and_found_again() {
    let scope = scope("2026Q4", 4, Budget::Default);
    for table in TABLES {
        for level in table.levels {
            let cells = level.cells(table.source, &scope);
            let many = |dimension| match dimension {
                Dimension::City => 5,
                Dimension::Service if table.source == Tab::ServiceCohort => 16,
                Dimension::Service => scope.services.len(),
                Dimension::Group => 6,
                Dimension::Item if table.source == Tab::Cascade => 3,
                Dimension::Item => 4,
                Dimension::End if table.source == Tab::ServiceCohort => 9,
                Dimension::End => 8,
                Dimension::Course => 24,
            };
            let expected: usize = level.dimensions.iter().map(|one| many(*one)).product();
            assert_eq!(cells.len(), expected, "{} {}", table.code, level.code);
            assert!(cells.windows(2).all(|pair| pair[0] < pair[1]));
            for cell in &cells {
                assert_eq!(level.cell_of(*cell), Some(*cell));
            }
        }
    }
}

/// Whatever the stored item, a course counts it at most once, and never who is still there.
#[test]
fn courses_count_ends_in_their_bins() {
    let level = TABLES
        .iter()
        .find(|table| table.code == "G")
        .unwrap()
        .levels
        .last()
        .unwrap();
    let at = |item| level.cell_of(Cell::new(Tab::Cohort, CityCode::OTHER, 0, None).with_item(item));
    assert_eq!(at(0), None);
    assert_eq!(at(1 << 4 | 7).map(Cell::item), Some(1 << 4 | 7));
    for end in 2..=8u8 {
        assert_eq!(at(end << 4 | 3).map(Cell::item), Some(LEFT << 4 | 3));
    }
}

#[test]
fn annual_tables_come_with_the_fourth_quarter_and_tables_can_be_off() {
    let codes = |scope: &Scope| -> Vec<&str> {
        plans_of(scope)
            .unwrap()
            .iter()
            .map(|plan| plan.table.code)
            .collect()
    };
    assert_eq!(
        codes(&scope("2026Q3", 1, Budget::Default)),
        ["A", "B", "D", "E", "F"]
    );
    let mut last = scope("2026Q4", 1, Budget::Default);
    assert_eq!(codes(&last).len(), TABLES.len());
    last.off = vec!["C".to_owned(), "A".to_owned()];
    let left = codes(&last);
    assert!(left.len() == TABLES.len() - 2 && !left.contains(&"C") && !left.contains(&"A"));
}

#[test]
fn the_hash_changes_with_every_public_parameter() {
    let of = |period: &str, version, budget, cities, off: &[&str]| {
        let mut scope = scope(period, cities, budget);
        scope.off = off.iter().map(|one| (*one).to_owned()).collect();
        let subject = Subject {
            period: scope.period,
            version,
        };
        parameters_hash(subject, &scope, &plans_of(&scope).unwrap()).unwrap()
    };
    let base = of("2026Q1", 1, Budget::Default, 2, &[]);
    assert_eq!(base, of("2026Q1", 1, Budget::Default, 2, &[]));
    for other in [
        of("2026Q2", 1, Budget::Default, 2, &[]),
        of("2026Q1", 2, Budget::Default, 2, &[]),
        of("2026Q1", 1, Budget::Strict, 2, &[]),
        of("2026Q1", 1, Budget::Default, 1, &[]),
        of("2026Q1", 1, Budget::Default, 2, &["B"]),
    ] {
        assert_ne!(base, other);
    }
}

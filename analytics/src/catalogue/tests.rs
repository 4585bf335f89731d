#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use super::*;

/// What one release may spend, written out by hand from the design: (table, level, L2^2 over the span, releases in the
/// span, nano-rho per release under the default budget).
const BY_HAND: [(&str, &str, u128, u128, u128); 6] = [
    ("A", "total", 1, 1, 992_250),
    ("A", "city", 1, 1, 1_653_750),
    ("A", "city-group", 1, 1, 3_969_000),
    ("D", "total", 4, 4, 735_000),
    ("D", "city", 4, 4, 735_000),
    ("F", "city", 0, 20, 2_205_000),
];

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
        if table == "F" {
            let norm = level.l2_squared as f64 / 2f64.powi(76);
            assert!((norm - 2.016).abs() < 0.001, "{norm}");
        } else {
            assert_eq!(level.l2_squared, l2);
        }
        // L2^2 / (2 sigma^2) <= allowance of the span, recomputed in integers by cross multiplication.
        let (n, d) = level.sigma.parts();
        let (n2, d2) = (u128::from(n).pow(2), u128::from(d).pow(2));
        assert!(
            level.l2_squared * d2 * 1_000_000_000 <= 2 * n2 * allowance * span,
            "{table} {code}"
        );
        assert!(u128::from(level.cost.nano()) <= allowance, "{table} {code}");
        // The grid wastes less than one part in a hundred.
        assert!(
            u128::from(level.cost.nano()) * 100 >= allowance * 99,
            "{table} {code}: {:?}",
            level.cost
        );
        assert!(u128::from(level.span_cost.nano()) <= u128::from(level.cost.nano()) * span);
    }
}

#[test]
fn a_year_of_debits_never_passes_the_budget_or_a_share() {
    for budget in Budget::ALL {
        let plans = plans(budget).unwrap();
        let mut year = 0;
        for plan in &plans {
            let sum: u64 = plan.levels.iter().map(|level| level.cost.nano()).sum();
            assert_eq!(sum, plan.cost.nano());
            assert!(
                sum * RELEASES_A_YEAR <= plan.year.nano(),
                "{budget} {}",
                plan.table.code
            );
            year += sum * RELEASES_A_YEAR;
        }
        assert!(year <= budget.per_year().nano(), "{budget}: {year}");
    }
}

/// The share of a block's cost that table F spends on one person within one calendar year is largest when the person enrols
/// in a first quarter. Even then, with all other tables, the year's budget holds for the tables released now.
#[test]
fn the_running_total_of_one_year_still_fits_the_budget_today() {
    let r = Toeplitz::new(HORIZON).unwrap();
    let first: u128 = r.coefficients()[..4]
        .iter()
        .map(|r| r.unsigned_abs().pow(2))
        .sum();
    for budget in Budget::ALL {
        let mut year = 0;
        for plan in plans(budget).unwrap() {
            year += match plan.table.mechanism {
                Mechanism::RunningTotal => plan.levels[0].sigma.cost(first).unwrap().nano(),
                Mechanism::Independent => plan.cost.nano() * RELEASES_A_YEAR,
            };
        }
        assert!(year <= budget.per_year().nano(), "{budget}: {year}");
    }
}

#[test]
fn shares_and_codes_are_sound() {
    for table in TABLES {
        let whole: u64 = 300;
        let parts: u64 = table
            .levels
            .iter()
            .map(|level| whole * level.part.of / level.part.in_all)
            .sum();
        assert!(parts <= whole, "{}", table.code);
        for pair in table.levels.windows(2) {
            assert!(
                pair[1].dimensions.starts_with(pair[0].dimensions),
                "levels refine each other"
            );
        }
        assert_eq!(
            TABLES
                .iter()
                .filter(|other| other.code == table.code || other.source == table.source)
                .count(),
            1
        );
    }
    let shares: u64 = TABLES
        .iter()
        .map(|table| 100 * table.share.of / table.share.in_all)
        .sum();
    assert!(shares <= 100);
}

#[test]
fn every_cell_is_listed_once_in_order() {
    let cities: Vec<CityCode> = (0..5).map(|n| CityCode::new(n).unwrap()).collect();
    for table in TABLES {
        for level in table.levels {
            let cells = level.cells(table.source, &cities);
            let expected = if level.dimensions.contains(&Dimension::City) {
                5
            } else {
                1
            } * if level.dimensions.contains(&Dimension::Group) {
                6
            } else {
                1
            };
            assert_eq!(cells.len(), expected);
            assert!(cells.windows(2).all(|pair| pair[0] < pair[1]));
            for cell in cells {
                assert_eq!(level.cell_of(cell.with_slot(1)), cell);
            }
        }
    }
}

#[test]
fn the_hash_changes_with_every_public_parameter() {
    let period: crypto::day::Quarter = "2026Q1".parse().unwrap();
    let cities = [CityCode::OTHER, CityCode::new(1).unwrap()];
    let of = |period, version, budget, cities: &[CityCode]| {
        parameters_hash(
            Subject { period, version },
            budget,
            cities,
            &plans(budget).unwrap(),
        )
        .unwrap()
    };
    let base = of(period, 1, Budget::Default, &cities);
    assert_eq!(base, of(period, 1, Budget::Default, &cities));
    for other in [
        of(period.next(), 1, Budget::Default, &cities),
        of(period, 2, Budget::Default, &cities),
        of(period, 1, Budget::Strict, &cities),
        of(period, 1, Budget::Default, &cities[..1]),
    ] {
        assert_ne!(base, other);
    }
}

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use super::*;

fn sizes() -> Sizes {
    Sizes {
        active: 3_000,
        drop_outs: 510,
        first: 800,
        cities: 4,
        services: 20,
        services_each: 1.7,
        quarter: 1,
    }
}

#[test]
fn the_pilot_has_the_errors_that_the_documents_state() {
    let planned = expected(Budget::Default, &sizes()).unwrap();
    let find = |table, level| {
        *planned
            .iter()
            .find(|line| line.table == table && line.level == level)
            .unwrap()
    };
    // docs/privacy.md, section 4: half-widths under the default budget.
    for (table, level, half) in [
        ("A", "total", 37.5),
        ("A", "city", 28.2),
        ("A", "city-group", 21.7),
        ("B", "service", 50.8),
        ("D", "total", 48.8),
        ("D", "city", 47.0),
    ] {
        assert!(
            (find(table, level).half_width() - half).abs() < 0.6,
            "{table} {level}"
        );
    }
    assert_eq!(find("A", "city-group").mean, Some(125.0));
    assert!(find("A", "total").relative_error().unwrap() < 0.006);
    assert_eq!(find("A", "city-group").low, Some(false));
    assert_eq!(find("D", "city").low, Some(true));
    assert_eq!(
        find("E", "city").mean,
        None,
        "nobody said how many come back"
    );
}

#[test]
fn smaller_budgets_and_longer_programmes_are_noisier() {
    let sd = |budget, quarter, table: &str, series| {
        let planned = expected(budget, &Sizes { quarter, ..sizes() }).unwrap();
        planned
            .iter()
            .find(|line| line.table == table && line.series == series)
            .unwrap()
            .sd
    };
    let [strict, default, wide] = Budget::ALL.map(|budget| sd(budget, 1, "A", Series::Count));
    assert!(strict > default && default > wide);
    let total = |quarter| sd(Budget::Default, quarter, "F", Series::Cumulative);
    assert!(total(1) < total(20) && total(20) < total(21));
    assert!(
        (total(40).powi(2) - 2.0 * total(20).powi(2)).abs() < 1e-6,
        "blocks add up"
    );
}

#[test]
fn impossible_sizes_are_refused() {
    let with = |cities, quarter| {
        expected(
            Budget::Default,
            &Sizes {
                cities,
                quarter,
                ..sizes()
            },
        )
    };
    assert_eq!(with(0, 1), Err(PlanError::Cities));
    assert_eq!(with(u16::MAX, 1), Err(PlanError::Cities));
    assert_eq!(with(1, 0), Err(PlanError::Quarters));
    assert_eq!(with(1, LONGEST + 1), Err(PlanError::Quarters));
    assert!(with(4_095, 1).is_ok());
    let none = Sizes {
        active: 0,
        ..sizes()
    };
    let planned = expected(Budget::Default, &none).unwrap();
    assert!(
        planned
            .first()
            .unwrap()
            .relative_error()
            .unwrap()
            .is_infinite()
    );
}

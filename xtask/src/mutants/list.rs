//! The mutants: mistakes that would break what docs/privacy.md promises, and nothing else that a reader would see.

use super::mutant::Mutant;

/// Tests of what one person can add.
const BOUNDS: &[&str] = &[
    "proofs::accounting::no_history_costs_more_than_is_debited",
    "proofs::accounting::the_worst",
    "proofs::accounting::a_sensitivity",
    "project::tests::of_",
    "project::tests::one_kit",
    "project::tests::the_caps_hold",
    "project::cohort",
    "proofs::bounds",
];
/// Tests of scales and debits.
const DEBITS: &[&str] = &[
    "proofs::accounting::the_worst",
    "catalogue::tests",
    "sigma::tests",
    "proofs::bounds",
];
/// Tests of the ledger.
const LEDGERS: &[&str] = &[
    "close::tests",
    "close::revise::tests",
    "proofs::choices",
    "ledger",
];
/// Tests of what is measured.
const MEASURED: &[&str] = &[
    "measure::",
    "proofs::pilot::two_draws",
    "proofs::pilot::running",
];
/// Tests of what is computed from measurements.
const ESTIMATES: &[&str] = &["estimate::", "rates::", "wls::", "proofs::pilot::published"];
/// Tests of booking.
const BOOKING: &[&str] = &[
    "intake::accept::tests",
    "project::tests::of_",
    "project::cohort",
    "proofs::bounds",
];

const PROJECT: &str = "indicators/src/project.rs";
const CAPS: &str = "indicators/src/contribution.rs";
const COHORT: &str = "indicators/src/project/cohort.rs";
const MEASURE: &str = "analytics/src/measure/draw.rs";
const LEDGER: &str = "analytics/src/ledger.rs";
const PLAN: &str = "privacy/src/catalogue/plan.rs";
const TABLES: &str = "privacy/src/catalogue/tables.rs";

/// Every mutant.
pub(super) const MUTANTS: &[Mutant] = &[
    // Debits.
    Mutant {
        name: "cost-rounded-down",
        file: "privacy/src/sigma.rs",
        old: "u64::try_from(above.div_ceil(below))",
        new: "u64::try_from(above / below)",
        tests: DEBITS,
    },
    Mutant {
        name: "share-of-a-table-passed",
        file: "privacy/src/ledger.rs",
        old: "let within = *table <= plan.year;",
        new: "let within = *table <= budget.per_year();",
        tests: LEDGERS,
    },
    Mutant {
        name: "other-parameters-under-the-same-debit",
        file: LEDGER,
        old: "Self::Reserved(known) if known != *parameters",
        new: "Self::Reserved(known) if known.is_empty()",
        tests: LEDGERS,
    },
    // Booking.
    Mutant {
        name: "ties-without-the-key",
        file: PROJECT,
        old: "digest::keyed(self.key, &input)",
        new: "digest::keyed(&[0; 32], &input)",
        tests: BOOKING,
    },
    Mutant {
        name: "memory-of-the-person-before",
        file: COHORT,
        old: "openings.clear();",
        new: "",
        tests: BOOKING,
    },
    Mutant {
        name: "closed-quarters-change",
        file: "analytics/src/intake/book.rs",
        old: "|row: &Owned| row.0.period < open",
        new: "|row: &Owned| row.0.period.next() < open",
        tests: BOOKING,
    },
    // Noise.
    Mutant {
        name: "cells-of-a-level-share-noise",
        file: MEASURE,
        old: "    for cell in level.level.cells(table.source, scope) {
        let count = i128::from(exact.get(&cell).copied().unwrap_or(0));
        let key = (table.code, level.level.code, scope.period, cell);
        values.insert(key, noisy(count, level)?);",
        new: "    let shared = noisy(0, level)?;
    for cell in level.level.cells(table.source, scope) {
        let count = exact.get(&cell).copied().unwrap_or(0);
        let key = (table.code, level.level.code, scope.period, cell);
        values.insert(key, count + shared);",
        tests: MEASURED,
    },
    Mutant {
        name: "empty-cells-without-noise",
        file: MEASURE,
        old: "values.insert(key, noisy(count, level)?);",
        new: "values.insert(key, if count == 0 { 0 } else { noisy(count, level)? });",
        tests: MEASURED,
    },
    Mutant {
        name: "running-totals-without-noise",
        file: MEASURE,
        old: "noisy(toeplitz.combine(&counts)?, level)?",
        new: "i64::try_from(toeplitz.combine(&counts)?).unwrap_or(level.sigma.parts().0 as i64)",
        tests: MEASURED,
    },
    Mutant {
        name: "courses-without-noise",
        file: MEASURE,
        old: "noisy(moved, level)?",
        new: "i64::try_from(moved).unwrap_or(level.sigma.parts().0 as i64)",
        tests: MEASURED,
    },
    Mutant {
        name: "noise-halved-when-added",
        file: MEASURE,
        old: "noise::discrete_gaussian(level.sigma)?",
        new: "noise::discrete_gaussian(level.sigma)? / 2",
        tests: MEASURED,
    },
    Mutant {
        name: "measurements-clamped-at-zero",
        file: MEASURE,
        old: "let sum = count.saturating_add(noise::discrete_gaussian(level.sigma)?);",
        new: "let sum = count.saturating_add(noise::discrete_gaussian(level.sigma)?).max(0);",
        tests: MEASURED,
    },
    Mutant {
        name: "empty-cells-left-out",
        file: MEASURE,
        old: "let count = i128::from(exact.get(&cell).copied().unwrap_or(0));",
        new: "let count = i128::from(exact.get(&cell).copied().unwrap_or(0));
        if count == 0 {
            continue;
        }",
        tests: MEASURED,
    },
    Mutant {
        name: "scale-halved",
        file: "analytics/src/measure/noise.rs",
        old: "UBig::from(denominator)",
        new: "UBig::from(2 * denominator)",
        tests: MEASURED,
    },
    // Estimates.
    Mutant {
        name: "estimates-clamped-before-summing",
        file: "release/src/estimate/forest.rs",
        old: "Decimal::nearest(estimate)",
        new: "Decimal::nearest(estimate.max(0.0))",
        tests: ESTIMATES,
    },
    Mutant {
        name: "rising-course-as-estimate",
        file: "release/src/estimate/cohort.rs",
        old: "one.shown = Some(shown);",
        new: "one.estimate = Decimal::nearest(shown as f64);",
        tests: ESTIMATES,
    },
    Mutant {
        name: "rates-without-covariance",
        file: "release/src/rates.rs",
        old: "self.above * self.below - z * self.covariance",
        new: "self.above * self.below",
        tests: ESTIMATES,
    },
    // Bounds.
    Mutant {
        name: "two-active-cells",
        file: PROJECT,
        old: "found = Some(city);",
        new: "found = Some(city);
            out.push(Contribution {
                period,
                cell: Cell::new(Tab::Active, city, 0, Some(GroupCode::UNKNOWN)),
            });",
        tests: BOUNDS,
    },
    Mutant {
        name: "four-services-in-a-quarter",
        file: CAPS,
        old: "services_per_quarter: 3,",
        new: "services_per_quarter: 4,",
        tests: BOUNDS,
    },
    Mutant {
        name: "three-flows-in-a-year",
        file: CAPS,
        old: "flows_per_year: 2,",
        new: "flows_per_year: 3,",
        tests: BOUNDS,
    },
    Mutant {
        name: "two-flows-of-a-service",
        file: CAPS,
        old: "flows_per_service_year: 1,",
        new: "flows_per_service_year: 2,",
        tests: BOUNDS,
    },
    Mutant {
        name: "two-silent-transfers",
        file: CAPS,
        old: "silent_transfers_per_year: 1,",
        new: "silent_transfers_per_year: 2,",
        tests: BOUNDS,
    },
    Mutant {
        name: "two-cohorts-of-a-person",
        file: CAPS,
        old: "\n    cohorts_per_year: 1,",
        new: "\n    cohorts_per_year: 2,",
        tests: BOUNDS,
    },
    Mutant {
        name: "three-service-cohorts",
        file: CAPS,
        old: "service_cohorts_per_year: 2,",
        new: "service_cohorts_per_year: 3,",
        tests: BOUNDS,
    },
    Mutant {
        name: "first-enrolment-of-two-services",
        file: PROJECT,
        old: "if let Some((episode, _)) = self.service_episodes().next() {",
        new: "for (episode, _) in self.service_episodes().take(2) {",
        tests: BOUNDS,
    },
    Mutant {
        name: "nested-stages-of-the-cascade",
        file: "indicators/src/project/cascade.rs",
        old: "let cell = Cell::new(Tab::Cascade, city, 0, None);",
        new: "let cell = Cell::new(Tab::Cascade, city, 0, None);
        if treated {
            let item = Stage::KnowsStatus.item();
            out.push(Contribution {
                period,
                cell: cell.with_item(item),
            });
        }",
        tests: BOUNDS,
    },
    Mutant {
        name: "two-delays-of-a-linkage",
        file: "indicators/src/project/linkage.rs",
        old: "let cell = Cell::new(Tab::Linkage, city, 0, None);",
        new: "let cell = Cell::new(Tab::Linkage, city, 0, None);
        if days.is_some() {
            out.push(Contribution {
                period,
                cell: cell.with_item(Delay::of(None).item()),
            });
        }",
        tests: BOUNDS,
    },
    // Scales and debits.
    Mutant {
        name: "last-level-not-debited",
        file: PLAN,
        old: "    let cost = levels
        .iter()",
        new: "    let cost = levels
        .iter()
        .take(levels.len() - 1)",
        tests: DEBITS,
    },
    Mutant {
        name: "two-drop-outs-squared-as-two",
        file: TABLES,
        old: "share: percent(9),
        every: Every::Quarter,
        span: 4,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts(\"total\", &[], 4, THIRD),",
        new: "share: percent(9),
        every: Every::Quarter,
        span: 4,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts(\"total\", &[], 2, THIRD),",
        tests: DEBITS,
    },
    Mutant {
        name: "running-totals-moved-three-quarters",
        file: PLAN,
        old: "norm_squared_of(RELEASES_A_YEAR as usize)",
        new: "norm_squared_of(3)",
        tests: DEBITS,
    },
    Mutant {
        name: "course-norm-left-out",
        file: PLAN,
        old: "Toeplitz::new(u32::from(BINS))?.norm_squared(),",
        new: "1,",
        tests: DEBITS,
    },
];

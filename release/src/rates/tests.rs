#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use privacy::budget::Budget;
use privacy::catalogue::plans_of;
use privacy::testing::{exact, leaves, scope};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::estimate;

const fn ratio(above: f64, below: f64, variances: (f64, f64), covariance: f64) -> Ratio {
    Ratio {
        above,
        below,
        above_variance: variances.0,
        below_variance: variances.1,
        covariance,
    }
}

/// Ends of the range are exactly the ratios that a test at 5 % just does not refuse.
#[test]
fn the_ends_are_where_the_test_begins_to_refuse() {
    for one in [
        ratio(50.0, 400.0, (90.0, 120.0), 0.0),
        ratio(-5.0, 300.0, (90.0, 120.0), 40.0),
        ratio(280.0, 300.0, (200.0, 250.0), 210.0),
    ] {
        let range = one.fieller().unwrap();
        for end in [range.lo, range.hi] {
            let distance = one.above - end * one.below;
            let variance =
                one.above_variance - 2.0 * end * one.covariance + end * end * one.below_variance;
            assert!((distance.powi(2) / variance - Z * Z).abs() < 1e-6);
        }
        assert!(range.lo < range.estimate && range.estimate < range.hi);
    }
}

#[test]
fn a_denominator_within_four_deviations_of_zero_has_no_rate() {
    assert!(ratio(3.0, 40.0, (1.0, 100.0), 0.0).fieller().is_none());
    assert!(ratio(3.0, 40.1, (1.0, 100.0), 0.0).fieller().is_some());
    assert!(ratio(3.0, -500.0, (1.0, 100.0), 0.0).fieller().is_none());
    assert!(ratio(3.0, 0.0, (1.0, 1.0), 0.0).fieller().is_none());
}

fn gauss(rng: &mut ChaCha20Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.gen_range(f64::EPSILON..1.0), rng.gen_range(0.0..1.0));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// 20,000 draws with a fixed seed: between 94 and 96 of 100 ranges hold the true ratio, correlated noise included.
#[test]
fn ranges_hold_the_truth_in_95_of_100_cases() {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    for (above, below, shared) in [
        (128.0, 750.0, 0.0),
        (150.0, 450.0, 0.6),
        (430.0, 450.0, 0.9),
    ] {
        let (s, t) = (20.0, 25.0);
        let mut held = 0;
        for _ in 0..20_000 {
            let common = gauss(&mut rng);
            let own = (1.0f64 - shared * shared).sqrt() * gauss(&mut rng);
            let drawn = ratio(
                above + s * common,
                below + t * (shared * common + own),
                (s * s, t * t),
                shared * s * t,
            );
            let truth = above / below;
            held += i32::from(
                drawn
                    .fieller()
                    .is_none_or(|range| range.lo <= truth && truth <= range.hi),
            );
        }
        assert!((18_800..=19_200).contains(&held), "{held}");
    }
}

/// What happens to many small places, of every size and rate: how many rates were shown, of places where nobody is, and how many
/// of the shown ranges hold the truth.
struct Shown {
    rates: u32,
    of_nobody: u32,
    held: u32,
}

/// Draws `count` places whose denominators lie between `sizes` (in standard deviations of the noise); a quarter has nobody. `parts` is
/// how numerator and denominator are made of independent measurements, as `part_of` takes them.
fn shown(rng: &mut ChaCha20Rng, count: u32, sizes: (f64, f64), overlap: bool) -> Shown {
    let mut all = Shown {
        rates: 0,
        of_nobody: 0,
        held: 0,
    };
    for number in 0..count {
        // Three parts with the same noise, so that the denominator has a deviation of 1.
        let noise = (1.0_f64 / 3.0).sqrt();
        let size = if number % 4 == 0 {
            0.0
        } else {
            rng.gen_range(sizes.0..sizes.1)
        };
        let rate: f64 = rng.gen_range(0.0..1.0);
        let truths = [
            size * rate,
            size * (1.0 - rate) / 2.0,
            size * (1.0 - rate) / 2.0,
        ];
        let parts = truths.map(|truth| (truth + noise * gauss(rng), noise * noise));
        let drawn = if overlap {
            part_of(&parts, |item| item == 0, |_| true)
        } else {
            let own = (size * rate + 1.5 * gauss(rng), 2.25);
            let below = parts.iter().map(|part| part.0).sum();
            independent(own, (below, 1.0))
        };
        let Some(range) = drawn.fieller() else {
            continue;
        };
        all.rates += 1;
        all.of_nobody += u32::from(size == 0.0);
        all.held += u32::from(size > 0.0 && range.lo <= rate && rate <= range.hi);
    }
    all
}

/// Given that a rate is shown: 94 to 96 of 100 ranges hold the truth, and places where nobody is have none. False alarms: with some
/// 60,000 rates shown the share has a deviation below 0.1 of 100, so ten deviations lie between 95 and either end; of 25,000 places
/// without anybody 0.8 are shown on average, and more than 12 in fewer than one of 10^9 runs.
#[test]
fn ranges_of_the_rates_that_are_shown_hold_the_truth_and_nobody_has_none() {
    let mut rng = ChaCha20Rng::from_seed([4; 32]);
    for overlap in [false, true] {
        let seen = shown(&mut rng, 100_000, (0.0, 40.0), overlap);
        let share = f64::from(seen.held) / f64::from(seen.rates);
        assert!((0.94..=0.96).contains(&share), "{share} of {}", seen.rates);
        assert!(seen.of_nobody <= 12, "{}", seen.of_nobody);
        assert!(seen.rates > 60_000);
        // Many equal places just at the floor: shown one time in two.
        let seen = shown(&mut rng, 100_000, (3.999, 4.001), overlap);
        let share = f64::from(seen.held) / f64::from(seen.rates);
        assert!((0.94..=0.97).contains(&share), "{share} of {}", seen.rates);
    }
}

/// Without noise every rate is the ratio of the true counts, and each says of whom.
#[test]
fn rates_of_a_made_up_year_are_the_true_ratios() {
    let scope = scope("2027Q4", 2, Budget::Wide);
    let plans = plans_of(&scope).unwrap();
    let mut values = Measurements::new();
    for plan in &plans {
        let count = |cell: privacy::cell::Cell| match plan.table.code {
            "A" => 2_000,
            "D" => 40,
            "C" => 1_000 * i64::from(cell.item()),
            "L" => 1_000,
            "G" => 100,
            _ => 0,
        };
        let leaves = leaves(plan, &scope);
        values.extend(exact(plan, &scope, &leaves, |_, cell| count(cell)));
    }
    let tables: Vec<Estimated<'_>> = plans
        .iter()
        .map(|plan| (plan, estimate::table(plan, &scope, &values).unwrap()))
        .collect();
    let found = rates(&tables, &scope, &values).unwrap();
    let of = |name: &str, city: Option<CityCode>, day: Option<u16>| {
        let same = |rate: &&Rate| {
            (rate.rate, rate.city, rate.day, rate.service) == (name, city, day, None)
        };
        found.iter().find(same).unwrap().interval.unwrap().estimate
    };
    let near =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    let services = scope.services.len() as f64;
    near(of("drop-out", None, None), services * 40.0 / 12_000.0);
    near(of("on-treatment", None, None), 5.0 / 6.0);
    near(of("suppressed", CityCode::new(1).ok(), None), 3.0 / 5.0);
    near(of("linked", None, Some(28)), 0.5);
    near(of("linked", CityCode::new(2).ok(), Some(7)), 0.25);
    // 100 still there, 100 a bin dropped out, 600 a bin left in six other ways: 8,500 in all.
    near(of("dropped-out", None, Some(90)), 600.0 / 8_500.0);
    near(of("retained", None, Some(180)), 100.0 / 8_500.0);
    near(of("retained-others", None, Some(180)), 100.0 / 1_300.0);
    assert!(found.iter().all(|rate| !rate.denominator.is_empty()));
    let services = found.iter().filter(|rate| rate.service.is_some()).count();
    assert_eq!(services, 3 * 16, "services with a cohort");
    let unknown = found.iter().find(|rate| rate.service.is_some()).unwrap();
    assert_eq!(unknown.interval, None, "nobody was in it");
}

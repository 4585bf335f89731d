#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
//! Every bound here has a stated chance of a false alarm of at most 1e-7.
use super::*;
use privacy::budget::Budget;
use privacy::epsilon::{DELTAS, epsilon};
use privacy::rho::NanoRho;

/// The distribution function by direct summation, independent of the sampler.
fn distribution(sigma: f64, reach: i64) -> Vec<f64> {
    let weights: Vec<f64> = (-reach..=reach)
        .map(|x| (-(x * x) as f64 / (2.0 * sigma * sigma)).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect()
}

/// Dvoretzky-Kiefer-Wolfowitz-Massart: `P(sup |F_n - F| > e) <= 2 exp(-2 n e^2)`, for discrete laws too.
fn check_fit(sigma: Sigma, draws: usize) {
    let reach = (sigma.value() * 12.0).ceil() as i64;
    let mut seen = vec![0usize; usize::try_from(2 * reach + 1).unwrap()];
    for _ in 0..draws {
        let draw = discrete_gaussian(sigma)
            .unwrap()
            .clamp(i128::from(-reach), i128::from(reach));
        seen[usize::try_from(draw + i128::from(reach)).unwrap()] += 1;
    }
    let mut below = 0;
    let gap = distribution(sigma.value(), reach)
        .iter()
        .zip(&seen)
        .map(|(expected, seen)| {
            below += seen;
            (below as f64 / draws as f64 - expected).abs()
        })
        .fold(0.0, f64::max);
    let allowed = ((2.0f64 / 1e-7).ln() / (2.0 * draws as f64)).sqrt();
    assert!(
        gap <= allowed,
        "sigma {sigma}: largest gap {gap}, allowed {allowed}"
    );
}

#[test]
fn draws_follow_the_discrete_gaussian() {
    for numerator in ["20/64", "64/64", "335/64", "1437/64"] {
        check_fit(numerator.parse().unwrap(), 60_000);
    }
}

/// Mean and variance of 60,000 draws within 5.5 standard errors (false alarm 4e-8 each for the nearly normal statistics).
#[test]
fn mean_and_variance_are_right() {
    let sigma: Sigma = "1437/64".parse().unwrap();
    let (draws, value) = (60_000, sigma.value());
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..draws {
        let draw = discrete_gaussian(sigma).unwrap() as f64;
        sum += draw;
        squares += draw * draw;
    }
    let n = f64::from(draws);
    assert!((sum / n).abs() < 5.5 * value / n.sqrt(), "mean {}", sum / n);
    assert!(
        (squares / n / value.powi(2) - 1.0).abs() < 5.5 * (2.0 / n).sqrt(),
        "variance {}",
        squares / n
    );
}

/// Large scales (the Toeplitz table) still give every residue: the low bit is fair within 5.5 standard errors.
#[test]
fn large_scales_leave_no_pattern_in_the_low_bits() {
    let sigma = Sigma::least(1 << 76, NanoRho::new(44_100_000), 1).unwrap();
    let draws = 20_000;
    let odd = (0..draws)
        .filter(|_| discrete_gaussian(sigma).unwrap() & 1 == 1)
        .count();
    assert!(
        (odd as f64 / f64::from(draws) - 0.5).abs() < 5.5 * 0.5 / f64::from(draws).sqrt(),
        "{odd}"
    );
}

/// Two runs never agree (chance of 40 equal draws below 1e-60).
#[test]
fn draws_are_not_reproducible() {
    let sigma: Sigma = "1437/64".parse().unwrap();
    let run = || {
        (0..40)
            .map(|_| discrete_gaussian(sigma).unwrap())
            .collect::<Vec<_>>()
    };
    assert_ne!(run(), run());
}

/// The twelve constants of a release among them.
#[test]
fn epsilon_agrees_with_opendp() {
    let small = [1, 991_783].map(NanoRho::new);
    let years = Budget::ALL.map(Budget::per_year);
    let tens = years.map(|year| NanoRho::new(year.nano() * 10));
    for loss in small.iter().chain(&years).chain(&tens) {
        for delta in DELTAS {
            let (found, told) = (
                epsilon(*loss, delta),
                oracle::epsilon(loss.rho(), delta).unwrap(),
            );
            assert!(
                (found - told).abs() < 1e-6,
                "{loss} at {delta:e}: {found} against {told}"
            );
        }
    }
    for budget in Budget::ALL {
        for stated in budget.stated() {
            for (years, told) in [(1, stated.epsilon_year), (10, stated.epsilon_ten_years)] {
                let loss = NanoRho::new(budget.per_year().nano() * years);
                let exact = oracle::epsilon(loss.rho(), stated.delta).unwrap();
                assert_eq!((exact * 1000.0).ceil() / 1000.0, told, "{budget}");
            }
        }
    }
}

//! The few special functions that the verdicts need: error probabilities of the normal, chi-squared, Student and binomial
//! distributions, and the exact interval of Clopper and Pearson (1934).
//!
//! Model: regularised incomplete gamma and beta functions by series and continued fractions (Abramowitz and Stegun 6.5.29,
//! 6.5.31, 26.5.8), to about 12 digits for arguments up to some millions. Written here so that the audit shares no code with
//! what it judges.

/// Steps after which a series or a fraction is taken as it stands; a few times the root of the largest argument.
const STEPS: u32 = 200_000;
const TINY: f64 = 1e-300;
const ENOUGH: f64 = 1e-14;

/// Natural logarithm of the gamma function for `x > 0` (Lanczos, nine terms).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let t = x + 7.5;
    let mut sum = 0.999_999_999_999_809_9;
    let mut at = x;
    for term in TERMS {
        at += 1.0;
        sum += term / at;
    }
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Regularised incomplete gamma functions `(P, Q)` of shape `a > 0` at `x >= 0`.
fn gamma_parts(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut at) = (1.0 / a, 1.0 / a, a);
        for _ in 0..STEPS {
            at += 1.0;
            term *= x / at;
            sum += term;
            if term < sum * ENOUGH {
                break;
            }
        }
        let below = (front * sum).min(1.0);
        return (below, 1.0 - below);
    }
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..STEPS {
        let i = f64::from(step);
        let above = -i * (i - a);
        b += 2.0;
        d = 1.0 / away(above * d + b);
        c = away(b + above / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() < ENOUGH {
            break;
        }
    }
    let above = (front * fraction).min(1.0);
    (1.0 - above, above)
}

/// Keeps a denominator away from zero.
fn away(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// Regularised incomplete beta function of `a, b > 0` at `x` in 0..=1.
#[must_use]
pub(crate) fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    if x < (a + 1.0) / (a + b + 2.0) {
        log.exp() * beta_fraction(a, b, x) / a
    } else {
        1.0 - log.exp() * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() < ENOUGH {
            break;
        }
    }
    fraction
}

/// The standard normal distribution function.
#[must_use]
pub(crate) fn phi(x: f64) -> f64 {
    let (below, above) = gamma_parts(0.5, x * x / 2.0);
    if x < 0.0 {
        above / 2.0
    } else {
        0.5 + below / 2.0
    }
}

/// Its inverse, by bisection; probabilities of 0 and 1 give -40 and 40.
#[must_use]
pub(crate) fn phi_inverse(p: f64) -> f64 {
    if p > 0.5 {
        return -phi_inverse(1.0 - p);
    }
    let (mut low, mut high) = (-40.0, 0.0);
    for _ in 0..70 {
        let middle = (low + high) / 2.0;
        if phi(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Two-sided error probability of a standard normal value.
#[must_use]
pub(crate) fn p_normal(z: f64) -> f64 {
    gamma_parts(0.5, z * z / 2.0).1
}

/// Two-sided error probability of a sum of `n` squared standard normal values.
#[must_use]
pub(crate) fn p_squares(sum: f64, n: usize) -> f64 {
    let (below, above) = gamma_parts(n as f64 / 2.0, sum / 2.0);
    (2.0 * below.min(above)).min(1.0)
}

/// Two-sided error probability of the correlation `r` of `n` pairs whose means are known to be zero: exact when one side is
/// normal and independent of the other.
#[must_use]
pub(crate) fn p_correlation(r: f64, n: usize) -> f64 {
    let freedom = n as f64 - 1.0;
    beta(freedom / 2.0, 0.5, (1.0 - r * r).max(0.0))
}

/// Two-sided error probability of `k` heads of `n` fair coins.
#[must_use]
pub(crate) fn p_coins(k: usize, n: usize) -> f64 {
    let tail = |k: usize| {
        if k == 0 {
            1.0
        } else {
            beta(k as f64, (n - k) as f64 + 1.0, 0.5)
        }
    };
    (2.0 * tail(k).min(tail(n - k))).min(1.0)
}

/// Bound on the error probability of a largest distance `d` between the empirical and the true distribution function of `n`
/// independent values, whatever the distribution (Dvoretzky, Kiefer, Wolfowitz; Massart 1990).
#[must_use]
pub(crate) fn p_distance(d: f64, n: usize) -> f64 {
    (2.0 * (-2.0 * n as f64 * d * d).exp()).min(1.0)
}

/// Bound on the probability of `k` or more of independent rare events with `expected` in the mean (Chernoff).
#[must_use]
pub(crate) fn p_too_many(k: usize, expected: f64) -> f64 {
    let k = k as f64;
    if k <= expected {
        return 1.0;
    }
    (k - expected - k * (k / expected.max(TINY)).ln()).exp()
}

/// Clopper and Pearson's lower end for `k` of `n` at one-sided error `alpha`.
#[must_use]
pub(crate) fn rate_at_least(k: usize, n: usize, alpha: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if beta(k as f64, (n - k) as f64 + 1.0, middle) < alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Clopper and Pearson's upper end.
#[must_use]
pub(crate) fn rate_at_most(k: usize, n: usize, alpha: f64) -> f64 {
    1.0 - rate_at_least(n - k, n, alpha)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn near(found: f64, wanted: f64) {
        assert!(
            (found - wanted).abs() <= wanted.abs() * 1e-6,
            "{found} {wanted}"
        );
    }

    #[test]
    fn the_functions_agree_with_printed_tables() {
        near(phi(1.959_963_984_540_054), 0.975);
        near(phi_inverse(0.975), 1.959_963_984_540_054);
        near(phi_inverse(1e-9), -5.997_807_015_007_687);
        near(p_normal(6.0), 1.973_175_290_075_396e-9);
        // Chi-squared with 10 degrees of freedom: 18.307 is its 95 % point.
        near(p_squares(18.307_038_053_275_15, 10), 0.1);
        // Student with 9 degrees of freedom: t = 2.262 is two-sided 5 %.
        let t: f64 = 2.262_157_162_740_99;
        near(p_correlation((t * t / (9.0 + t * t)).sqrt(), 10), 0.05);
        near(p_coins(0, 10), 2.0 / 1024.0);
        near(p_coins(10, 10), 2.0 / 1024.0);
        // 0 of 10 at 2.5 %: at most 30.85 %; 5 of 10: at least 18.71 %.
        near(rate_at_most(0, 10, 0.025), 0.308_497_104_7);
        near(rate_at_least(5, 10, 0.025), 0.187_086_028_4);
    }

    #[test]
    fn large_numbers_stay_in_range() {
        let p = p_squares(1_000_000.0, 1_000_000);
        assert!(p > 0.9 && p <= 1.0, "{p}");
        assert!(p_squares(1_010_000.0, 1_000_000) < 1e-9);
        assert!(p_coins(500_000, 1_000_000) > 0.9);
        assert!(rate_at_least(15_000, 30_000, 1e-10) < 0.5);
    }
}

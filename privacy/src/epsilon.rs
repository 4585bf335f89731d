//! What a loss in rho means as (epsilon, delta), for people to read; nothing is decided by it.
//!
//! `rho`-zCDP is (epsilon, delta)-differentially private for the least value, over all orders `alpha > 1`, of
//!
//! ```text
//! rho alpha + ln(1 / (alpha delta)) / (alpha - 1) + ln(1 - 1 / alpha)
//! ```
//!
//! (Canonne, Kamath and Steinke 2020, proposition 7.) Every order gives a true bound, so a search that stops beside the least
//! one errs towards the larger epsilon. What a release states is not computed here but written down: see
//! [`Budget::stated`](crate::budget::Budget::stated).

use crate::rho::NanoRho;

/// The deltas at which epsilon is told: 1e-6 for programmes far below a million people, 1e-9 for nations.
pub const DELTAS: [f64; 2] = [1e-6, 1e-9];

/// Steps of the golden section; each leaves 0.618 of the interval.
const STEPS: usize = 100;
/// Orders searched: `alpha - 1` from `exp(-16)` to `exp(16)`, which holds the best one for every loss of 64 bits.
const REACH: f64 = 16.0;

/// The epsilon of a loss at `delta`, above 0 and below 1; at the ends what is true there: infinite at 0, none at 1.
#[must_use]
pub fn epsilon(loss: NanoRho, delta: f64) -> f64 {
    if loss == NanoRho::ZERO || delta >= 1.0 {
        return 0.0;
    }
    let (rho, ratio) = (loss.rho(), (5.0_f64.sqrt() - 1.0) / 2.0);
    let (mut low, mut high) = (-REACH, REACH);
    for _ in 0..STEPS {
        let step = ratio * (high - low);
        if at_order(rho, delta, high - step) < at_order(rho, delta, low + step) {
            high = low + step;
        } else {
            low = high - step;
        }
    }
    at_order(rho, delta, (low + high) / 2.0).max(0.0)
}

/// The bound at the order `1 + exp(x)`, in which it falls and then rises.
fn at_order(rho: f64, delta: f64, x: f64) -> f64 {
    let above = x.exp();
    let order = above.ln_1p();
    rho * (1.0 + above) - (delta.ln() + order) / above + x - order
}

#[cfg(test)]
mod tests {
    use crate::epsilon::*;

    #[test]
    fn epsilon_is_the_least_over_a_fine_grid_of_orders() {
        for (nano, delta) in [
            (24_400_000, 1e-6),
            (88_200_000, 1e-6),
            (88_200_000, 1e-9),
            (3_111_000_000, 1e-6_f64),
        ] {
            let loss = NanoRho::new(nano);
            let direct = (1..200_000)
                .map(|step| {
                    let alpha = 1.0 + f64::from(step) * 0.001;
                    loss.rho() * alpha
                        + (1.0 / (alpha * delta)).ln() / (alpha - 1.0)
                        + (1.0 - 1.0 / alpha).ln()
                })
                .fold(f64::INFINITY, f64::min);
            let found = epsilon(loss, delta);
            assert!(
                found <= direct && direct - found < 2e-3,
                "{nano}: {found} against {direct}"
            );
        }
    }

    #[test]
    fn epsilon_grows_with_the_loss_and_ends_where_delta_does() {
        let losses = (0..64).map(|bits| NanoRho::new(1 << bits));
        let all: Vec<f64> = losses.map(|loss| epsilon(loss, 1e-6)).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]), "{all:?}");
        assert!(all.iter().all(|one| one.is_finite()));
        assert_eq!(epsilon(NanoRho::ZERO, 1e-6), 0.0);
        assert_eq!(epsilon(NanoRho::new(1), 0.0), f64::INFINITY);
        assert_eq!(epsilon(NanoRho::new(u64::MAX), 1.0), 0.0);
    }
}

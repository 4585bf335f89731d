//! The privacy budget: integers of nano-rho, and what they mean as (epsilon, delta).
//!
//! Loss is counted in zero-concentrated differential privacy (Bun and Steinke 2016): losses of all tables and years add.
//! One nano-rho is 1e-9 rho. Costs are rounded up and budgets down to whole nano-rho, so that no rounding ever hides a loss
//! and no comparison ever meets a float. The epsilon figures are for reading only; nothing is decided by them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::noise::{self, NoiseError};

/// A privacy loss or allowance in units of 1e-9 rho; non-negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct NanoRho(u64);

impl NanoRho {
    /// No loss.
    pub const ZERO: Self = Self(0);

    /// From whole nano-rho.
    #[must_use]
    pub const fn new(nano: u64) -> Self {
        Self(nano)
    }

    /// Whole nano-rho.
    #[must_use]
    pub const fn nano(self) -> u64 {
        self.0
    }

    /// The sum, or `None` when it does not fit 64 bits.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// What is left of `self` after `spent`, never below zero.
    #[must_use]
    pub const fn left_after(self, spent: Self) -> Self {
        Self(self.0.saturating_sub(spent.0))
    }

    /// The loss as a real number, rounded up.
    #[must_use]
    pub fn rho(self) -> f64 {
        if self.0 == 0 {
            0.0
        } else {
            (self.0 as f64 / 1e9).next_up()
        }
    }
}

impl fmt::Display for NanoRho {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:09}",
            self.0 / 1_000_000_000,
            self.0 % 1_000_000_000
        )
    }
}

/// What one person may lose in one calendar year, chosen once when the programme is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// rho 0.0244: epsilon 1 at delta 1e-6.
    Strict,
    /// rho 0.0882: epsilon 2 at delta 1e-6.
    Default,
    /// rho 0.3111: epsilon 4 at delta 1e-6.
    Wide,
}

/// A word that names no budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the budget is one of strict, default and wide")]
pub struct UnknownBudget;

impl Budget {
    /// Every budget, the tightest first.
    pub const ALL: [Self; 3] = [Self::Strict, Self::Default, Self::Wide];

    /// The allowance of one person and calendar year.
    #[must_use]
    pub const fn per_year(self) -> NanoRho {
        NanoRho(match self {
            Self::Strict => 24_400_000,
            Self::Default => 88_200_000,
            Self::Wide => 311_100_000,
        })
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Default => "default",
            Self::Wide => "wide",
        })
    }
}

impl FromStr for Budget {
    type Err = UnknownBudget;

    fn from_str(text: &str) -> Result<Self, UnknownBudget> {
        Self::ALL
            .into_iter()
            .find(|budget| budget.to_string() == text)
            .ok_or(UnknownBudget)
    }
}

/// The deltas at which epsilon is told: 1e-6 for programmes far below a million people, 1e-9 for nations.
pub const DELTAS: [f64; 2] = [1e-6, 1e-9];

/// The epsilon of a loss at `delta`, by the tight conversion of Canonne, Kamath and Steinke (2020, proposition 7).
///
/// # Errors
/// [`NoiseError`] when delta is not strictly between 0 and 1.
pub fn epsilon(loss: NanoRho, delta: f64) -> Result<f64, NoiseError> {
    if loss == NanoRho::ZERO {
        Ok(0.0)
    } else {
        noise::epsilon(loss.rho(), delta)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_three_budgets_mean_what_the_page_says() {
        for (budget, at_six, at_nine) in [
            (Budget::Strict, 1.0, 1.3),
            (Budget::Default, 2.0, 2.5),
            (Budget::Wide, 4.0, 5.0),
        ] {
            let year = budget.per_year();
            assert!(
                (epsilon(year, 1e-6).unwrap() - at_six).abs() < 0.02,
                "{budget}"
            );
            assert!(
                (epsilon(year, 1e-9).unwrap() - at_nine).abs() < 0.06,
                "{budget}"
            );
        }
        let ten = NanoRho::new(Budget::Default.per_year().nano() * 10);
        assert!((epsilon(ten, 1e-6).unwrap() - 7.2).abs() < 0.1);
    }

    #[test]
    fn budgets_read_their_own_names() {
        for budget in Budget::ALL {
            assert_eq!(budget.to_string().parse::<Budget>().unwrap(), budget);
        }
        assert_eq!("loose".parse::<Budget>(), Err(UnknownBudget));
        assert_eq!(NanoRho::new(88_200_000).to_string(), "0.088200000");
    }
}

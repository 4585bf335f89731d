//! A privacy loss in whole nano-rho.
//!
//! Loss is counted in zero-concentrated differential privacy (Bun and Steinke 2016): losses of all tables and years add.
//! One nano-rho is 1e-9 rho. Costs are rounded up and budgets down to whole nano-rho, so that no rounding ever hides a loss
//! and no comparison ever meets a float.

use std::fmt;

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use crate::rho::*;

    #[test]
    fn losses_are_shown_with_nine_digits() {
        assert_eq!(NanoRho::new(88_200_000).to_string(), "0.088200000");
    }
}

//! The privacy budget of a person and calendar year, and what a release states about it as (epsilon, delta).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::epsilon::DELTAS;
use crate::rho::NanoRho;

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

/// What a budget means at one delta, rounded up to a thousandth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stated {
    /// The delta.
    pub delta: f64,
    /// Epsilon of one year's budget.
    pub epsilon_year: f64,
    /// Epsilon of ten years' budgets.
    pub epsilon_ten_years: f64,
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
        NanoRho::new(match self {
            Self::Strict => 24_400_000,
            Self::Default => 88_200_000,
            Self::Wide => 311_100_000,
        })
    }

    /// What a release states of this budget. Written down, because no two machines promise the same last digit of a
    /// logarithm, and what is signed must come out the same on each.
    #[must_use]
    pub const fn stated(self) -> [Stated; 2] {
        let [million, billion] = match self {
            Self::Strict => [(1.001, 3.495), (1.291, 4.379)],
            Self::Default => [(2.001, 7.222), (2.541, 8.873)],
            Self::Wide => [(4.001, 15.286), (4.995, 18.341)],
        };
        [
            Stated::at(DELTAS[0], million),
            Stated::at(DELTAS[1], billion),
        ]
    }
}

impl Stated {
    const fn at(delta: f64, (epsilon_year, epsilon_ten_years): (f64, f64)) -> Self {
        Self {
            delta,
            epsilon_year,
            epsilon_ten_years,
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::budget::*;
    use crate::epsilon::epsilon;

    #[test]
    fn the_three_budgets_mean_what_the_page_says() {
        for (budget, at_six, at_nine) in [
            (Budget::Strict, 1.0, 1.3),
            (Budget::Default, 2.0, 2.5),
            (Budget::Wide, 4.0, 5.0),
        ] {
            let year = budget.per_year();
            assert!((epsilon(year, 1e-6) - at_six).abs() < 0.02, "{budget}");
            assert!((epsilon(year, 1e-9) - at_nine).abs() < 0.06, "{budget}");
        }
        let ten = NanoRho::new(Budget::Default.per_year().nano() * 10);
        assert!((epsilon(ten, 1e-6) - 7.2).abs() < 0.1);
    }

    #[test]
    fn what_a_release_states_is_epsilon_rounded_up_to_a_thousandth() {
        for budget in Budget::ALL {
            let (year, stated) = (budget.per_year(), budget.stated());
            assert_eq!(stated.map(|one| one.delta), DELTAS);
            for one in stated {
                for (years, told) in [(1, one.epsilon_year), (10, one.epsilon_ten_years)] {
                    let exact = epsilon(NanoRho::new(year.nano() * years), one.delta);
                    assert_eq!((exact * 1000.0).ceil() / 1000.0, told, "{budget}");
                }
            }
        }
    }

    #[test]
    fn budgets_read_their_own_names() {
        for budget in Budget::ALL {
            assert_eq!(budget.to_string().parse::<Budget>().unwrap(), budget);
        }
        assert_eq!("loose".parse::<Budget>(), Err(UnknownBudget));
    }
}

//! What the releases are compared with: two usual ways to add noise, and a bound that no way of this kind can pass.
//!
//! **Lower bound.** Li and Miklau, "Optimal error of query sets under the differentially-private matrix mechanism" (ICDT
//! 2013): a mechanism that adds Gaussian noise to linear measurements and estimates a workload `W` of linear queries over
//! `n` disjoint cells without bias has a total squared error of at least `sigma^2 (s_1 + .. + s_n)^2 / n`, `s_i` the singular
//! values of `W` and `sigma^2` the variance that one count of sensitivity 1 needs. Under zCDP `sigma^2 = 1 / (2 rho)`.

use analytics::measure::noise::discrete_gaussian;
use privacy::budget::Budget;
use privacy::catalogue::{Every, TABLES, Table, plan};
use privacy::rho::NanoRho;
use privacy::sigma::Sigma;

use crate::people::Dice;
use crate::tally::Sample;

/// `s_1 + .. + s_n`, squared, over `n`, for the total, `cities` cities and `groups` groups of each.
///
/// `W'W` is `1` on the diagonal, one more between groups of a city, one more everywhere, so its eigenvalues are
/// `1 + groups + cities groups` once, `1 + groups` for the other `cities - 1` contrasts between cities, and 1 for the
/// `cities (groups - 1)` contrasts inside cities.
pub(crate) fn singular_bound(cities: f64, groups: f64) -> f64 {
    let n = cities * groups;
    let sum = (1.0 + groups + n).sqrt()
        + (cities - 1.0) * (1.0 + groups).sqrt()
        + cities * (groups - 1.0);
    sum * sum / n
}

/// The least root mean squared error of table A's published cells at what one release of it debits.
pub(crate) fn least_error_of_a(cities: f64, groups: f64) -> f64 {
    let table = TABLES.iter().find(|table| table.code == "A");
    let plan = plan(table.expect("table A"), Budget::Default).expect("the catalogue");
    let queries = 1.0 + cities + cities * groups;
    (singular_bound(cities, groups) / (2.0 * plan.cost.rho()) / queries).sqrt()
}

/// Squared Euclidean norm, and sum, of what one person adds in a year to a vector of all measured counts.
pub(crate) fn norms() -> (u64, u64) {
    let releases = |table: &Table| match (table.span, table.every) {
        (1, Every::Quarter) => 4,
        _ => 1,
    };
    let levels = TABLES
        .iter()
        .flat_map(|table| table.levels.iter().map(move |level| (table, level)));
    levels.fold((0, 0), |(squares, sum), (table, level)| {
        // Two drop-outs of one year may meet in a cell of a coarse level: 2 squared.
        let most = if level.l2_squared == 4 {
            2
        } else {
            level.l2_squared
        };
        (
            squares + releases(table) * level.l2_squared,
            sum + releases(table) * most,
        )
    })
}

/// The usual ways.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Laplace noise on each of so many published numbers, epsilon split evenly.
    EachNumber(usize),
    /// Laplace noise on the vector of all measured counts, by what one person adds to all of it.
    JointLaplace,
    /// Gaussian noise on that vector, at the rho of all tables.
    JointGaussian,
}

/// Draws noise in one of the usual ways.
pub(crate) struct Rival {
    way: Way,
    sigma: Sigma,
    joint: f64,
    dice: Dice,
}

/// Epsilon of the default budget at delta 1e-6; the Laplace ways get it as pure epsilon.
pub(crate) const EPSILON: f64 = 2.0;

impl Rival {
    pub(crate) fn new(way: Way) -> Self {
        let budget = Budget::Default;
        let parts = TABLES
            .iter()
            .map(|table| table.share.of_budget(budget).nano());
        let (squares, sum) = norms();
        let sigma = Sigma::least(u128::from(squares), NanoRho::new(parts.sum()), 64);
        Self {
            way,
            sigma: sigma.expect("a scale"),
            joint: sum as f64,
            dice: Dice::of(7),
        }
    }

    /// The noise of one published number to which a person adds at most `most`.
    pub(crate) fn noise(&mut self, most: f64) -> f64 {
        let scale = match self.way {
            Way::EachNumber(numbers) => most * numbers as f64 / EPSILON,
            Way::JointLaplace => self.joint / EPSILON,
            Way::JointGaussian => {
                return discrete_gaussian(self.sigma).expect("randomness") as f64;
            }
        };
        let part = 2.0 * self.dice.part() - 1.0;
        -scale * part.signum() * (1.0 - part.abs()).ln()
    }

    /// Mean absolute error of a number over so many draws.
    pub(crate) fn absolute(&mut self, most: f64, draws: usize) -> f64 {
        self.sample(draws, |rival| rival.noise(most).abs())
    }

    /// Root mean squared error of a number over so many draws.
    pub(crate) fn root(&mut self, most: f64, draws: usize) -> f64 {
        self.sample(draws, |rival| rival.noise(most).powi(2)).sqrt()
    }

    /// Mean absolute error of a drop-out rate in percentage points: twelve bins over the size of the cohort, or, where each
    /// published number is drawn alone, the number dropped out over the size.
    pub(crate) fn rate(&mut self, lost: f64, size: f64, draws: usize) -> f64 {
        let bins = match self.way {
            Way::EachNumber(_) => 1,
            _ => 12,
        };
        self.sample(draws, |rival| {
            let noise: f64 = (0..bins).map(|_| rival.noise(1.0)).sum();
            let found = (lost + noise) / (size + rival.noise(1.0));
            100.0 * (found - lost / size).abs()
        })
    }

    fn sample(&mut self, draws: usize, mut one: impl FnMut(&mut Self) -> f64) -> f64 {
        let mut sample = Sample::default();
        for _ in 0..draws {
            sample.push(one(self));
        }
        sample.mean()
    }
}

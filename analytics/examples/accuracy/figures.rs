//! The figures of one measurement, and the targets they are held against.

use crate::rivals::{Rival, Way, least_error_of_a};
use crate::tally::{Level, Tally};

/// Cities in the registry, "other" among them, and groups.
const CITIES: f64 = 5.0;
const GROUPS: f64 = 6.0;

/// A target under the default budget.
pub(crate) struct Target {
    pub(crate) what: &'static str,
    pub(crate) table: &'static str,
    pub(crate) level: &'static str,
    /// Mean absolute error: per cent of the mean cell, or percentage points for a rate.
    pub(crate) most: f64,
    /// What one person adds to one number at most.
    adds: f64,
}

/// The table of a rate.
pub(crate) const RATES: &str = "rates";

const fn target(
    what: &'static str,
    (table, level): (&'static str, &'static str),
    most: f64,
    adds: f64,
) -> Target {
    Target {
        what,
        table,
        level,
        most,
        adds,
    }
}

/// The targets, set before anything was measured.
pub(crate) const TARGETS: [Target; 7] = [
    target("A active, total", ("A", "total"), 0.6, 1.0),
    target("A city", ("A", "city"), 1.6, 1.0),
    target("A city x group", ("A", "city-group"), 7.5, 1.0),
    target("B service", ("B", "service"), 5.5, 1.0),
    target("B service x city", ("B", "city-service"), 16.0, 1.0),
    target("D drop-outs of a quarter, total", ("D", "total"), 4.5, 2.0),
    target(
        "G dropped out by day 180",
        (RATES, "dropped-out 180"),
        1.2,
        1.0,
    ),
];

impl Target {
    pub(crate) fn is_rate(&self) -> bool {
        self.table == RATES
    }

    pub(crate) fn level<'a>(&self, tally: &'a Tally) -> &'a Level {
        level(tally, self.table, self.level)
    }

    /// The measured figure in the target's unit, and its standard error.
    pub(crate) fn measured(&self, tally: &Tally) -> (f64, f64) {
        let found = self.level(tally);
        let unit = if self.is_rate() {
            1.0
        } else {
            100.0 / found.size.mean()
        };
        (found.absolute.mean() * unit, found.absolute.error() * unit)
    }

    /// The same under another way to add noise.
    fn under(&self, tally: &Tally, way: Way) -> f64 {
        const DRAWS: usize = 20_000;
        let mut rival = Rival::new(way);
        if self.is_rate() {
            let size = level(tally, "G", "cohort").size.mean();
            let lost = self.level(tally).size.mean() / 100.0 * size;
            return rival.rate(lost, size, DRAWS);
        }
        100.0 * rival.absolute(self.adds, DRAWS) / self.level(tally).size.mean()
    }
}

/// What was measured of a level.
pub(crate) fn level<'a>(tally: &'a Tally, table: &str, level: &str) -> &'a Level {
    let key = (table.to_owned(), level.to_owned());
    tally.levels.get(&key).expect("a measured level")
}

/// Mean squared error over the published cells of table A, and a bound on its standard error.
pub(crate) fn square_of_a(tally: &Tally) -> (f64, f64) {
    let parts = [
        ("total", 1.0),
        ("city", CITIES),
        ("city-group", CITIES * GROUPS),
    ];
    let all: f64 = parts.iter().map(|part| part.1).sum();
    parts
        .iter()
        .fold((0.0, 0.0), |(mean, error), (code, cells)| {
            let square = &level(tally, "A", code).square;
            let weight = cells / all;
            (
                mean + weight * square.mean(),
                error + weight * square.error(),
            )
        })
}

/// The least root mean squared error that any mechanism of this kind has on the cells of table A.
pub(crate) fn least() -> f64 {
    least_error_of_a(CITIES, GROUPS)
}

/// Prints the pilot's tables.
pub(crate) fn print(tally: &Tally) {
    let ways = [
        Way::EachNumber(tally.numbers),
        Way::JointLaplace,
        Way::JointGaussian,
    ];
    println!(
        "Generated pilot, {:.0} runs, {} published numbers a year, {:.0} in the cohort. Mean absolute error \
         of the mean cell.\n",
        level(tally, "A", "total").size.runs(),
        tally.numbers,
        level(tally, "G", "cohort").size.mean(),
    );
    println!(
        "| cell | mean | target | Payung | Laplace on each number | joint Laplace | joint Gaussian | coverage | bias, z |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for target in &TARGETS {
        let found = target.level(tally);
        let unit = if target.is_rate() { "pp" } else { "%" };
        let others = ways.map(|way| format!("{:.1} {unit}", target.under(tally, way)));
        println!(
            "| {} | {:.0}{} | {} {unit} | **{:.2} {unit}** | {} | {:.1} % | {:+.1} |",
            target.what,
            found.size.mean(),
            if target.is_rate() { " %" } else { "" },
            target.most,
            target.measured(tally).0,
            others.join(" | "),
            100.0 * found.covered.mean(),
            found.bias.z(),
        );
    }
    against_the_bound(tally, &ways);
    coverage(tally);
}

/// Prints the error over all cells of table A.
fn against_the_bound(tally: &Tally, ways: &[Way]) {
    let root = square_of_a(tally).0.sqrt();
    let others: Vec<String> = ways
        .iter()
        .map(|way| format!("{:.1}", Rival::new(*way).root(1.0, 20_000)))
        .collect();
    println!(
        "\nTable A, root mean squared error over all its cells: {root:.2}; lower bound {:.2} (x {:.3}); the other ways {}.\n",
        least(),
        root / least(),
        others.join(", ")
    );
}

/// Prints how often ranges hold the truth, by level.
pub(crate) fn coverage(tally: &Tally) {
    println!(
        "| level | ranges that hold the truth | standard error | bias, z | error / declared sd |"
    );
    println!("|---|---|---|---|---|");
    for ((table, code), found) in &tally.levels {
        println!(
            "| {table} {code} | {:.2} % | {:.2} | {:+.1} | {:.3} |",
            100.0 * found.covered.mean(),
            100.0 * found.covered.error(),
            found.bias.z(),
            found.scaled.mean().sqrt(),
        );
    }
    println!();
}

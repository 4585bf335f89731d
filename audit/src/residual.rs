//! Test 1: is the published noise the declared noise?
//!
//! For each table and level the residuals `(measured - truth) / sigma` must have standard deviation 1 and mean 0 (on both
//! data sets, so that nobody's cap is looser than the truth says), the shape of the discrete Gaussian, even and odd values
//! alike, and no correlation between runs, quarters, cells and levels. Clamping, halved noise, noise seeded from a cell's
//! name, and rounding each break one of them.

use std::collections::BTreeMap;

use crate::collect::{Cell, Collected};
use crate::dataset::Arm;
use crate::gaussian::Gaussian;
use crate::special::{p_coins, p_correlation, p_distance, p_normal, p_squares};
use crate::verdict::{Test, Verdict};

const TEST: Test = Test::Residual;
/// Fewer pairs than this say nothing about a correlation.
const FEWEST: usize = 10;

/// The verdicts, one for each table and level.
#[must_use]
pub(crate) fn judge(all: &Collected) -> Vec<Verdict> {
    let mut verdicts = vec![certain(all)];
    for ((table, level), cells) in all.levels() {
        let what = format!("noise of table {table}, level {level}");
        verdicts.push(one_level(all, &cells, &what));
    }
    verdicts.push(between_levels(all));
    for name in &all.unknown {
        let why = "the truth is not known to this kit";
        verdicts.push(Verdict::not_checked(
            TEST,
            &format!("noise of table {name}"),
            why,
        ));
    }
    verdicts
}

fn certain(all: &Collected) -> Verdict {
    let faults: Vec<String> = all
        .faults
        .iter()
        .map(|(fault, times)| format!("{fault} ({times} times)"))
        .collect();
    let found = if faults.is_empty() {
        format!(
            "{} trials, {} cells with a known truth each",
            all.samples.len(),
            all.cells.len()
        )
    } else {
        faults.join("; ")
    };
    let good = faults.is_empty() && !all.samples.is_empty() && !all.cells.is_empty();
    Verdict::certain(
        TEST,
        "whole numbers, same cells, nothing retold",
        good,
        found,
    )
}

fn one_level(all: &Collected, cells: &[usize], what: &str) -> Verdict {
    let sigma = cells.first().map_or(1.0, |cell| all.cells[*cell].sigma);
    let noise = of_arms(all, cells, &[Arm::Without, Arm::With]);
    let n = noise.len();
    let sum = noise.iter().map(|v| *v as f64 / sigma).sum::<f64>();
    let squares: f64 = noise.iter().map(|v| (*v as f64 / sigma).powi(2)).sum();
    let even = noise.iter().filter(|value| *value % 2 == 0).count();
    let mean = |arm: Arm| {
        let one = of_arms(all, cells, &[arm]);
        let sum: f64 = one.iter().map(|value| *value as f64 / sigma).sum();
        p_normal(sum / (one.len().max(1) as f64).sqrt())
    };
    let mut checks = vec![
        ("standard deviation", p_squares(squares, n)),
        ("mean without canaries", mean(Arm::Without)),
        ("mean with canaries", mean(Arm::With)),
        ("mean of each cell", cell_means(all, cells)),
        ("even and odd", p_coins(even, n)),
    ];
    let distance = Gaussian::new(sigma).distance(noise);
    checks.push(("shape", p_distance(distance, n)));
    for (name, pairs) in [
        ("correlation between runs", runs(all, cells)),
        ("correlation between quarters", quarters(all, cells)),
        ("correlation between cells", neighbours(all, cells)),
    ] {
        checks.extend(correlation(&pairs).map(|p| (name, p)));
    }
    let found = format!(
        "{n} residuals, sd {:.4} and mean {:+.4} of the declared sigma",
        (squares / n.max(1) as f64).sqrt(),
        sum / n.max(1) as f64
    );
    Verdict::by_chance(TEST, what, &found, &checks)
}

/// The noise of these cells in the trials of these arms.
fn of_arms(all: &Collected, cells: &[usize], arms: &[Arm]) -> Vec<i64> {
    all.samples
        .iter()
        .filter(|sample| arms.contains(&sample.arm))
        .flat_map(|sample| cells.iter().map(|cell| sample.noise[*cell]))
        .collect()
}

/// Whether each cell's own mean is zero in both arms: a person counted in the wrong cell moves two means apart.
fn cell_means(all: &Collected, cells: &[usize]) -> f64 {
    let (mut squares, mut means) = (0.0, 0);
    for arm in [Arm::Without, Arm::With] {
        let samples: Vec<_> = all.samples.iter().filter(|one| one.arm == arm).collect();
        if samples.is_empty() {
            continue;
        }
        for cell in cells {
            let noise = samples.iter().map(|sample| sample.noise[*cell] as f64);
            let sum = noise.sum::<f64>() / all.cells[*cell].sigma;
            squares += sum * sum / samples.len() as f64;
            means += 1;
        }
    }
    p_squares(squares, means)
}

/// Pairs of scaled residuals.
type Pairs = Vec<(f64, f64)>;

fn correlation(pairs: &Pairs) -> Option<f64> {
    if pairs.len() < FEWEST {
        return None;
    }
    let product: f64 = pairs.iter().map(|(x, y)| x * y).sum();
    let (xx, yy) = pairs
        .iter()
        .fold((0.0, 0.0), |(xx, yy), (x, y)| (xx + x * x, yy + y * y));
    let r = product / (xx * yy).sqrt().max(f64::MIN_POSITIVE);
    Some(p_correlation(r, pairs.len()))
}

/// The same cell in two trials of one data set.
fn runs(all: &Collected, cells: &[usize]) -> Pairs {
    let mut pairs = Pairs::new();
    for arm in [Arm::Without, Arm::With] {
        let samples: Vec<_> = all
            .samples
            .iter()
            .filter(|sample| sample.arm == arm)
            .collect();
        for two in samples.chunks_exact(2) {
            pairs.extend(cells.iter().map(|cell| {
                let sigma = all.cells[*cell].sigma;
                (
                    two[0].noise[*cell] as f64 / sigma,
                    two[1].noise[*cell] as f64 / sigma,
                )
            }));
        }
    }
    pairs
}

/// Two cells of one trial, each cell in one pair at most.
fn pairs_of(all: &Collected, couples: &[(usize, usize)]) -> Pairs {
    let mut pairs = Pairs::new();
    for sample in &all.samples {
        pairs.extend(couples.iter().map(|(x, y)| {
            let scaled = |cell: usize| sample.noise[cell] as f64 / all.cells[cell].sigma;
            (scaled(*x), scaled(*y))
        }));
    }
    pairs
}

/// The same cell one quarter later, for the first and third quarter.
fn after_a_quarter(x: &Cell, y: &Cell) -> bool {
    let same = (
        &x.place.city,
        &x.place.group,
        &x.place.service,
        &x.place.further,
    ) == (
        &y.place.city,
        &y.place.group,
        &y.place.service,
        &y.place.further,
    );
    same && x.quarter.is_multiple_of(2) && y.quarter == x.quarter + 1
}

fn quarters(all: &Collected, cells: &[usize]) -> Pairs {
    let mut by_quarter: Vec<Vec<usize>> = vec![Vec::new(); 4];
    for cell in cells {
        by_quarter[all.cells[*cell].quarter.min(3)].push(*cell);
    }
    let mut couples = Vec::new();
    for two in by_quarter.chunks_exact(2) {
        // The cells of a quarter stand in one order, so that partners have one place.
        let fitting = two[0].iter().zip(&two[1]);
        couples.extend(
            fitting
                .map(|(x, y)| (*x, *y))
                .filter(|(x, y)| after_a_quarter(&all.cells[*x], &all.cells[*y])),
        );
    }
    pairs_of(all, &couples)
}

/// Two cells that stand side by side.
fn neighbours(all: &Collected, cells: &[usize]) -> Pairs {
    let couples: Vec<(usize, usize)> = cells
        .chunks_exact(2)
        .map(|two| (two[0], two[1]))
        .filter(|(x, y)| all.cells[*x].quarter == all.cells[*y].quarter)
        .collect();
    pairs_of(all, &couples)
}

/// The first cell of each city and quarter.
fn first_cells(all: &Collected, cells: &[usize]) -> BTreeMap<(usize, usize), usize> {
    let mut firsts = BTreeMap::new();
    for number in cells {
        let cell = &all.cells[*number];
        if let Some(city) = cell.city {
            firsts.entry((city, cell.quarter)).or_insert(*number);
        }
    }
    firsts
}

/// The same city and quarter in two levels or two tables.
fn between_levels(all: &Collected) -> Verdict {
    let levels = all.levels();
    let firsts: Vec<_> = levels
        .iter()
        .map(|(name, cells)| (name, first_cells(all, cells)))
        .collect();
    let mut named: Vec<(String, f64)> = Vec::new();
    for (number, (first, cells)) in firsts.iter().enumerate() {
        for (second, others) in firsts.iter().skip(number + 1) {
            let couples: Vec<(usize, usize)> = cells
                .iter()
                .filter_map(|(place, x)| Some((*x, *others.get(place)?)))
                .collect();
            let name = format!("{} {} with {} {}", first.0, first.1, second.0, second.1);
            named.extend(correlation(&pairs_of(all, &couples)).map(|p| (name, p)));
        }
    }
    let checks: Vec<(&str, f64)> = named.iter().map(|(name, p)| (name.as_str(), *p)).collect();
    let what = "correlation between levels and tables";
    if checks.is_empty() {
        return Verdict::not_checked(TEST, what, "too few pairs");
    }
    Verdict::by_chance(TEST, what, "same city and quarter", &checks)
}

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::dense::solve;
use super::*;

/// The leaves a node covers, and its measurement.
type Row = (Vec<usize>, Option<(f64, f64)>);

/// Each node in pre-order: the leaves it covers, its measurement.
fn rows(node: &Node, leaves: &mut usize, out: &mut Vec<Row>) -> Vec<usize> {
    let place = out.len();
    out.push((vec![], node.measured));
    let mut covered = Vec::new();
    if node.children.is_empty() {
        covered.push(*leaves);
        *leaves += 1;
    }
    for child in &node.children {
        covered.extend(rows(child, leaves, out));
    }
    out[place].0.clone_from(&covered);
    covered
}

/// `(M' S^-1 M)^-1 M' S^-1 y` with dense matrices.
fn dense(root: &Node) -> Vec<Estimate> {
    let (mut leaves, mut nodes) = (0, Vec::new());
    rows(root, &mut leaves, &mut nodes);
    let mut information = vec![vec![0.0; leaves]; leaves];
    let mut right = vec![0.0; leaves];
    for (covered, measured) in &nodes {
        if let Some((value, variance)) = measured {
            for i in covered {
                right[*i] += value / variance;
                covered
                    .iter()
                    .for_each(|j| information[*i][*j] += 1.0 / variance);
            }
        }
    }
    let unit = (0..leaves)
        .map(|i| (0..leaves).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    let covariance = solve(information, unit);
    let leaf = |i: usize| {
        (0..leaves)
            .map(|j| covariance[i][j] * right[j])
            .sum::<f64>()
    };
    nodes
        .iter()
        .map(|(covered, _)| Estimate {
            value: covered.iter().map(|i| leaf(*i)).sum(),
            variance: covered
                .iter()
                .map(|i| covered.iter().map(|j| covariance[*i][*j]).sum::<f64>())
                .sum(),
        })
        .collect()
}

fn measurement() -> impl Strategy<Value = (f64, f64)> {
    (-1000.0..1000.0f64, 0.1..100.0f64)
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = measurement().prop_map(|measured| Node {
        measured: Some(measured),
        children: vec![],
    });
    leaf.prop_recursive(3, 40, 5, |inner| {
        (
            proptest::option::of(measurement()),
            proptest::collection::vec(inner, 1..5),
        )
            .prop_map(|(measured, children)| Node { measured, children })
    })
}

proptest! {
    #[test]
    fn two_passes_equal_the_dense_solution(root in tree()) {
        let (fast, slow) = (estimate(&root).unwrap(), dense(&root));
        prop_assert_eq!(fast.len(), slow.len());
        for (f, s) in fast.iter().zip(&slow) {
            prop_assert!((f.value - s.value).abs() < 1e-6 * (1.0 + s.value.abs()), "{:?} {:?}", f, s);
            prop_assert!((f.variance - s.variance).abs() < 1e-7 * (1.0 + s.variance), "{:?} {:?}", f, s);
        }
    }
}

#[test]
fn a_leaf_without_a_measurement_is_refused() {
    assert!(estimate(&Node::default()).is_err());
    assert!(
        estimate(&Node {
            measured: Some((1.0, 0.0)),
            children: vec![]
        })
        .is_err()
    );
    let unmeasured = Node {
        measured: Some((1.0, 1.0)),
        children: vec![Node::default()],
    };
    assert!(estimate(&unmeasured).is_err());
}

fn gauss(rng: &mut ChaCha20Rng) -> f64 {
    (0..12).map(|_| rng.gen_range(0.0..1.0)).sum::<f64>() - 6.0
}

/// 95 % intervals cover in 95 % of 8,000 runs by level: the bound is 5.4 standard errors (false alarm below 1e-7).
#[test]
fn intervals_cover_as_often_as_they_say() {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let (runs, scales) = (8000, [21.0f64, 17.0, 11.0]);
    let mut hits = [0usize; 3];
    for _ in 0..runs {
        let mut noisy =
            |truth: f64, scale: f64| Some((truth + scale * gauss(&mut rng), scale * scale));
        let leaf = |measured| Node {
            measured,
            children: vec![],
        };
        let mut cities = Vec::new();
        for _ in 0..4 {
            let groups = (0..6).map(|_| leaf(noisy(125.0, scales[2]))).collect();
            cities.push(Node {
                measured: noisy(750.0, scales[1]),
                children: groups,
            });
        }
        let root = Node {
            measured: noisy(3000.0, scales[0]),
            children: cities,
        };
        let found = estimate(&root).unwrap();
        for (level, (place, truth)) in [(0, 3000.0), (1, 750.0), (2, 125.0)]
            .into_iter()
            .enumerate()
        {
            hits[level] += usize::from(
                (found[place].value - truth).abs() <= 1.96 * found[place].variance.sqrt(),
            );
        }
    }
    for hit in hits {
        let rate = hit as f64 / f64::from(runs);
        // The sum of twelve uniforms stands in for a normal: its own 95 % coverage is 0.9500 to three digits.
        assert!(
            (rate - 0.95).abs() < 5.4 * (0.95f64 * 0.05 / f64::from(runs)).sqrt() + 0.002,
            "{hits:?}"
        );
    }
}

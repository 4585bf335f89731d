//! Weighted least squares on a tree of counts, in closed form, with exact variances.
//!
//! Every node is a true count, a parent is the sum of its children, and some nodes were measured with independent noise of
//! known variance. The best linear unbiased estimate `(M' S^-1 M)^-1 M' S^-1 y` of all nodes then takes two passes:
//! upwards, a node's own measurement and the sum of its children are combined by inverse variance; downwards, what the parent
//! learned from outside is handed to the children in proportion to their variances. The estimates of the children sum to that
//! of the parent. Linear in the number of nodes; no matrix.
//!
//! Every leaf must have been measured, and every variance is positive and finite.
//!
//! Citation: M. Hay, V. Rastogi, G. Miklau, D. Suciu, "Boosting the Accuracy of Differentially Private Histograms Through
//! Consistency", VLDB 2010, here with unequal variances.

use thiserror::Error;

/// One count of the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The noisy value and its variance, if this count was measured.
    pub(crate) measured: Option<(f64, f64)>,
    /// The counts it is the sum of; empty for a leaf.
    pub(crate) children: Vec<Node>,
}

/// The best estimate of one count. May be negative: it is unbiased, and only what is not clipped may be summed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    /// The value.
    pub(crate) value: f64,
    /// Its exact variance under the noise.
    pub(crate) variance: f64,
}

/// A leaf without a measurement, or a variance that is not positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a table's cells cannot be estimated: every smallest cell needs a measurement with a positive variance"
)]
pub struct WlsError;

/// What a node's own measurement and everything below it say.
struct Below {
    value: f64,
    variance: f64,
    children: Vec<Below>,
}

/// Estimates every node of one tree, parents before their children, children in their order (pre-order).
///
/// # Errors
/// [`WlsError`] as its text says.
pub(crate) fn estimate(root: &Node) -> Result<Vec<Estimate>, WlsError> {
    let below = upwards(root)?;
    let mut found = Vec::new();
    downwards(root, &below, below.value, f64::INFINITY, &mut found);
    Ok(found)
}

fn upwards(node: &Node) -> Result<Below, WlsError> {
    if node.measured.is_some_and(|(value, variance)| {
        !(value.is_finite() && variance.is_finite() && variance > 0.0)
    }) {
        return Err(WlsError);
    }
    let children = node
        .children
        .iter()
        .map(upwards)
        .collect::<Result<Vec<_>, _>>()?;
    let sum = (!children.is_empty()).then(|| {
        children.iter().fold((0.0, 0.0), |(x, v), child| {
            (x + child.value, v + child.variance)
        })
    });
    let (value, variance) = match (node.measured, sum) {
        (None, None) => return Err(WlsError),
        (Some(own), None) => own,
        (None, Some(sum)) => sum,
        (Some((own, noise)), Some((sum, spread))) => (
            (own * spread + sum * noise) / (noise + spread),
            noise * spread / (noise + spread),
        ),
    };
    Ok(Below {
        value,
        variance,
        children,
    })
}

/// `value` is the node's final estimate; `outside` the variance of what everything outside the node's subtree says of it.
fn downwards(node: &Node, below: &Below, value: f64, outside: f64, found: &mut Vec<Estimate>) {
    found.push(Estimate {
        value,
        variance: parallel(below.variance, outside),
    });
    let here = node
        .measured
        .map_or(outside, |(_, noise)| parallel(noise, outside));
    let sum: f64 = below.children.iter().map(|child| child.value).sum();
    let spread: f64 = below.children.iter().map(|child| child.variance).sum();
    for (child, known) in node.children.iter().zip(&below.children) {
        let siblings = (spread - known.variance).max(0.0);
        let share = known.value + known.variance / spread * (value - sum);
        downwards(child, known, share, here + siblings, found);
    }
}

/// The variance of two independent estimates combined by inverse variance; either may be infinite (it says nothing).
fn parallel(a: f64, b: f64) -> f64 {
    match (a.is_infinite(), b.is_infinite()) {
        (true, _) => b,
        (_, true) => a,
        _ => a * b / (a + b),
    }
}

#[cfg(test)]
pub(crate) mod dense;
#[cfg(test)]
mod tests;

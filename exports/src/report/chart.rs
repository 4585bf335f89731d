//! What charts share: a scale with round steps, and lines of text of a width.

use super::picture::cut;

/// How many steps an axis has at most.
const STEPS: f64 = 5.0;

/// From numbers to places.
pub(super) struct Scale {
    least: f64,
    end: f64,
    /// Places of both ends.
    from: f64,
    to: f64,
    pub(super) step: f64,
}

impl Scale {
    /// A scale over `least..=most` with round ends, which holds zero.
    pub(super) fn new(least: f64, most: f64, from: f64, to: f64, smallest: f64) -> Self {
        let (least, most) = (least.min(0.0), most.max(smallest));
        let step = step(most - least, smallest);
        Self {
            least: (least / step).floor() * step,
            end: (most / step).ceil().max(1.0) * step,
            from,
            to,
            step,
        }
    }

    /// Cut off at both ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let part = ((value - self.least) / (self.end - self.least)).clamp(0.0, 1.0);
        cut(self.from + part * (self.to - self.from))
    }

    pub(super) fn holds(&self, value: f64) -> bool {
        value >= self.least && value <= self.end
    }

    /// Values that get a line.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let steps = ((self.end - self.least) / self.step).round() as i64;
        (0..=steps)
            .map(|tick| self.least + self.step * tick as f64)
            .collect()
    }
}

/// The smallest of 1, 2 and 5 times a power of ten, at least `smallest`, that needs no more than [`STEPS`] steps.
fn step(most: f64, smallest: f64) -> f64 {
    let mut power = smallest;
    loop {
        for factor in [1.0, 2.0, 5.0] {
            if most <= factor * power * STEPS || power > 1e15 {
                return factor * power;
            }
        }
        power *= 10.0;
    }
}

/// Lines of at most `width` letters, broken at spaces; a longer word has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

//! One row of the table, and the table.

use super::watch;

/// A row: what was measured, here and bare, and whether the target is reached.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What.
    pub what: String,
    /// Measured here, with its unit.
    pub here: String,
    /// The bare operations in the same run, where there are some.
    pub bare: String,
    /// Here divided by bare.
    pub ratio: Option<f64>,
    /// The target, in words.
    pub target: String,
    /// Whether it is reached.
    pub reached: bool,
}

/// The rates of one side's rounds.
#[derive(Debug, Clone)]
pub struct Side {
    rates: Vec<f64>,
    unit: &'static str,
}

impl Side {
    /// Rates with their unit.
    #[must_use]
    pub fn new(rates: Vec<f64>, unit: &'static str) -> Self {
        Self { rates, unit }
    }

    /// The median rate.
    #[must_use]
    pub fn median(&self) -> f64 {
        watch::quantile(self.rates.clone(), 0.5)
    }

    fn text(&self) -> String {
        format!("{:.0} {}", self.median(), self.unit)
    }
}

impl Figure {
    /// A rate against the bare rate; reached at the share `least` (0 to 1).
    #[must_use]
    pub fn ratio(what: &str, here: &Side, bare: &Side, least: f64) -> Self {
        let ratio = here.median() / bare.median().max(f64::MIN_POSITIVE);
        Self {
            what: what.to_owned(),
            here: here.text(),
            bare: bare.text(),
            ratio: Some(ratio),
            target: format!(">= {:.0} % of bare", least * 100.0),
            reached: ratio >= least,
        }
    }

    /// A value that may be at most `most`.
    #[must_use]
    pub fn at_most(what: &str, value: f64, most: f64, unit: &str, note: &str) -> Self {
        Self {
            what: what.to_owned(),
            here: format!("{} {unit}{note}", short(value)),
            bare: String::new(),
            ratio: None,
            target: format!("<= {} {unit}", short(most)),
            reached: value <= most,
        }
    }

    fn cells(&self) -> [String; 6] {
        let ratio = self
            .ratio
            .map(|ratio| format!("{:.0} %", ratio * 100.0))
            .unwrap_or_default();
        [
            self.what.clone(),
            self.here.clone(),
            self.bare.clone(),
            ratio,
            self.target.clone(),
            if self.reached { "yes" } else { "NO" }.to_owned(),
        ]
    }
}

/// Three figures at most after the point, none for large numbers.
fn short(value: f64) -> String {
    let text = match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    };
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// The table's lines.
#[must_use]
pub fn table(figures: &[Figure]) -> Vec<String> {
    let head = [
        "what",
        "measured here",
        "bare operations in the same run",
        "ratio",
        "target",
        "reached",
    ]
    .map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(head)
        .chain(figures.iter().map(Figure::cells))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join(" | ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_row_says_whether_its_target_is_reached() {
        let side = |rate| Side::new(vec![rate], "a second");
        assert!(Figure::ratio("a", &side(70.0), &side(100.0), 0.7).reached);
        assert!(!Figure::ratio("a", &side(69.0), &side(100.0), 0.7).reached);
        let slow = Figure::at_most("b", 5.1, 5.0, "ms", "");
        assert_eq!(
            (slow.here.as_str(), slow.target.as_str(), slow.reached),
            ("5.1 ms", "<= 5 ms", false)
        );
        let lines = table(&[slow]);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with("NO"));
    }
}

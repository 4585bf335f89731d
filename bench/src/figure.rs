//! One row of the table, and the table.

use std::time::Duration;

use crate::watch::{self, Spent};

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

/// The rounds of one side, each of `count` things.
#[derive(Debug, Clone, Default)]
pub struct Side {
    count: usize,
    rounds: Vec<Spent>,
}

impl Side {
    /// No round yet.
    #[must_use]
    pub fn of(count: usize) -> Self {
        Self {
            count,
            rounds: Vec::new(),
        }
    }

    /// One round more.
    pub fn add(&mut self, spent: Spent) {
        self.rounds.push(spent);
    }

    /// Things a second: the median of the rounds.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let rates = self
            .rounds
            .iter()
            .map(|spent| watch::rate(self.count, spent.elapsed));
        watch::quantile(rates.collect(), 0.5)
    }

    /// Microseconds of one thing: the median of the rounds.
    #[must_use]
    pub fn microseconds(&self) -> f64 {
        1e6 / self.rate().max(f64::MIN_POSITIVE)
    }

    /// Processor time of one thing in microseconds, and the share of all cores' time that it was, where the system tells.
    fn processor(&self) -> Option<(f64, f64)> {
        let spent = self.rounds.iter().map(|spent| spent.processor);
        let busy = spent.sum::<Option<Duration>>()?.as_secs_f64();
        let all: Duration = self.rounds.iter().map(|spent| spent.elapsed).sum();
        let things = (self.count * self.rounds.len()).max(1);
        let there = all.as_secs_f64() * watch::cores() as f64;
        Some((
            busy * 1e6 / things as f64,
            busy / there.max(f64::MIN_POSITIVE),
        ))
    }

    fn text(&self) -> String {
        let rate = format!("{:.0} a second", self.rate());
        match self.processor() {
            Some((each, busy)) => format!("{rate} ({each:.0} us CPU, {:.0} % busy)", busy * 100.0),
            None => rate,
        }
    }
}

impl Figure {
    /// A rate against the bare rate; reached at the share `least` (0 to 1).
    #[must_use]
    pub fn ratio(what: &str, here: &Side, bare: &Side, least: f64) -> Self {
        let ratio = here.rate() / bare.rate().max(f64::MIN_POSITIVE);
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
        let side = |rate: u64| {
            let mut side = Side::of(1_000);
            let elapsed = Duration::from_secs(1_000) / u32::try_from(rate).unwrap();
            side.add(Spent {
                elapsed,
                processor: Some(elapsed),
            });
            side
        };
        assert!(Figure::ratio("a", &side(71), &side(100), 0.7).reached);
        assert!(!Figure::ratio("a", &side(69), &side(100), 0.7).reached);
        let text = side(100).text();
        assert!(text.starts_with("100 a second (10000 us CPU, "), "{text}");
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

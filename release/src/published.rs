//! One published number before it has words, and what all estimators share.

use std::fmt;

use privacy::cell::{Cell, CityCode};
use serde::{Deserialize, Serialize};

use super::decimal::Decimal;

/// The 97.5 % point of the normal law.
pub const Z: f64 = 1.959_963_984_540_054;
/// Half-widths beyond this part of the estimate are called low reliability.
pub(crate) const LOW: f64 = 0.30;
/// The level of a number that stands for the whole table.
pub(crate) const TOTAL: &str = "total";

/// What a number of a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Series {
    /// The count of the quarter or year.
    Count,
    /// Of a running total: what the quarter added.
    New,
    /// Of a running total: everything since the programme's first quarter.
    Cumulative,
    /// Of a revision: the first measurement and the second, each weighed by its noise.
    Combined,
    /// Of a revision: the second measurement alone.
    Revised,
    /// Of a revision: the second less the estimate of the first.
    Change,
}

impl Series {
    /// Its word in releases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::New => "new",
            Self::Cumulative => "cumulative",
            Self::Combined => "combined",
            Self::Revised => "revised",
            Self::Change => "change",
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How far a published number can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reliability {
    /// As it stands.
    Ok,
    /// The range is wider than 30 % of the estimate either way: read it as "small", not as a number.
    Low,
    /// Of a rate: its denominator cannot be told from zero.
    #[serde(rename = "not estimable")]
    NotEstimable,
}

impl Reliability {
    /// Every word, in order.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Low, Self::NotEstimable];

    pub(crate) const fn of(low: bool) -> Self {
        if low { Self::Low } else { Self::Ok }
    }

    /// Its word in releases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Low => "low",
            Self::NotEstimable => "not estimable",
        }
    }
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One published number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// What it is about.
    pub series: Series,
    /// Its level's name.
    pub level: &'static str,
    /// Its cell.
    pub cell: Cell,
    /// The raw noisy count, when this very number was measured.
    pub measured: Option<i64>,
    /// The unbiased estimate; may be negative.
    pub estimate: Decimal,
    /// Its exact standard deviation under the noise.
    pub sd: f64,
    /// The whole number shown, where it is not the estimate's own: courses never fall. [`Self::display`] brings it into the range.
    pub shown: Option<u64>,
}

impl Published {
    /// The 95 % noise range, rounded outwards.
    #[must_use]
    pub fn range(&self) -> (Decimal, Decimal) {
        let (middle, half) = (self.estimate.value(), Z * self.sd);
        (
            Decimal::at_most(middle - half),
            Decimal::at_least(middle + half),
        )
    }

    /// True when the half-width is more than 30 % of the noisy estimate, or the estimate is not positive. Decided from public
    /// numbers alone.
    #[must_use]
    pub(crate) fn low_reliability(&self) -> bool {
        Z * self.sd > LOW * self.estimate.value()
    }

    /// The whole numbers that are not negative and within the range; `None` when there is none.
    #[must_use]
    pub(crate) fn whole(&self) -> Option<(u64, u64)> {
        let (lo, hi) = self.range();
        let (least, most) = (lo.whole_at_least(), hi.whole_at_most()?);
        (least <= most).then_some((least, most))
    }

    /// The whole number for reading: within the range where it has one that is not negative, and else the nearest to the estimate.
    #[must_use]
    pub fn display(&self) -> u64 {
        let shown = self.shown.unwrap_or_else(|| self.estimate.display());
        self.whole()
            .map_or(self.estimate.display(), |(least, most)| {
                shown.clamp(least, most)
            })
    }
}

/// The square. What others recompute is made of steps with one result everywhere: `+ - * /` and the square root.
#[must_use]
pub const fn square(value: f64) -> f64 {
    value * value
}

/// A number of the whole table that is the sum of some others, not measured itself.
#[must_use]
pub(crate) fn derived(series: Series, first: Cell, parts: &[(Decimal, f64)]) -> Published {
    let whole = Cell::new(first.tab(), CityCode::OTHER, 0, None);
    let sum = parts
        .iter()
        .fold(Decimal::default(), |sum, part| sum.plus(part.0));
    let variance: f64 = parts.iter().map(|part| part.1).sum();
    Published {
        series,
        level: TOTAL,
        cell: whole,
        measured: None,
        estimate: sum,
        sd: variance.sqrt(),
        shown: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use privacy::catalogue::Every;

    use super::*;

    /// Displays lie within their ranges; where that cannot be, the note of every release says why.
    #[test]
    fn a_display_lies_within_its_range() {
        use privacy::cell::Tab;
        for (estimate, sd, shown, display) in [
            (3.6, 10.0, None, 4),
            // A course that was made not to fall, far from this point.
            (85.0, 41.0, Some(0), 5),
            (85.0, 41.0, Some(400), 165),
            // The nearest whole number is just outside; the next is inside.
            (27.49, 0.3, None, 27),
            (27.4, 0.25, Some(26), 27),
            // No whole number is inside: the nearest.
            (27.4, 0.1, None, 27),
            // All of it lies below zero.
            (-40.0, 10.0, None, 0),
            (-40.0, 10.0, Some(3), 0),
        ] {
            let number = Published {
                series: Series::Count,
                level: TOTAL,
                cell: Cell::new(Tab::Active, CityCode::OTHER, 0, None),
                measured: None,
                estimate: Decimal::nearest(estimate),
                sd,
                shown,
            };
            assert_eq!(number.display(), display, "{estimate} {sd} {shown:?}");
        }
    }

    /// Releases are read for ever by these words.
    #[test]
    fn words_are_written_as_they_are_said() {
        let series = [
            Series::Count,
            Series::New,
            Series::Cumulative,
            Series::Combined,
            Series::Revised,
            Series::Change,
        ];
        for one in series {
            assert_eq!(serde_json::to_value(one).unwrap(), one.word());
        }
        for one in Reliability::ALL {
            assert_eq!(serde_json::to_value(one).unwrap(), one.word());
            assert_eq!(format!("{one:<14}|"), format!("{:<14}|", one.word()));
        }
        for one in [Every::Quarter, Every::Year] {
            assert_eq!(serde_json::to_value(one).unwrap(), one.word());
        }
    }
}

//! The ledger in plain words: what the losses mean for what somebody may come to believe about one person.
//!
//! **From rho to a belief.** Somebody weighs "X is in the data" against "X is not". A release multiplies the odds by
//! `exp(L)`, where `L` is its privacy loss. Losses of rho-zCDP have the tail `P[L > rho + t] <= exp(-t^2 / (4 rho))` (Bun and
//! Steinke 2016, in the proof of lemma 3.5), in both directions. So with probability at least `1 - delta` the
//! odds grow at most by `exp(rho + 2 sqrt(rho ln(1/delta)))`. That exponent is a little above the epsilon that the ledger
//! states: the tight conversion bounds what can be *distinguished*, which is not yet what a single reader may *believe*.
//!
//! The figures are for reading; nothing is decided by them. They are rounded away from the reader's comfort: upper ends up,
//! lower ends down.

use crate::budget::Budget;
use crate::epsilon::epsilon;
use crate::ledger::View;
use crate::rho::NanoRho;

/// The probability with which the worked example may fail.
const DELTA: f64 = 1e-6;
/// What somebody believed before, as a part of one.
const PRIOR: f64 = 0.1;

/// What somebody who knows everybody else can come to believe.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Belief {
    /// The exponent by which the odds may grow or shrink.
    exponent: f64,
    /// The least that is believed afterwards, when X is in truth not there.
    least: f64,
    /// The most that is believed afterwards, when X is in truth there.
    most: f64,
}

/// The belief after a loss, except with probability `delta`; `prior` strictly between 0 and 1.
fn belief(loss: NanoRho, delta: f64, prior: f64) -> Belief {
    let rho = loss.rho();
    let exponent = rho + 2.0 * (rho * (1.0 / delta).ln()).sqrt();
    let odds = prior / (1.0 - prior);
    // Written so that large exponents end at 1, not at infinity divided by itself.
    let part = |odds: f64| 1.0 / (1.0 + 1.0 / odds);
    Belief {
        exponent,
        least: part(odds * (-exponent).exp()),
        most: part(odds * exponent.exp()),
    }
}

impl Belief {
    /// `at most 525 in 1,000 and at least 11 in 1,000`.
    fn words(&self) -> String {
        let of = |count: f64| {
            if count >= 1_000.0 {
                "as good as certain".to_owned()
            } else {
                format!("{count:.0} in 1,000")
            }
        };
        let most = of((self.most * 1_000.0).ceil());
        let least = (self.least * 1_000.0).floor();
        format!("at most {most} and at least {least:.0} in 1,000")
    }
}

/// What the whole life of the programme means for one person, sentence by sentence.
#[must_use]
pub fn meaning(view: &View) -> Vec<String> {
    let mut words = match view.years.len() {
        0 => vec!["Nothing was released yet: releases have told nobody anything.".to_owned()],
        years => so_far(view, years),
    };
    words.extend(ten_years(view));
    words.extend([
        "This is the worst case: a reader who knows everything about everybody else, holds all releases, and computes without \
         a mistake. Whoever knows less learns less."
            .to_owned(),
        "It is about one person's part. What the figures show about everybody, such as drop-outs in a city, is what they are \
         published for, and is not protected."
            .to_owned(),
        "A year is a calendar year, and one short stay can be part of several. Whoever came once, with the longest cover of a \
         year, is active in the releases of two calendar years and may have dropped out in a third: that one visit can cost as \
         much as three years. Of first enrolments the running totals keep a part for up to five years."
            .to_owned(),
        "Somebody with two cards that were never linked counts as two people: together they may lose up to four times the \
         rho."
        .to_owned(),
        "Losses add up and are never given back. What a year leaves unspent is not carried over."
            .to_owned(),
    ]);
    words
}

fn so_far(view: &View, years: usize) -> Vec<String> {
    let told = belief(view.lifetime_bound, DELTA, PRIOR);
    let of_years = if years == 1 {
        "of one year".to_owned()
    } else {
        format!("of {years} years")
    };
    vec![
        format!(
            "An example. Before reading anything, somebody believed with a chance of 1 in 10 (100 in 1,000) that a certain \
             person used a service. After all releases {of_years} that belief is {}, except with a probability of at most 1 \
             in a million.",
            told.words()
        ),
        format!(
            "That is because the odds grow or shrink at most {:.1} times (e to the power of {:.2}). The exponent is rho + 2 x \
             the root of (rho x ln of a million), with rho = {}; it is a little larger than epsilon, which says how well two \
             states can be told apart, not what one reader may believe.",
            up(told.exponent.exp(), 10.0),
            up(told.exponent, 100.0),
            view.lifetime_bound
        ),
    ]
}

/// What comes if every year is used in full.
fn ten_years(view: &View) -> Option<String> {
    let year = view
        .budgets
        .last()
        .map_or(Budget::Default, |one| one.budget);
    let ten = NanoRho::new(year.per_year().nano().checked_mul(10)?);
    let (one, all) = (
        belief(year.per_year(), DELTA, PRIOR),
        belief(ten, DELTA, PRIOR),
    );
    let epsilon = |loss| thousandths(epsilon(loss, DELTA));
    Some(format!(
        "Looking ahead, with the budget {year} used in full: after one year the 1 in 10 becomes {} (epsilon {} at delta \
         1e-6); after ten years, for somebody who took part all the time, {} (epsilon {}).",
        one.words(),
        epsilon(year.per_year()),
        all.words(),
        epsilon(ten)
    ))
}

/// An epsilon for people: rounded up to a thousandth, as releases state it.
#[must_use]
pub fn thousandths(epsilon: f64) -> String {
    format!("{:.3}", up(epsilon, 1_000.0))
}

/// Rounded up to a part of one.
fn up(number: f64, parts: f64) -> f64 {
    (number * parts).ceil() / parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use crate::ledger::words::*;

    #[test]
    fn beliefs_follow_from_the_odds() {
        let none = belief(NanoRho::ZERO, DELTA, PRIOR);
        assert!((none.most - PRIOR).abs() < 1e-12 && (none.least - PRIOR).abs() < 1e-12);
        // By hand: 0.0882 + 2 sqrt(0.0882 * 13.8155) = 2.2959; odds 1/9 * 9.9333 = 1.1037.
        let year = belief(Budget::Default.per_year(), DELTA, PRIOR);
        assert!((year.exponent - 2.2959).abs() < 1e-3, "{year:?}");
        assert!((year.most - 0.5247).abs() < 1e-3, "{year:?}");
        assert!((year.least - 0.01106).abs() < 1e-4, "{year:?}");
        assert_eq!(
            year.words(),
            "at most 525 in 1,000 and at least 11 in 1,000"
        );
        let much = belief(NanoRho::new(u64::MAX / 2), DELTA, PRIOR);
        assert!(much.most <= 1.0 && much.least >= 0.0, "{much:?}");
        assert_eq!(
            much.words(),
            "at most as good as certain and at least 0 in 1,000"
        );
    }

    /// The exponent is never below the tight epsilon: the example never promises more than the ledger.
    #[test]
    fn the_example_is_never_kinder_than_epsilon() {
        for nano in [1, 1_000, 991_783, 88_200_000, 882_000_000, 3_111_000_000] {
            let loss = NanoRho::new(nano);
            let epsilon = epsilon(loss, DELTA);
            assert!(belief(loss, DELTA, PRIOR).exponent >= epsilon, "{nano}");
        }
    }

    /// The tail that the example rests on, for the noise that is drawn: a shift of one against a normal law.
    #[test]
    fn losses_beyond_the_exponent_are_rarer_than_delta() {
        for (rho, delta) in [(0.0882, 1e-6), (0.882, 1e-6), (3.0, 1e-3_f64)] {
            let exponent = rho + 2.0 * f64::sqrt(rho * (1.0 / delta).ln());
            // The loss of a normal law with this rho is normal: mean rho, variance 2 rho.
            let z = (exponent - rho) / (2.0 * rho).sqrt();
            // Mills: P[Z > z] < exp(-z^2 / 2) / (z sqrt(2 pi)).
            let tail = (-z * z / 2.0).exp() / (z * (2.0 * std::f64::consts::PI).sqrt());
            assert!(tail < delta, "{rho}");
        }
    }
}

//! Rates: a dot with its range each, on a scale from zero.

use super::bars::{self, Bar, Chart, Mark};
use super::block::{Block, Figure, Table};
use crate::language::{Language, fill};
use release::object::{RateRelease, Release};
use release::published::Reliability;

/// All rates, or nothing.
pub(super) fn section(release: &Release, language: Language) -> Vec<Block> {
    let texts = &language.texts().rate;
    if release.rates.is_empty() {
        return Vec::new();
    }
    let mut about = texts.about.to_owned();
    if release.rates.iter().any(|rate| rate.estimate.is_none()) {
        about.push(' ');
        about.push_str(texts.why_none);
    }
    let mut blocks = vec![
        Block::Heading(2, texts.title.to_owned()),
        Block::Text(about),
    ];
    // One name may be of the programme and of services: two figures.
    let kind = |rate: &RateRelease| (rate.rate.clone(), rate.service.is_some());
    let mut kinds = Vec::new();
    for rate in &release.rates {
        if !kinds.contains(&kind(rate)) {
            kinds.push(kind(rate));
        }
    }
    for one in kinds {
        let rates: Vec<&RateRelease> = release
            .rates
            .iter()
            .filter(|rate| kind(rate) == one)
            .collect();
        blocks.extend(figure(&rates, language));
    }
    blocks
}

fn figure(rates: &[&RateRelease], language: Language) -> Vec<Block> {
    let Some(first) = rates.first() else {
        return Vec::new();
    };
    let texts = language.texts();
    let (title, denominator) = language.rate(&first.rate, &first.title, &first.denominator);
    let title = if first.service.is_some() {
        format!("{}: {title}", texts.figure.by_service)
    } else {
        capital(title)
    };
    let bars: Vec<Bar> = rates.iter().map(|rate| bar(rate, language)).collect();
    let picture = bars::picture(&Chart {
        title: &title,
        described: texts.rate.described,
        bars: &bars,
        ends: (0.0, most(rates)),
        mark: Mark::Dot,
        language,
    });
    let head = [
        texts.figure.cell,
        texts.rate.percent,
        texts.figure.interval,
        texts.figure.reliability,
    ];
    let table = Table {
        caption: fill(texts.figure.caption, &[("title", &title)]),
        head: head.map(str::to_owned).to_vec(),
        rows: rates.iter().map(|rate| row(rate, language)).collect(),
        foot: None,
    };
    vec![
        Block::Heading(3, title),
        Block::Text(fill(texts.rate.of, &[("denominator", denominator)])),
        Block::Figure(Figure {
            picture,
            note: None,
            table,
        }),
    ]
}

/// With a large first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// The end of the axis: the largest range, unless one is so wide that nothing else could be read.
fn most(rates: &[&RateRelease]) -> f64 {
    let largest =
        |of: fn(&RateRelease) -> f64| rates.iter().fold(0.0, |most: f64, rate| most.max(of(rate)));
    let (ranges, estimates) = (
        largest(|rate| rate.hi.map_or(0.0, |hi| hi.value())),
        largest(|rate| rate.estimate.map_or(0.0, |one| one.value())),
    );
    ranges.min((2.0 * estimates).max(20.0))
}

fn bar(rate: &RateRelease, language: Language) -> Bar {
    let value = match (rate.estimate, rate.lo, rate.hi) {
        (Some(value), Some(lo), Some(hi)) => Some((value.value(), lo.value(), hi.value())),
        _ => None,
    };
    let text = match value {
        Some(_) => format!("{} ({})", number(rate, language), range(rate, language)),
        None => language.texts().rate.none.to_owned(),
    };
    Bar {
        label: label(rate, language),
        text,
        value,
        low: rate.reliability != Reliability::Ok,
    }
}

fn row(rate: &RateRelease, language: Language) -> Vec<String> {
    vec![
        label(rate, language),
        number(rate, language),
        range(rate, language),
        language.reliability(rate.reliability).to_owned(),
    ]
}

/// Place or service, and the day.
fn label(rate: &RateRelease, language: Language) -> String {
    let place = match (&rate.service, &rate.city) {
        (Some(service), _) => language.service(service),
        (None, city) => language.place(city.as_deref()),
    };
    match rate.day {
        None => place.to_owned(),
        Some(day) => {
            let day = fill(language.texts().figure.on_day, &[("day", &day.to_string())]);
            format!("{place}, {day}")
        }
    }
}

fn number(rate: &RateRelease, language: Language) -> String {
    rate.estimate.map_or_else(none, |value| {
        format!("{}\u{a0}%", language.tenths(value.value()))
    })
}

fn none() -> String {
    "\u{2013}".to_owned()
}

/// Rounded outwards.
fn range(rate: &RateRelease, language: Language) -> String {
    let (Some(lo), Some(hi)) = (rate.lo, rate.hi) else {
        return none();
    };
    let lo = language.tenths((lo.value() * 10.0).floor() / 10.0);
    let hi = language.tenths((hi.value() * 10.0).ceil() / 10.0);
    fill(language.texts().figure.range, &[("lo", &lo), ("hi", &hi)])
}

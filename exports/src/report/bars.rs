//! Bars (counts) and dots (rates) with their noise ranges.
//!
//! Labels stand above their marks, so that it reads at 320 pixels; where label and number do not fit in one line they get two.
//! The picture of counts and rates begins at zero and cuts ranges off there; the table beneath does not.

use super::chart::{Scale, wrap};
use super::picture::{Anchor, Ink, Picture, Point, Shape, cut};
use crate::language::Language;

const WIDTH: f64 = 330.0;
const LEFT: f64 = 2.0;
const RIGHT: f64 = 328.0;
const LINE: f64 = 15.0;
const MARK: f64 = 27.0;
const AXIS: f64 = 24.0;
/// Letters in a line, for the widest of the common fonts.
const LETTERS: usize = 46;

/// How numbers are marked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Bar,
    Dot,
}

/// One number.
pub(super) struct Bar {
    /// What it is.
    pub(super) label: String,
    /// Number and range in words.
    pub(super) text: String,
    /// The estimate and its range; `None` when there is none to draw.
    pub(super) value: Option<(f64, f64, f64)>,
    /// Low reliability.
    pub(super) low: bool,
}

/// A chart.
pub(super) struct Chart<'a> {
    pub(super) title: &'a str,
    /// What the description begins with.
    pub(super) described: &'a str,
    /// The first on top.
    pub(super) bars: &'a [Bar],
    /// The ends of the axis, apart from zero.
    pub(super) ends: (f64, f64),
    pub(super) mark: Mark,
    pub(super) language: Language,
}

pub(super) fn picture(chart: &Chart<'_>) -> Picture {
    let scale = Scale::new(chart.ends.0, chart.ends.1, LEFT, RIGHT, 1.0);
    let mut marks = Vec::new();
    let mut top = 0.0;
    for bar in chart.bars {
        top += one(&mut marks, chart.mark, &scale, bar, top);
    }
    let mut shapes = axis(&scale, chart.language, top);
    shapes.append(&mut marks);
    let words: Vec<String> = chart
        .bars
        .iter()
        .map(|bar| format!("{}: {}", bar.label, bar.text))
        .collect();
    Picture {
        number: 0,
        title: chart.title.to_owned(),
        description: format!("{} {}.", chart.described, words.join("; ")),
        width: WIDTH,
        height: top + AXIS,
        shapes,
    }
}

fn axis(scale: &Scale, language: Language, bottom: f64) -> Vec<Shape> {
    let ticks = scale.ticks();
    let last = ticks.len() - 1;
    let mut shapes = Vec::new();
    for (place, value) in ticks.into_iter().enumerate() {
        let x = scale.at(value);
        shapes.push(line(&[(x, 0.0), (x, bottom + 4.0)], Ink::Grid));
        shapes.push(Shape::Text {
            at: (x, bottom + AXIS - 6.0),
            anchor: match place {
                0 => Anchor::Start,
                one if one == last => Anchor::End,
                _ => Anchor::Middle,
            },
            ink: Ink::Tick,
            text: language.whole(value as i64),
        });
    }
    shapes
}

/// Draws one number; its height.
fn one(shapes: &mut Vec<Shape>, mark: Mark, scale: &Scale, bar: &Bar, top: f64) -> f64 {
    let mut lines = wrap(&bar.label, LETTERS);
    let last = lines.last().map_or(0, |line| line.chars().count());
    let alone = last + 3 + bar.text.chars().count() > LETTERS;
    if alone {
        lines.push(String::new());
    }
    for (place, text) in lines
        .iter()
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
    {
        shapes.push(Shape::Text {
            at: (LEFT, top + LINE * place as f64 + LINE - 1.0),
            anchor: Anchor::Start,
            ink: Ink::Text,
            text: text.clone(),
        });
    }
    let words = LINE * lines.len() as f64;
    let (x, anchor) = if alone {
        (LEFT, Anchor::Start)
    } else {
        (RIGHT, Anchor::End)
    };
    shapes.push(Shape::Text {
        at: (x, top + words - 1.0),
        anchor,
        ink: Ink::Value,
        text: bar.text.clone(),
    });
    let Some(value) = bar.value else {
        return words + 10.0;
    };
    draw(shapes, mark, scale, value, bar.low, top + words + 11.0);
    words + MARK
}

/// Bar or dot with its range, around the height `middle`.
fn draw(
    shapes: &mut Vec<Shape>,
    mark: Mark,
    scale: &Scale,
    (value, lo, hi): (f64, f64, f64),
    low: bool,
    middle: f64,
) {
    let ink = match (low, mark) {
        (true, _) => Ink::Low,
        (false, Mark::Bar) => Ink::Bar,
        (false, Mark::Dot) => Ink::Dot,
    };
    let (x, zero) = (scale.at(value), scale.at(0.0));
    if mark == Mark::Bar {
        shapes.push(Shape::Rect {
            at: (x.min(zero), middle - 6.0),
            size: (cut((x - zero).abs()), 12.0),
            ink,
        });
    }
    let (from, to) = (scale.at(lo), scale.at(hi));
    shapes.push(line(&[(from, middle), (to, middle)], Ink::Range));
    // A range that goes on beyond the picture has no end there.
    for (end, x) in [(lo, from), (hi, to)] {
        if scale.holds(end) {
            shapes.push(line(&[(x, middle - 4.0), (x, middle + 4.0)], Ink::Range));
        }
    }
    if mark == Mark::Dot && scale.holds(value) {
        shapes.push(Shape::Circle {
            at: (x.clamp(LEFT + 4.0, RIGHT - 4.0), middle),
            radius: 4.5,
            ink,
        });
    }
}

pub(super) fn line(points: &[Point], ink: Ink) -> Shape {
    Shape::Line {
        points: points.to_vec(),
        closed: false,
        ink,
    }
}

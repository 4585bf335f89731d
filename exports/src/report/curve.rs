//! A number that grows over days: a stepped line in its noise band. What is known by day 15 is drawn from day 15 on.

use super::bars::line;
use super::chart::Scale;
use super::picture::{Anchor, Ink, Picture, Point, Shape};
use crate::language::Language;

const WIDTH: f64 = 330.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 322.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 150.0;
const HEIGHT: f64 = 188.0;
/// Days between lines.
const MONTH: u16 = 30;

/// One step: from `day` on, number, lower and upper end.
pub(super) struct Step {
    pub(super) day: u16,
    pub(super) value: f64,
    pub(super) lo: f64,
    pub(super) hi: f64,
}

/// A curve.
pub(super) struct Curve<'a> {
    pub(super) title: &'a str,
    pub(super) description: String,
    pub(super) steps: &'a [Step],
    /// The top of the axis.
    pub(super) most: f64,
    pub(super) language: Language,
}

pub(super) fn picture(curve: &Curve<'_>) -> Picture {
    let last = curve.steps.iter().map(|step| step.day).max().unwrap_or(1);
    let days = |day: u16| {
        let part = f64::from(day) / f64::from(last.max(1));
        super::picture::cut(LEFT + part * (RIGHT - LEFT))
    };
    let scale = Scale::new(0.0, curve.most, BOTTOM, TOP, 1.0);
    let mut shapes = axes(curve.language, &scale, days, last);
    let stair = |of: fn(&Step) -> f64| stairs(curve.steps, days, last, |step| scale.at(of(step)));
    let mut band = stair(|step| step.hi);
    band.extend(stair(|step| step.lo).into_iter().rev());
    shapes.push(Shape::Line {
        points: band,
        closed: true,
        ink: Ink::Band,
    });
    shapes.push(line(&stair(|step| step.value), Ink::Curve));
    Picture {
        number: 0,
        title: curve.title.to_owned(),
        description: curve.description.clone(),
        width: WIDTH,
        height: HEIGHT,
        shapes,
    }
}

/// Nothing before the first step, then flat until the next one. The last one is drawn a little long, or it could not be seen.
fn stairs(
    steps: &[Step],
    days: impl Fn(u16) -> f64,
    last: u16,
    height: impl Fn(&Step) -> f64,
) -> Vec<Point> {
    let mut points = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let until = match steps.get(place + 1) {
            Some(next) => days(next.day),
            None => days(last) + 5.0,
        };
        let y = height(step);
        points.push((days(step.day), y));
        points.push((until, y));
    }
    points
}

fn axes(language: Language, scale: &Scale, days: impl Fn(u16) -> f64, last: u16) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for value in scale.ticks() {
        let y = scale.at(value);
        shapes.push(line(&[(LEFT, y), (RIGHT, y)], Ink::Grid));
        shapes.push(tick(
            (LEFT - 5.0, y + 4.0),
            Anchor::End,
            language.whole(value as i64),
        ));
    }
    for day in (0..=last).step_by(usize::from(MONTH)) {
        let x = days(day);
        shapes.push(line(&[(x, BOTTOM), (x, BOTTOM + 4.0)], Ink::Grid));
        shapes.push(tick((x, BOTTOM + 17.0), Anchor::Middle, day.to_string()));
    }
    let words = language.texts().figure.days.to_owned();
    shapes.push(tick((RIGHT, HEIGHT - 5.0), Anchor::End, words));
    shapes
}

fn tick(at: Point, anchor: Anchor, text: String) -> Shape {
    Shape::Text {
        at,
        anchor,
        ink: Ink::Tick,
        text,
    }
}

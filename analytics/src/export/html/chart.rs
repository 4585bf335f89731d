//! The one chart: bars with their noise ranges, as SVG. A pure function of numbers; the page's style colours it.
//!
//! Labels stand above their bars, so that it reads at 320 pixels. The picture begins at zero and cuts ranges off there; the
//! table beneath it does not. Low reliability is drawn as an outline, not as a colour alone.

use std::fmt::Write as _;

use crate::export::xml::escape;

/// Width in units; heights follow from the number of bars.
const WIDTH: f64 = 330.0;
const LEFT: f64 = 2.0;
const RIGHT: f64 = 328.0;
const ROW: f64 = 42.0;
const AXIS: f64 = 24.0;
/// How many steps an axis has at most.
const STEPS: f64 = 5.0;

/// One number.
pub(super) struct Bar {
    /// What it is.
    pub(super) label: String,
    /// Number and range in words.
    pub(super) text: String,
    /// The estimate.
    pub(super) value: f64,
    /// The range.
    pub(super) lo: f64,
    pub(super) hi: f64,
    /// Low reliability.
    pub(super) low: bool,
}

/// A chart.
pub(super) struct Chart<'a> {
    /// Unique on the page.
    pub(super) id: &'a str,
    /// What it shows.
    pub(super) title: &'a str,
    /// The bars, the first on top.
    pub(super) bars: &'a [Bar],
    /// The largest number that must fit, above zero.
    pub(super) most: f64,
}

/// The chart as SVG, with a title and a description in words.
pub(super) fn svg(chart: &Chart<'_>) -> String {
    let (id, step) = (escape(chart.id), step(chart.most));
    let steps = (chart.most / step).ceil().max(1.0);
    let scale = Scale { end: steps * step };
    let height = ROW * chart.bars.len() as f64 + AXIS;
    let words: Vec<String> = chart
        .bars
        .iter()
        .map(|bar| format!("{}: {}", bar.label, bar.text))
        .collect();
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">Number and 95 % noise \
         range. {}.</desc>\n",
        escape(chart.title),
        escape(&words.join("; "))
    );
    axis(&mut svg, &scale, step, steps, height);
    for (row, bar) in chart.bars.iter().enumerate() {
        draw(&mut svg, &scale, bar, ROW * row as f64);
    }
    svg.push_str("</svg>\n");
    svg
}

/// From numbers to units.
struct Scale {
    end: f64,
}

impl Scale {
    /// Cut off at both ends, to a hundredth, so that the text is short and the same everywhere.
    fn at(&self, value: f64) -> f64 {
        let part = (value / self.end).clamp(0.0, 1.0);
        ((LEFT + part * (RIGHT - LEFT)) * 100.0).round() / 100.0
    }
}

/// The smallest of 1, 2 and 5 times a power of ten, at least 1, that needs no more than [`STEPS`] steps.
fn step(most: f64) -> f64 {
    let mut power = 1.0;
    loop {
        for factor in [1.0, 2.0, 5.0] {
            if most <= factor * power * STEPS || power > 1e15 {
                return factor * power;
            }
        }
        power *= 10.0;
    }
}

// Writing to a String cannot fail.
fn axis(svg: &mut String, scale: &Scale, step: f64, steps: f64, height: f64) {
    let (bottom, text) = (height - AXIS + 4.0, height - 6.0);
    for tick in 0..=(steps as i64) {
        let value = step * tick as f64;
        let x = scale.at(value);
        let anchor = match tick {
            0 => "start",
            last if last == steps as i64 => "end",
            _ => "middle",
        };
        let label = thousands(value as i64);
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{x} 0V{bottom}\"/><text class=\"tick\" x=\"{x}\" y=\"{text}\" text-anchor=\"{anchor}\">{label}</text>"
        );
    }
}

fn draw(svg: &mut String, scale: &Scale, bar: &Bar, top: f64) {
    let (words, upper, middle) = (top + 14.0, top + 20.0, top + 26.0);
    let (from, to) = (scale.at(bar.lo), scale.at(bar.hi));
    let width = ((scale.at(bar.value) - LEFT) * 100.0).round() / 100.0;
    let class = if bar.low { "bar low" } else { "bar" };
    let end = |x: f64| format!("M{x} {}v8", middle - 4.0);
    // A range that goes on below zero has no end there.
    let left = if bar.lo < 0.0 {
        String::new()
    } else {
        end(from)
    };
    let _ = writeln!(
        svg,
        "<text x=\"{LEFT}\" y=\"{words}\">{}</text><text class=\"value\" x=\"{RIGHT}\" y=\"{words}\" text-anchor=\"end\">{}</text>\
         <rect class=\"{class}\" x=\"{LEFT}\" y=\"{upper}\" width=\"{width}\" height=\"12\"/>\
         <path class=\"range\" d=\"M{from} {middle}H{to}{left}{}\"/>",
        escape(&bar.label),
        escape(&bar.text),
        end(to)
    );
}

/// Digits in threes, with a real minus sign.
pub(in crate::export) fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 {
        text.insert(0, '\u{2212}');
    }
    text
}

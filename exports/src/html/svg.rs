//! Pictures as inline SVG; the page's style colours them by class.

use std::fmt::Write as _;

use crate::report::picture::{Anchor, Ink, Picture, Point, Shape};
use crate::xml::escape;

/// The picture with its title and description. Writing to a String cannot fail.
pub(super) fn svg(picture: &Picture) -> String {
    let id = format!("picture-{}", picture.number);
    let (width, height) = (picture.width, picture.height);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
        escape(&picture.title),
        escape(&picture.description)
    );
    for shape in &picture.shapes {
        draw(&mut svg, shape);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, shape: &Shape) {
    let _ = match shape {
        Shape::Text {
            at,
            anchor,
            ink,
            text: words,
        } => text(svg, *at, *anchor, *ink, words),
        Shape::Rect {
            at: (x, y),
            size: (width, height),
            ink,
        } => {
            let class = class(*ink);
            writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
            )
        }
        Shape::Circle {
            at: (x, y),
            radius,
            ink,
        } => {
            let class = class(*ink);
            writeln!(
                svg,
                "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"
            )
        }
        Shape::Line {
            points,
            closed,
            ink,
        } => {
            let (class, path) = (class(*ink), path(points, *closed));
            writeln!(svg, "<path class=\"{class}\" d=\"{path}\"/>")
        }
    };
}

fn text(svg: &mut String, (x, y): Point, anchor: Anchor, ink: Ink, text: &str) -> std::fmt::Result {
    let (class, anchor, text) = (class(ink), word(anchor), escape(text));
    writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
    )
}

fn path(points: &[Point], closed: bool) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{x} {y}", if place == 0 { 'M' } else { 'L' });
    }
    if closed {
        path.push('Z');
    }
    path
}

const fn word(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    }
}

const fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Text => "label",
        Ink::Value => "value",
        Ink::Tick => "tick",
        Ink::Grid => "grid",
        Ink::Bar => "bar",
        Ink::Low => "low",
        Ink::Dot => "dot",
        Ink::Range => "range",
        Ink::Band => "band",
        Ink::Curve => "curve",
    }
}

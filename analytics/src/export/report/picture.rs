//! Pictures as shapes: what a chart is before it is SVG or PDF. Units are CSS pixels at the picture's own width; y grows downwards.

/// A picture with its words.
pub(in crate::export) struct Picture {
    /// Unique in the report, given at the end.
    pub(in crate::export) number: u32,
    pub(in crate::export) title: String,
    /// All of it in words.
    pub(in crate::export) description: String,
    pub(in crate::export) width: f64,
    pub(in crate::export) height: f64,
    pub(in crate::export) shapes: Vec<Shape>,
}

/// A place in a picture.
pub(in crate::export) type Point = (f64, f64);

/// A part of a picture.
pub(in crate::export) enum Shape {
    Text {
        at: Point,
        anchor: Anchor,
        ink: Ink,
        text: String,
    },
    /// Left, top, width, height.
    Rect {
        at: Point,
        size: (f64, f64),
        ink: Ink,
    },
    /// Centre and radius.
    Circle { at: Point, radius: f64, ink: Ink },
    /// Straight pieces from point to point; closed when it has an inside.
    Line {
        points: Vec<Point>,
        closed: bool,
        ink: Ink,
    },
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum Anchor {
    Start,
    Middle,
    End,
}

/// What a shape is drawn with; each medium has its own colours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum Ink {
    Text,
    Value,
    Tick,
    Grid,
    Bar,
    /// A bar or dot of low reliability: an outline, not a colour alone.
    Low,
    Dot,
    Range,
    Band,
    Curve,
}

/// To a hundredth, so that texts are short and the same everywhere.
pub(super) fn cut(value: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (value * 100.0).round() / 100.0 + 0.0
}

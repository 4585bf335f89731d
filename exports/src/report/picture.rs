//! Pictures as shapes: what a chart is before it is SVG or PDF. Units are CSS pixels at the picture's own width; y grows downwards.

/// A picture with its words.
pub(crate) struct Picture {
    /// Unique in the report, given at the end.
    pub(crate) number: u32,
    pub(crate) title: String,
    /// All of it in words.
    pub(crate) description: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) shapes: Vec<Shape>,
}

/// A place in a picture.
pub(crate) type Point = (f64, f64);

/// A part of a picture.
pub(crate) enum Shape {
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
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What a shape is drawn with; each medium has its own colours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
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

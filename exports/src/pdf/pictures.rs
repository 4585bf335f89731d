//! Pictures on paper: the shapes of a chart as paths and text, in greys that survive a copying machine.

use krilla::color::luma;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;

use super::face::{Faces, Weight};
use crate::report::picture::{Anchor, Ink, Picture, Shape};

/// How far control points stand off for a quarter of a circle.
const ROUND: f32 = 0.552_284_8;
const BLACK: u8 = 0;

/// Draws a picture with its upper left corner at a place.
pub(super) fn draw(
    surface: &mut Surface<'_>,
    faces: &Faces,
    picture: &Picture,
    at: (f32, f32),
    scale: f32,
) {
    surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, at.0, at.1));
    for shape in &picture.shapes {
        one(surface, faces, shape);
    }
    surface.pop();
}

fn one(surface: &mut Surface<'_>, faces: &Faces, shape: &Shape) {
    match shape {
        Shape::Text {
            at,
            anchor,
            ink,
            text,
        } => label(
            surface,
            faces,
            (at.0 as f32, at.1 as f32),
            *anchor,
            *ink,
            text,
        ),
        Shape::Rect {
            at: (x, y),
            size: (width, height),
            ink,
        } => {
            let rect = Rect::from_xywh(
                *x as f32,
                *y as f32,
                (*width as f32).max(0.1),
                *height as f32,
            );
            paint(surface, rect.and_then(rectangle), *ink);
        }
        Shape::Circle { at, radius, ink } => {
            let path = circle(at.0 as f32, at.1 as f32, *radius as f32);
            paint(surface, path, *ink);
        }
        Shape::Line {
            points,
            closed,
            ink,
        } => paint(surface, line(points, *closed), *ink),
    }
}

fn rectangle(rect: Rect) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    path.finish()
}

fn line(points: &[(f64, f64)], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let (x, y) = (*x as f32, *y as f32);
        match place {
            0 => path.move_to(x, y),
            _ => path.line_to(x, y),
        }
    }
    if closed {
        path.close();
    }
    path.finish()
}

fn circle(x: f32, y: f32, r: f32) -> Option<Path> {
    let k = r * ROUND;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path.finish()
}

fn paint(surface: &mut Surface<'_>, path: Option<Path>, ink: Ink) {
    // A line without a length is nothing to draw.
    let Some(path) = path else {
        return;
    };
    let (inside, outline) = match ink {
        Ink::Grid => (None, Some(stroke(205, 0.8))),
        Ink::Bar => (Some(fill(170)), None),
        Ink::Low => (Some(fill(255)), Some(dashed())),
        Ink::Dot => (Some(fill(90)), Some(stroke(BLACK, 0.8))),
        Ink::Range => (None, Some(stroke(BLACK, 1.4))),
        Ink::Band => (Some(fill(205)), None),
        Ink::Curve => (None, Some(stroke(BLACK, 1.6))),
        Ink::Text | Ink::Value | Ink::Tick => (Some(fill(BLACK)), None),
    };
    surface.set_fill(inside);
    surface.set_stroke(outline);
    surface.draw_path(&path);
}

/// One grey.
pub(super) fn fill(grey: u8) -> Fill {
    Fill {
        paint: luma::Color::new(grey).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

/// A line of one grey.
pub(super) fn stroke(grey: u8, width: f32) -> Stroke {
    Stroke {
        paint: luma::Color::new(grey).into(),
        width,
        ..Stroke::default()
    }
}

fn dashed() -> Stroke {
    Stroke {
        dash: Some(StrokeDash {
            array: vec![3.0, 2.0],
            offset: 0.0,
        }),
        ..stroke(80, 1.0)
    }
}

fn label(
    surface: &mut Surface<'_>,
    faces: &Faces,
    at: (f32, f32),
    anchor: Anchor,
    ink: Ink,
    text: &str,
) {
    let face = faces.of(Weight::Regular);
    let text = face.known(text);
    let size = if ink == Ink::Tick { 10.5 } else { 12.0 };
    let width = face.width(&text, size);
    let x = match anchor {
        Anchor::Start => at.0,
        Anchor::Middle => at.0 - width / 2.0,
        Anchor::End => at.0 - width,
    };
    // Lines behind stop at the words.
    let behind = Rect::from_xywh(x - 1.5, at.1 - size * 0.85, width + 3.0, size * 1.1);
    surface.set_stroke(None);
    surface.set_fill(Some(fill(255)));
    if let Some(path) = behind.and_then(rectangle) {
        surface.draw_path(&path);
    }
    surface.set_fill(Some(fill(if ink == Ink::Text { BLACK } else { 70 })));
    let glyphs = face.glyphs(&text);
    surface.draw_glyphs(
        Point::from_xy(x, at.1),
        &glyphs,
        face.font.clone(),
        &text,
        size,
        false,
    );
}

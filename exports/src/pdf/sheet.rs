//! Pages with marks on them, before they are written. Units are points (1/72 inch); y grows downwards.

use super::face::Weight;
use super::tree::{Part, Tree};
use crate::report::picture::Picture;

/// A4.
pub(super) const WIDTH: f32 = 595.276;
pub(super) const HEIGHT: f32 = 841.89;
pub(super) const LEFT: f32 = 50.0;
pub(super) const RIGHT: f32 = WIDTH - 50.0;
pub(super) const TOP: f32 = 48.0;
pub(super) const BOTTOM: f32 = HEIGHT - 62.0;

/// How strong a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Ink,
    Quiet,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) weight: Weight,
    pub(super) size: f32,
    pub(super) tone: Tone,
}

impl Style {
    pub(super) const fn new(weight: Weight, size: f32, tone: Tone) -> Self {
        Self { weight, size, tone }
    }
}

/// Something on a page.
pub(super) enum Mark<'a> {
    /// One line of text with its baseline; without a part it is no content (a footer, a heading said again).
    Text {
        part: Option<Part>,
        x: f32,
        y: f32,
        style: Style,
        text: String,
    },
    /// A level line between rows.
    Rule { from: f32, to: f32, y: f32 },
    /// A picture at its upper left corner.
    Picture {
        part: Part,
        x: f32,
        y: f32,
        scale: f32,
        picture: &'a Picture,
    },
}

/// An entry of the outline.
pub(super) struct Entry {
    pub(super) level: u8,
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// The document as set.
#[derive(Default)]
pub(super) struct Set<'a> {
    pub(super) pages: Vec<Vec<Mark<'a>>>,
    pub(super) tree: Tree,
    pub(super) outline: Vec<Entry>,
}

//! A place on paper that moves down and on to the next page, and text from there.

use super::face::{Face, Faces};
use super::sheet::{BOTTOM, Mark, RIGHT, Set, Style, TOP};
use super::tree::Part;

/// A report on its way to paper.
pub(super) struct Setter<'a> {
    pub(super) faces: &'a Faces,
    pub(super) set: Set<'a>,
    /// Top of what comes next.
    pub(super) y: f32,
}

impl<'a> Setter<'a> {
    /// The top of the first page.
    pub(super) fn new(faces: &'a Faces) -> Self {
        let mut set = Set::default();
        set.pages.push(Vec::new());
        Self { faces, set, y: TOP }
    }

    pub(super) const fn face(&self, style: Style) -> &'a Face {
        self.faces.of(style.weight)
    }

    /// A new page, unless `height` still fits or the page is empty.
    pub(super) fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.next_page();
        }
    }

    pub(super) fn next_page(&mut self) {
        self.set.pages.push(Vec::new());
        self.y = TOP;
    }

    pub(super) fn page(&self) -> usize {
        self.set.pages.len() - 1
    }

    pub(super) fn mark(&mut self, mark: Mark<'a>) {
        if let Some(page) = self.set.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Text from `left` to the right margin, over as many pages as it needs.
    pub(super) fn lines(&mut self, part: Part, text: &str, style: Style, left: f32) {
        let lines = self.face(style).wrap(text, style.size, RIGHT - left);
        let last = lines.len() - 1;
        for (place, mut text) in lines.into_iter().enumerate() {
            if place < last {
                // Words are told apart by spaces, not by places.
                text.push(' ');
            }
            let height = style.size * 1.4;
            self.need(height);
            self.mark(Mark::Text {
                part: Some(part),
                x: left,
                y: self.y + style.size * 1.05,
                style,
                text,
            });
            self.y += height;
        }
    }
}

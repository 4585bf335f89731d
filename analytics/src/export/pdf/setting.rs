//! Setting a report on pages: one column, blocks from top to bottom, a picture with its table beside it.

use super::face::{Face, Faces, Weight};
use super::sheet::{BOTTOM, Entry, LEFT, Mark, RIGHT, Set, Style, TOP, Tone};
use super::tables::{self, Columns};
use super::tree::{Kind, Part};
use crate::export::report::{Block, Figure, Report};

/// Widest a picture gets.
const PICTURE: f32 = 218.0;
/// Between a picture and its table.
const GAP: f32 = 16.0;
/// Tallest a picture gets.
const TALL: f32 = 540.0;
const BODY: Style = Style::new(Weight::Regular, 9.5, Tone::Ink);
const SMALL: Style = Style::new(Weight::Regular, 8.0, Tone::Quiet);

/// A report on its way to paper.
pub(super) struct Setter<'a> {
    pub(super) faces: &'a Faces,
    pub(super) set: Set<'a>,
    /// Top of what comes next.
    pub(super) y: f32,
    /// Inside of what a page folds away: headings are one level deeper, pictures are left out.
    folded: bool,
}

/// Sets all of it.
pub(super) fn set<'a>(report: &'a Report, faces: &'a Faces) -> Set<'a> {
    let mut setter = Setter {
        faces,
        set: Set::default(),
        y: TOP,
        folded: false,
    };
    setter.set.pages.push(Vec::new());
    setter.blocks(&report.blocks);
    setter.set
}

impl<'a> Setter<'a> {
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

    /// Headings stay with what they are about.
    fn blocks(&mut self, blocks: &'a [Block]) {
        for (place, block) in blocks.iter().enumerate() {
            if let Block::Heading(..) = block {
                let rest = blocks.get(place..).unwrap_or_default();
                let height = self.together(rest);
                if height < BOTTOM - TOP {
                    self.need(height);
                }
            }
            self.block(block);
        }
    }

    /// About how tall the headings, sentences and the first figure at the beginning of `blocks` are.
    fn together(&self, blocks: &[Block]) -> f32 {
        let mut height = 0.0;
        for block in blocks {
            match block {
                Block::Heading(level, _) => {
                    height += if *level < 3 { 60.0 } else { 30.0 };
                }
                Block::Number(..) => height += 27.0,
                Block::Text(_) => height += 30.0,
                Block::Figure(figure) if !self.folded => {
                    return height + self.figure_size(figure).1;
                }
                _ => return height + 60.0,
            }
        }
        height
    }

    /// Scale of the picture, and how much room it and its table ask for.
    fn figure_size(&self, figure: &Figure) -> (f32, f32) {
        let (width, height) = (figure.picture.width as f32, figure.picture.height as f32);
        let scale = (PICTURE / width).min(TALL / height);
        let rows = tables::height(self, &figure.table, &Columns::beside(LEFT + PICTURE + GAP));
        (scale, (height * scale).max(rows.min(TALL)) + 6.0)
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Heading(level, text) => self.heading(*level, text),
            Block::Text(text) => {
                let part = self.set.tree.root(Kind::Paragraph);
                self.lines(part, text, BODY, LEFT);
                self.y += 4.0;
            }
            Block::Number(number, rest) => self.number(number, rest),
            Block::List(items) => self.list(items),
            Block::Figure(figure) => self.figure(figure),
            Block::Table(table) => {
                self.need(60.0);
                let columns = Columns::alone();
                tables::table(self, table, &columns);
                self.y += 10.0;
            }
            Block::Details(summary, blocks) => {
                self.need(180.0);
                self.heading(3, summary);
                self.folded = true;
                self.blocks(blocks);
                self.folded = false;
            }
            Block::Command(text) => {
                let part = self.set.tree.root(Kind::Paragraph);
                let part = self.set.tree.child(part, Kind::Code);
                self.lines(part, text, SMALL, LEFT + 10.0);
                self.y += 4.0;
            }
            Block::Facts(facts) => {
                for (name, value) in facts {
                    let part = self.set.tree.root(Kind::Paragraph);
                    self.lines(part, &format!("{name}: {value}"), SMALL, LEFT);
                    self.y += 2.0;
                }
                self.y += 4.0;
            }
        }
    }

    fn heading(&mut self, level: u8, text: &str) {
        let level = if self.folded { level + 1 } else { level };
        let (size, before, keep) = match level {
            1 => (19.0, 0.0, 80.0),
            2 => (14.0, 18.0, 60.0),
            3 => (10.5, 10.0, 40.0),
            _ => (9.0, 8.0, 40.0),
        };
        self.need(before + keep);
        if self.y > TOP {
            self.y += before;
        }
        if level <= 3 {
            let (page, y) = (self.page(), self.y);
            self.set.outline.push(Entry {
                level,
                text: text.to_owned(),
                page,
                y,
            });
        }
        let part = self
            .set
            .tree
            .root(Kind::Heading(u16::from(level), text.to_owned()));
        self.lines(part, text, Style::new(Weight::Bold, size, Tone::Ink), LEFT);
        self.y += 3.0;
    }

    /// Text from `left` to the right margin, over as many pages as it needs.
    fn lines(&mut self, part: Part, text: &str, style: Style, left: f32) {
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

    fn number(&mut self, number: &str, rest: &str) {
        let style = Style::new(Weight::Bold, 17.0, Tone::Ink);
        self.need(60.0);
        let part = self.set.tree.root(Kind::Paragraph);
        let text = format!("{} ", self.face(style).known(number));
        let width = self.face(style).width(&text, style.size);
        let y = self.y + 17.0;
        self.mark(Mark::Text {
            part: Some(part),
            x: LEFT,
            y,
            style,
            text,
        });
        let quiet = Style::new(Weight::Regular, 9.0, Tone::Quiet);
        let text = self.face(quiet).known(rest);
        self.mark(Mark::Text {
            part: Some(part),
            x: LEFT + width + 2.0,
            y,
            style: quiet,
            text,
        });
        self.y += 27.0;
    }

    fn list(&mut self, items: &[String]) {
        let list = self.set.tree.root(Kind::List);
        for text in items {
            self.need(BODY.size * 1.4);
            let item = self.set.tree.child(list, Kind::Item);
            let bullet = self.set.tree.child(item, Kind::Bullet);
            self.mark(Mark::Text {
                part: Some(bullet),
                x: LEFT + 4.0,
                y: self.y + BODY.size * 1.05,
                style: BODY,
                text: "\u{2022} ".to_owned(),
            });
            let words = self.set.tree.child(item, Kind::ItemText);
            self.lines(words, text, BODY, LEFT + 16.0);
            self.y += 1.5;
        }
        self.y += 3.0;
    }

    fn figure(&mut self, figure: &'a Figure) {
        if self.folded {
            self.need(60.0);
            let columns = Columns::alone();
            tables::table(self, &figure.table, &columns);
            self.y += 6.0;
            return;
        }
        let (width, height) = (figure.picture.width as f32, figure.picture.height as f32);
        let (scale, room) = self.figure_size(figure);
        let beside = Columns::beside(LEFT + PICTURE + GAP);
        self.need(room);
        let (page, top) = (self.page(), self.y);
        let place = (page, LEFT, top, width * scale, height * scale);
        let words = format!("{}. {}", figure.picture.title, figure.picture.description);
        let part = self.set.tree.root(Kind::Figure(words, place));
        self.mark(Mark::Picture {
            part,
            x: LEFT,
            y: top,
            scale,
            picture: &figure.picture,
        });
        tables::table(self, &figure.table, &beside);
        if self.page() == page {
            self.y = self.y.max(top + height * scale);
        }
        self.y += 6.0;
        if let Some(note) = &figure.note {
            let part = self.set.tree.root(Kind::Paragraph);
            self.lines(part, note, SMALL, LEFT);
        }
        self.y += 4.0;
    }
}

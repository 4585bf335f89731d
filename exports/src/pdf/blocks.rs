//! Setting a report on pages: one column, blocks from top to bottom, a picture with its table beside it.

use super::face::{Faces, Weight};
use super::setting::Setter;
use super::sheet::{BOTTOM, Entry, LEFT, Mark, Set, Style, TOP, Tone};
use super::tables::{self, Columns};
use super::tree::Kind;
use crate::report::block::{Block, Figure};

/// Widest a picture gets.
const PICTURE: f32 = 218.0;
/// Between a picture and its table.
const GAP: f32 = 16.0;
/// Tallest a picture gets.
const TALL: f32 = 540.0;
const BODY: Style = Style::new(Weight::Regular, 9.5, Tone::Ink);
const SMALL: Style = Style::new(Weight::Regular, 8.0, Tone::Quiet);

/// Sets all of it.
pub(super) fn set<'a>(blocks: &'a [Block], faces: &'a Faces) -> Set<'a> {
    let mut walk = Walk {
        setter: Setter::new(faces),
        folded: false,
    };
    walk.blocks(blocks);
    walk.setter.set
}

/// A walk over the blocks.
struct Walk<'a> {
    setter: Setter<'a>,
    /// Inside of what a page folds away: headings are one level deeper, pictures are left out.
    folded: bool,
}

impl<'a> Walk<'a> {
    /// Headings stay with what they are about.
    fn blocks(&mut self, blocks: &'a [Block]) {
        for (place, block) in blocks.iter().enumerate() {
            if let Block::Heading(..) = block {
                let rest = blocks.get(place..).unwrap_or_default();
                let height = self.together(rest);
                if height < BOTTOM - TOP {
                    self.setter.need(height);
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
        let rows = tables::height(
            &self.setter,
            &figure.table,
            &Columns::beside(LEFT + PICTURE + GAP),
        );
        (scale, (height * scale).max(rows.min(TALL)) + 6.0)
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Heading(level, text) => self.heading(*level, text),
            Block::Text(text) => {
                let part = self.setter.set.tree.root(Kind::Paragraph);
                self.setter.lines(part, text, BODY, LEFT);
                self.setter.y += 4.0;
            }
            Block::Number(number, rest) => self.number(number, rest),
            Block::List(items) => self.list(items),
            Block::Figure(figure) => self.figure(figure),
            Block::Table(table) => {
                self.setter.need(60.0);
                let columns = Columns::alone();
                tables::table(&mut self.setter, table, &columns);
                self.setter.y += 10.0;
            }
            Block::Details(summary, blocks) => {
                self.setter.need(180.0);
                self.heading(3, summary);
                self.folded = true;
                self.blocks(blocks);
                self.folded = false;
            }
            Block::Command(text) => {
                let part = self.setter.set.tree.root(Kind::Paragraph);
                let part = self.setter.set.tree.child(part, Kind::Code);
                self.setter.lines(part, text, SMALL, LEFT + 10.0);
                self.setter.y += 4.0;
            }
            Block::Facts(facts) => {
                for (name, value) in facts {
                    let part = self.setter.set.tree.root(Kind::Paragraph);
                    self.setter
                        .lines(part, &format!("{name}: {value}"), SMALL, LEFT);
                    self.setter.y += 2.0;
                }
                self.setter.y += 4.0;
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
        self.setter.need(before + keep);
        if self.setter.y > TOP {
            self.setter.y += before;
        }
        if level <= 3 {
            let (page, y) = (self.setter.page(), self.setter.y);
            self.setter.set.outline.push(Entry {
                level,
                text: text.to_owned(),
                page,
                y,
            });
        }
        let part = self
            .setter
            .set
            .tree
            .root(Kind::Heading(u16::from(level), text.to_owned()));
        self.setter
            .lines(part, text, Style::new(Weight::Bold, size, Tone::Ink), LEFT);
        self.setter.y += 3.0;
    }

    fn number(&mut self, number: &str, rest: &str) {
        let style = Style::new(Weight::Bold, 17.0, Tone::Ink);
        self.setter.need(60.0);
        let part = self.setter.set.tree.root(Kind::Paragraph);
        let text = format!("{} ", self.setter.face(style).known(number));
        let width = self.setter.face(style).width(&text, style.size);
        let y = self.setter.y + 17.0;
        self.setter.mark(Mark::Text {
            part: Some(part),
            x: LEFT,
            y,
            style,
            text,
        });
        let quiet = Style::new(Weight::Regular, 9.0, Tone::Quiet);
        let text = self.setter.face(quiet).known(rest);
        self.setter.mark(Mark::Text {
            part: Some(part),
            x: LEFT + width + 2.0,
            y,
            style: quiet,
            text,
        });
        self.setter.y += 27.0;
    }

    fn list(&mut self, items: &[String]) {
        let list = self.setter.set.tree.root(Kind::List);
        for text in items {
            self.setter.need(BODY.size * 1.4);
            let item = self.setter.set.tree.child(list, Kind::Item);
            let bullet = self.setter.set.tree.child(item, Kind::Bullet);
            self.setter.mark(Mark::Text {
                part: Some(bullet),
                x: LEFT + 4.0,
                y: self.setter.y + BODY.size * 1.05,
                style: BODY,
                text: "\u{2022} ".to_owned(),
            });
            let words = self.setter.set.tree.child(item, Kind::ItemText);
            self.setter.lines(words, text, BODY, LEFT + 16.0);
            self.setter.y += 1.5;
        }
        self.setter.y += 3.0;
    }

    fn figure(&mut self, figure: &'a Figure) {
        if self.folded {
            self.setter.need(60.0);
            let columns = Columns::alone();
            tables::table(&mut self.setter, &figure.table, &columns);
            self.setter.y += 6.0;
            return;
        }
        let (width, height) = (figure.picture.width as f32, figure.picture.height as f32);
        let (scale, room) = self.figure_size(figure);
        let beside = Columns::beside(LEFT + PICTURE + GAP);
        self.setter.need(room);
        let (page, top) = (self.setter.page(), self.setter.y);
        let place = (page, LEFT, top, width * scale, height * scale);
        let words = format!("{}. {}", figure.picture.title, figure.picture.description);
        let part = self.setter.set.tree.root(Kind::Figure(words, place));
        self.setter.mark(Mark::Picture {
            part,
            x: LEFT,
            y: top,
            scale,
            picture: &figure.picture,
        });
        tables::table(&mut self.setter, &figure.table, &beside);
        if self.setter.page() == page {
            self.setter.y = self.setter.y.max(top + height * scale);
        }
        self.setter.y += 6.0;
        if let Some(note) = &figure.note {
            let part = self.setter.set.tree.root(Kind::Paragraph);
            self.setter.lines(part, note, SMALL, LEFT);
        }
        self.setter.y += 4.0;
    }
}

//! The two weights of the one typeface: which glyph a letter is and how wide. Latin and Cyrillic need no shaping.

use std::collections::BTreeMap;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

const REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-Bold.ttf");
/// What stands for letters that the typeface lacks; texts of this code have none.
const UNKNOWN: char = '?';

/// A weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both weights.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

/// A weight with its letters.
pub(super) struct Face {
    pub(super) font: Font,
    /// Glyph and width in parts of the size.
    letters: BTreeMap<char, (u32, f32)>,
}

impl Faces {
    /// Reads both; `None` when the files are no fonts.
    pub(super) fn load() -> Option<Self> {
        Some(Self {
            regular: Face::read(REGULAR)?,
            bold: Face::read(BOLD)?,
        })
    }

    pub(super) const fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let em = f32::from(
            font.metrics(Size::unscaled(), LocationRef::default())
                .units_per_em,
        );
        let letters = font.charmap().mappings().filter_map(|(letter, glyph)| {
            let width = metrics.advance_width(glyph)? / em;
            Some((char::from_u32(letter)?, (glyph.to_u32(), width)))
        });
        Some(Self {
            letters: letters.collect(),
            font: Font::new(bytes.into(), 0)?,
        })
    }

    /// The text with every letter that can be drawn.
    pub(super) fn known(&self, text: &str) -> String {
        let known = |letter: char| self.letters.contains_key(&letter);
        text.chars()
            .map(|letter| if known(letter) { letter } else { UNKNOWN })
            .collect()
    }

    /// Width of a text at a size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let width = |letter: char| self.letters.get(&letter).map_or(0.0, |(_, width)| *width);
        text.chars().map(width).sum::<f32>() * size
    }

    /// The glyphs of a text, for drawing.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, letter): (usize, char)| {
            let (glyph, width) = self.letters.get(&letter)?;
            Some(KrillaGlyph {
                glyph_id: GlyphId::new(*glyph),
                text_range: at..at + letter.len_utf8(),
                x_advance: *width,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
        };
        text.char_indices().filter_map(glyph).collect()
    }

    /// Lines no wider than `width`, broken at spaces; a longer word is broken where it must be.
    pub(super) fn wrap(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in self.known(text).split(' ') {
            let longer = format!("{line} {word}");
            if line.is_empty() {
                line = word.to_owned();
            } else if self.width(&longer, size) <= width {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            }
            while self.width(&line, size) > width && line.chars().count() > 1 {
                let cut = self.fitting(&line, size, width);
                let rest = line.split_off(cut);
                lines.push(std::mem::replace(&mut line, rest));
            }
        }
        lines.push(line);
        lines
    }

    /// Bytes of the longest beginning that fits, one letter at least.
    fn fitting(&self, line: &str, size: f32, width: f32) -> usize {
        let mut sum = 0.0;
        for (at, letter) in line.char_indices() {
            sum += self.width(letter.encode_utf8(&mut [0; 4]), size);
            if at > 0 && sum > width {
                return at;
            }
        }
        line.len()
    }
}

/// Whether both weights have a letter.
#[cfg(test)]
pub(crate) fn has(letter: char) -> bool {
    let faces = Faces::load();
    faces.is_some_and(|faces| {
        [&faces.regular, &faces.bold]
            .iter()
            .all(|face| face.letters.contains_key(&letter))
    })
}

//! Composed letters: normalization form C (Unicode Standard Annex #15) of what people type.
//!
//! The tables are those of `unicode-normalization`; the three steps are here, because its own iterator carries the tables of the
//! compatibility forms along, which nobody asks for and a browser would have to load.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};
use zeroize::Zeroizing;

/// Marks of one letter for which there is room at once: nobody types more, and growing leaves copies.
const MARKS: usize = 32;

/// The composed text, at most three times as long as the text (UAX #15, table 6).
pub(crate) fn composed(mut text: impl Iterator<Item = char>) -> String {
    let mut whole = String::new();
    compose_into(&mut text, &mut whole);
    whole
}

/// Adds the composed text at the end of `whole`.
pub(crate) fn compose_into(text: &mut dyn Iterator<Item = char>, whole: &mut String) {
    let mut order = Order {
        marks: Zeroizing::new(Vec::with_capacity(MARKS)),
        letter: Letter {
            start: None,
            apart: Zeroizing::new(Vec::with_capacity(MARKS)),
            class: 0,
        },
        whole,
    };
    for c in text {
        decompose_canonical(c, |part| order.take(part));
    }
    order.flush();
    order.letter.end(order.whole);
}

/// Puts decomposed characters into canonical order: marks by their class, those of one class as they came.
struct Order<'a> {
    marks: Zeroizing<Vec<(u8, char)>>,
    letter: Letter,
    whole: &'a mut String,
}

impl Order<'_> {
    fn take(&mut self, c: char) {
        let class = canonical_combining_class(c);
        if class != 0 {
            self.marks.push((class, c));
            return;
        }
        self.flush();
        self.letter.take(0, c, self.whole);
    }

    fn flush(&mut self) {
        self.marks.sort_by_key(|(class, _)| *class);
        for (class, c) in self.marks.drain(..) {
            self.letter.take(class, c, self.whole);
        }
    }
}

/// What may still be composed: a starter, and the marks behind it that were not taken into it.
struct Letter {
    start: Option<char>,
    apart: Zeroizing<Vec<char>>,
    /// The class of the last of `apart`.
    class: u8,
}

impl Letter {
    fn take(&mut self, class: u8, c: char, whole: &mut String) {
        // What stands between is of a lower class, or there is nothing: else the two are kept apart.
        let beside = self.apart.is_empty() || self.class < class;
        let both = self.start.filter(|_| beside);
        if let Some(one) = both.and_then(|start| compose(start, c)) {
            self.start = Some(one);
        } else if class == 0 {
            self.end(whole);
            self.start = Some(c);
        } else if self.start.is_some() {
            self.apart.push(c);
            self.class = class;
        } else {
            whole.push(c);
        }
    }

    /// Nothing more comes to this one.
    fn end(&mut self, whole: &mut String) {
        whole.extend(self.start.take());
        whole.extend(self.apart.drain(..));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    fn same(text: &str) {
        assert_eq!(
            composed(text.chars()),
            text.nfc().collect::<String>(),
            "{text:?}"
        );
    }

    #[test]
    fn every_character_alone_and_between_others_is_composed_as_the_library_does() {
        // Behind these nothing decomposes and nothing is a mark.
        for c in '\0'..='\u{2ffff}' {
            same(&format!("{c}a{c}\u{301}\u{323} \u{301}{c}\u{1161}\u{11a8}"));
        }
    }

    /// Letters and marks that have something to do with each other.
    const FEW: &[char] = &[
        'a',
        'e',
        'o',
        'u',
        'ö',
        'ộ',
        'и',
        'й',
        '\u{301}',
        '\u{302}',
        '\u{306}',
        '\u{308}',
        '\u{31b}',
        '\u{323}',
        '\u{327}',
        '\u{345}',
        '\u{1100}',
        '\u{1161}',
        '\u{11a8}',
        '가',
        '각',
        '\u{9c7}',
        '\u{9be}',
        '\u{9d7}',
        '\u{93c}',
        '\u{5bc}',
        '\u{5c1}',
        'ש',
        '\u{212b}',
        '\u{f71}',
        '\u{f72}',
        '\u{f74}',
        '\u{1d165}',
        '\u{1d15e}',
    ];

    proptest! {
        #[test]
        fn any_text_is_composed_as_the_library_does(text: String) {
            same(&text);
        }

        #[test]
        fn letters_with_many_marks_are_composed_as_the_library_does(
            text in proptest::collection::vec(proptest::sample::select(FEW), 0..12)
        ) {
            same(&text.into_iter().collect::<String>());
        }
    }
}

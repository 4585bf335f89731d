//! Files that people write or edit: what an editor or a spreadsheet makes of them, found out before anything is read.
//!
//! UTF-8, with or without a byte order mark. What other programs write instead is named, so that whoever has the file
//! knows what to save it as. The content is never part of an error.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::composed::compose_into;
use crate::typed::{self, TypedError};

/// Bytes from which a file's form is told.
const HEAD: usize = 1_024;

/// Why a file is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EditedError {
    /// UTF-16, as Notepad calls "Unicode" and Excel "Unicode Text".
    #[error("it is UTF-16: save it as UTF-8")]
    Utf16,
    /// UTF-32.
    #[error("it is UTF-32: save it as UTF-8")]
    Utf32,
    /// A workbook of Excel or of another spreadsheet program.
    #[error("it is a workbook of a spreadsheet program: save it as CSV UTF-8")]
    Workbook,
    /// Bytes that are no UTF-8: a code page of older systems.
    #[error("it is neither UTF-8 nor UTF-16, perhaps in a code page: save it as UTF-8")]
    CodePage,
    /// A character that nobody sees.
    #[error("line {line}: {found}")]
    Unseen {
        /// Counted from 1.
        line: usize,
        /// Which.
        found: TypedError,
    },
}

/// The text of a whole file: the mark before it cut, composed (NFC), wiped when it is dropped.
///
/// # Errors
/// [`EditedError`] by what the file is instead.
pub fn text(bytes: &[u8]) -> Result<Zeroizing<String>, EditedError> {
    form(bytes)?;
    let text = std::str::from_utf8(unmarked(bytes)).map_err(|_| EditedError::CodePage)?;
    // Room for all of it: NFC makes a text at most three times as long (UAX 15, table 6).
    let mut whole = Zeroizing::new(String::with_capacity(3 * text.len()));
    compose_into(&mut text.chars(), &mut whole);
    Ok(whole)
}

/// [`text()`] of a file in which every character is to be seen, line ends and tabulators excepted: a code with a zero-width space in
/// it is another code, and nobody finds out.
///
/// # Errors
/// [`EditedError`].
pub fn visible(bytes: &[u8]) -> Result<Zeroizing<String>, EditedError> {
    let text = text(bytes)?;
    for (line, words) in text.lines().enumerate() {
        let mut words = words.split('\t');
        words
            .try_for_each(typed::seen)
            .map_err(|found| EditedError::Unseen {
                line: line + 1,
                found,
            })?;
    }
    Ok(text)
}

/// Says what a file is that is no UTF-8; its first bytes are enough. Of a code page they need not tell.
///
/// # Errors
/// [`EditedError`], [`EditedError::CodePage`] excepted.
pub fn form(bytes: &[u8]) -> Result<(), EditedError> {
    let head = &bytes[..bytes.len().min(HEAD)];
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(EditedError::Utf32),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(EditedError::Utf16),
        // A zip archive (xlsx, ods) and the container of older Excel.
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(EditedError::Workbook),
        // Every other byte of Latin letters and punctuation is zero in UTF-16.
        [0, first, ..] | [first, 0, ..] if *first != 0 => Err(EditedError::Utf16),
        _ => Ok(()),
    }
}

/// Without the byte order mark before it.
#[must_use]
pub fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_mark_at_the_start_and_decomposed_letters_make_no_other_text() {
        for file in ["\u{feff}\u{439}\n", "\u{439}\n", "\u{438}\u{306}\n"] {
            assert_eq!(text(file.as_bytes()).unwrap().as_str(), "\u{439}\n");
        }
        // One mark is cut, not what looks like one later.
        let twice = text("\u{feff}\u{feff}a".as_bytes()).unwrap();
        assert_eq!(twice.as_str(), "\u{feff}a");
    }

    #[test]
    fn a_character_that_nobody_sees_is_named_with_its_line() {
        assert!(visible("{\r\n\t\"a\": \"b\"\r\n}".as_bytes()).is_ok());
        let said = visible("{\n\"a\u{200b}\": 1}".as_bytes()).unwrap_err();
        assert!(
            said.to_string()
                .starts_with("line 2: a zero-width space (U+200B)"),
            "{said}"
        );
    }

    #[test]
    fn what_is_no_utf8_is_called_by_what_it_is() {
        let wide = |text: &str, end: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(end).collect()
        };
        for text_of in ["\u{feff}four random words", "four random words"] {
            for end in [u16::to_le_bytes, u16::to_be_bytes] {
                assert_eq!(text(&wide(text_of, end)).unwrap_err(), EditedError::Utf16);
            }
        }
        for (bytes, error) in [
            (&b"\xff\xfe\0\0a\0\0\0"[..], EditedError::Utf32),
            (b"PK\x03\x04\x14\0\x06\0", EditedError::Workbook),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", EditedError::Workbook),
            (b"caf\xe9", EditedError::CodePage),
        ] {
            assert_eq!(text(bytes).unwrap_err(), error);
        }
        assert!(text(b"").is_ok() && text(b"a").is_ok());
    }
}

//! The one door for what people type: log-in names, passwords, passphrases, client codes and the other fields of a table.
//!
//! The same text must give the same bytes whichever keyboard, file or variable it came from, years apart: a password that
//! one machine writes composed and another decomposed opens nothing. What a person cannot see is refused and named, because
//! it cannot be typed again. The text itself is never part of an error.
//!
//! Passwords and passphrases follow the profile OpaqueString of RFC 8265 (section 4.2): spaces of other kinds become the
//! common one, then NFC; letters keep their case. Names follow UsernameCaseMapped (section 3.3): full-width letters become
//! plain, then lower case, NFC; of what that allows a name has 3 to 64 of `a-z 0-9 . _ -`, which look like nothing else.
//! Stricter than RFC 8264: joiners are refused everywhere. Looser: code points that Unicode has not assigned yet
//! pass, because a table of those would refuse next year's letters.

use std::borrow::Cow;
use std::collections::HashSet;

use crypto::pin::{DIGITS, Pin};
use crypto::secret::SecretBytes;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::composed::{compose_into, composed};

/// Fewest characters of a password or passphrase that is chosen; composed characters count once.
pub const FEWEST: usize = 12;
/// Most characters of one.
pub const MOST: usize = 1_024;
/// Most characters of what a terminal is called.
pub const MOST_LABEL: usize = 40;
/// Most characters of a client code.
pub const MOST_CODE: usize = 256;
/// Fewest different characters of one that is chosen.
const FEWEST_DIFFERENT: usize = 5;
/// One a line; lines that begin with `#` say where they come from.
const COMMON: &str = include_str!("../data/common.txt");

/// Why what was typed is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TypedError {
    /// Nothing was typed.
    #[error("nothing was typed: try again")]
    Empty,
    /// A character that nobody sees or that does not come from a keyboard.
    #[error("{0} (U+{1:04X}) is in what was typed: type it again without, rather than copying it")]
    Unseen(&'static str, u32),
    /// Shorter than twelve characters.
    #[error("too short: use at least 12 characters, better four random words")]
    Short,
    /// Longer than 1,024 characters.
    #[error("too long: use at most 1,024 characters")]
    Long,
    /// On the list of those that others try first, or of too few different characters.
    #[error("too easy to guess: it is one that many people choose, take four random words")]
    Common,
    /// Not what a terminal can be called.
    #[error("a terminal is called something of 1 to 40 characters: choose another")]
    Label,
    /// Not a client code.
    #[error("must have 1 to 256 characters")]
    Code,
    /// Not a PIN.
    #[error("a PIN has six digits and nothing else: type it again")]
    Pin,
    /// One that others try first.
    #[error("too easy to guess: take other digits than one repeated or counted up or down")]
    EasyPin,
    /// Not a log-in name.
    #[error("a log-in name is 3 to 64 of a-z, 0-9, dot, underscore and hyphen: choose another")]
    Name,
}

/// A password or passphrase as its owner enters it again.
#[derive(Clone, PartialEq, Eq)]
pub struct Entered(SecretBytes);

/// A password or passphrase that may be chosen.
#[derive(Clone, PartialEq, Eq)]
pub struct Chosen(Entered);

impl Entered {
    /// What was typed, through the door.
    ///
    /// # Errors
    /// [`TypedError::Empty`], [`TypedError::Unseen`], [`TypedError::Long`].
    pub fn parse(text: &str) -> Result<Self, TypedError> {
        let text = opaque(text)?;
        if text.chars().count() > MOST {
            return Err(TypedError::Long);
        }
        Ok(Self(SecretBytes::from(text.as_bytes())))
    }

    /// UTF-8, as it goes into a key.
    #[must_use]
    pub fn bytes(&self) -> &SecretBytes {
        &self.0
    }
}

impl Chosen {
    /// What was typed, through the door, and hard enough to guess.
    ///
    /// # Errors
    /// As [`Entered::parse`]; [`TypedError::Short`], [`TypedError::Common`].
    pub fn parse(text: &str) -> Result<Self, TypedError> {
        let text = opaque(text)?;
        let different: HashSet<char> = text.chars().collect();
        if text.chars().count() < FEWEST {
            return Err(TypedError::Short);
        }
        if different.len() < FEWEST_DIFFERENT || is_common(&text) {
            return Err(TypedError::Common);
        }
        Entered::parse(&text).map(Self)
    }

    /// The same, to be entered.
    #[must_use]
    pub fn entered(&self) -> &Entered {
        &self.0
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entered(..)")
    }
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chosen(..)")
    }
}

/// A log-in name as it is sent.
///
/// # Errors
/// [`TypedError::Unseen`], [`TypedError::Name`].
pub fn name(text: &str) -> Result<String, TypedError> {
    let text = cut(text).trim();
    seen(text)?;
    let lower = text.chars().map(plain_width).flat_map(char::to_lowercase);
    let name = composed(lower);
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let good = (3..=64).contains(&name.len()) && name.chars().all(allowed);
    good.then_some(name).ok_or(TypedError::Name)
}

/// A PIN as its owner enters it again: six digits, of any width.
///
/// # Errors
/// [`TypedError::Unseen`], [`TypedError::Pin`].
pub fn pin(text: &str) -> Result<Pin, TypedError> {
    let text = cut(text).trim();
    seen(text)?;
    let mut digits = Zeroizing::new([0; DIGITS]);
    let mut typed = text.chars().map(plain_width);
    for place in digits.iter_mut() {
        let digit = typed.next().filter(char::is_ascii_digit);
        *place = u8::try_from(digit.ok_or(TypedError::Pin)?).map_err(|_| TypedError::Pin)?;
    }
    match typed.next() {
        None => Ok(Pin::from_bytes(*digits)),
        Some(_) => Err(TypedError::Pin),
    }
}

/// A PIN that may be chosen.
///
/// # Errors
/// As [`pin`]; [`TypedError::EasyPin`] for one digit repeated, two or three repeated in turn, and digits counted up or down.
pub fn chosen_pin(text: &str) -> Result<Pin, TypedError> {
    let pin = pin(text)?;
    let digits = pin.expose();
    let steps_by = |step: u8| {
        let next = |pair: &[u8]| (pair[0] - b'0' + step) % 10 == pair[1] - b'0';
        digits.windows(2).all(next)
    };
    let repeats = |length: usize| digits.iter().zip(&digits[length..]).all(|(a, b)| a == b);
    match steps_by(1) || steps_by(9) || (1..=3).any(repeats) {
        true => Err(TypedError::EasyPin),
        false => Ok(pin),
    }
}

/// What people call a terminal, like "laptop, north office": spaces made common and cut outside, NFC, 1 to
/// [`MOST_LABEL`] characters.
///
/// # Errors
/// [`TypedError::Unseen`], [`TypedError::Label`].
pub fn label(text: &str) -> Result<String, TypedError> {
    let text = cut(text);
    seen(text)?;
    let label = composed(text.chars().map(common_space));
    let label = label.trim();
    let good = (1..=MOST_LABEL).contains(&label.chars().count());
    good.then(|| label.to_owned()).ok_or(TypedError::Label)
}

/// A client's code as a table's file has it: spaces made common and cut outside, NFC, 1 to [`MOST_CODE`] characters.
/// Letters keep their case.
///
/// # Errors
/// [`TypedError::Unseen`], [`TypedError::Code`].
pub fn client_code(text: &str) -> Result<String, TypedError> {
    let code = field(text)?;
    let good = (1..=MOST_CODE).contains(&code.chars().count());
    good.then(|| code.into_owned()).ok_or(TypedError::Code)
}

/// Any field of a table that people fill in, which may be empty: spaces made common and cut outside, NFC.
///
/// # Errors
/// [`TypedError::Unseen`].
pub fn field(text: &str) -> Result<Cow<'_, str>, TypedError> {
    let text = cut(text).trim();
    // Nearly all of millions: nothing to change, nothing unseen.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(Cow::Borrowed(text));
    }
    seen(text)?;
    Ok(Cow::Owned(composed(text.chars().map(common_space))))
}

/// RFC 8265, section 4.2.2, after the ends were cut.
fn opaque(text: &str) -> Result<Zeroizing<String>, TypedError> {
    let text = cut(text);
    seen(text)?;
    if text.is_empty() {
        return Err(TypedError::Empty);
    }
    // Room for all of it, so that growing leaves no copies: NFC makes a text at most three times as long (UAX 15, table 6).
    let mut whole = Zeroizing::new(String::with_capacity(3 * text.len()));
    compose_into(&mut text.chars().map(common_space), &mut whole);
    Ok(whole)
}

/// Without the byte order mark before it and the line ends after it.
fn cut(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.trim_end_matches(['\r', '\n'])
}

/// Refuses what nobody sees.
pub(crate) fn seen(text: &str) -> Result<(), TypedError> {
    let found = text.chars().find_map(|c| unseen(c).map(|name| (name, c)));
    match found {
        Some((name, c)) => Err(TypedError::Unseen(name, u32::from(c))),
        None => Ok(()),
    }
}

/// What an unseen character is called.
fn unseen(c: char) -> Option<&'static str> {
    Some(match c {
        '\t' => "a tabulator",
        '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line end",
        c if c.is_control() => "a control character",
        '\u{ad}' => "a soft hyphen",
        '\u{200b}' => "a zero-width space",
        '\u{200c}' | '\u{200d}' => "a zero-width joiner",
        '\u{feff}' => "a byte order mark",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark of writing direction"
        }
        '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2060}'..='\u{2065}' => {
            "a zero-width character"
        }
        '\u{206a}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' => {
            "a zero-width character"
        }
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => {
            "a zero-width character"
        }
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "an empty letter",
        // RFC 8264, section 9.9.
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}' => {
            "a part of a letter"
        }
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => "a character without a meaning",
        '\u{fdd0}'..='\u{fdef}' | '\u{fffd}'..='\u{ffff}' => "a character without a meaning",
        c if u32::from(c) & 0xfffe == 0xfffe => "a character without a meaning",
        _ => return None,
    })
}

/// Spaces of other kinds (category Zs) become the common one.
fn common_space(c: char) -> char {
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        other => other,
    }
}

/// Full-width forms of ASCII become ASCII.
fn plain_width(c: char) -> char {
    match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn is_common(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_lowercase());
    let mut common = COMMON.lines().filter(|line| !line.starts_with('#'));
    common.any(|line| line == *lower)
}

#[cfg(test)]
mod tests;

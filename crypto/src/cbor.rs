//! A small CBOR reader and writer (RFC 8949) for everything that comes from outside.
//!
//! [`check`] answers one question: are these bytes exactly one well-formed data item (RFC 8949,
//! appendix C), with nothing after it? It runs before any other parser sees the bytes. [`Reader`]
//! then reads items of definite length in the shortest form; [`Writer`] writes them.
//!
//! Limits: nesting of at most [`MAX_DEPTH`]; the typed reader takes integers that fit an `i64`,
//! definite lengths, the shortest argument, and no floating-point numbers, because no format of
//! this programme needs more. [`check`] alone is general.

mod write;

#[cfg(test)]
mod tests;

pub use write::Writer;

/// Deepest nesting of arrays, maps, tags and indefinite strings that is read.
pub const MAX_DEPTH: u8 = 16;

/// Why bytes were refused. The messages never carry the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The item promises more bytes than there are.
    #[error("the CBOR data end too early: ask for the whole message")]
    Truncated,
    /// The item is complete and bytes follow it.
    #[error("bytes follow the CBOR item: send exactly one item")]
    Trailing,
    /// Reserved additional information, a bad simple value, a stray break or a bad chunk.
    #[error("the CBOR data are not well-formed (RFC 8949, appendix C)")]
    Malformed,
    /// A text string is not UTF-8.
    #[error("a CBOR text string is not UTF-8")]
    NotText,
    /// More than [`MAX_DEPTH`] levels.
    #[error("the CBOR data are nested too deeply")]
    TooDeep,
    /// Well-formed, but not the type or the encoding expected here.
    #[error("the CBOR item is not of the expected kind or not in its shortest form")]
    Unexpected,
}

/// Major types of RFC 8949, section 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Major {
    /// 0: an unsigned integer.
    Unsigned,
    /// 1: the integer `-1 - argument`.
    Negative,
    /// 2: a byte string.
    Bytes,
    /// 3: a text string.
    Text,
    /// 4: an array.
    Array,
    /// 5: a map; the argument counts pairs.
    Map,
    /// 6: a tag; one item follows.
    Tag,
    /// 7: a simple value, a floating-point number or the break.
    Simple,
}

impl Major {
    fn of(initial: u8) -> Self {
        match initial >> 5 {
            0 => Self::Unsigned,
            1 => Self::Negative,
            2 => Self::Bytes,
            3 => Self::Text,
            4 => Self::Array,
            5 => Self::Map,
            6 => Self::Tag,
            _ => Self::Simple,
        }
    }
}

/// The first byte of an item and its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The major type.
    pub major: Major,
    /// Additional information, the low five bits, 0..=27 or 31.
    pub info: u8,
    /// The argument; 0 for an indefinite length and the break (`info` 31).
    pub argument: u64,
}

impl Head {
    const fn indefinite(self) -> bool {
        self.info == 31
    }

    const fn is_break(self) -> bool {
        matches!(self.major, Major::Simple) && self.info == 31
    }

    /// Whether the argument used the fewest bytes possible (RFC 8949, section 4.2.1).
    const fn shortest(self) -> bool {
        match self.info {
            24 => self.argument >= 24,
            25 => self.argument > 0xff,
            26 => self.argument > 0xffff,
            27 => self.argument > 0xffff_ffff,
            _ => true,
        }
    }
}

/// Checks that `bytes` are exactly one well-formed item.
///
/// # Errors
/// [`CborError`], the first fault found. Never panics, never allocates.
pub fn check(bytes: &[u8]) -> Result<(), CborError> {
    let mut reader = Reader::new(bytes);
    reader.skip()?;
    reader.finish()
}

/// Reads items one after another from a byte slice.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not read yet.
    #[must_use]
    pub const fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// Ends reading.
    ///
    /// # Errors
    /// [`CborError::Trailing`] when bytes are left.
    pub const fn finish(self) -> Result<(), CborError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(CborError::Trailing)
        }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn initial(&self) -> Result<u8, CborError> {
        self.rest.first().copied().ok_or(CborError::Truncated)
    }

    /// Reads one head; the content of strings, arrays, maps and tags stays to be read.
    ///
    /// # Errors
    /// Truncated data, reserved additional information (28..=30), an indefinite length where none
    /// is allowed, a simple value below 32 in two bytes.
    pub fn head(&mut self) -> Result<Head, CborError> {
        let initial = self.initial()?;
        let (major, info) = (Major::of(initial), initial & 31);
        let width = match info {
            0..=23 | 31 => 0,
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return Err(CborError::Malformed),
        };
        if info == 31 && matches!(major, Major::Unsigned | Major::Negative | Major::Tag) {
            return Err(CborError::Malformed);
        }
        self.take(1)?;
        let argument = match info {
            0..=23 => u64::from(info),
            _ => self
                .take(width)?
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        };
        if major == Major::Simple && info == 24 && argument < 32 {
            return Err(CborError::Malformed);
        }
        Ok(Head {
            major,
            info,
            argument,
        })
    }

    /// Skips one whole item, checking that it is well-formed.
    ///
    /// # Errors
    /// Any fault of appendix C, or nesting beyond [`MAX_DEPTH`].
    pub fn skip(&mut self) -> Result<(), CborError> {
        if self.skip_or_break(MAX_DEPTH)? {
            return Err(CborError::Malformed);
        }
        Ok(())
    }

    /// Skips one item; `true` when it was the break code.
    fn skip_or_break(&mut self, depth: u8) -> Result<bool, CborError> {
        let head = self.head()?;
        if head.is_break() {
            return Ok(true);
        }
        match head.major {
            Major::Unsigned | Major::Negative | Major::Simple => {}
            Major::Bytes | Major::Text if head.indefinite() => self.skip_chunks(head.major)?,
            Major::Bytes => {
                self.take(head.argument)?;
            }
            Major::Text => {
                self.take_text(head.argument)?;
            }
            Major::Array => self.skip_items(head, 1, depth)?,
            Major::Map => self.skip_items(head, 2, depth)?,
            Major::Tag => self.skip_definite(1, depth)?,
        }
        Ok(false)
    }

    /// Chunks of an indefinite string: definite strings of the same type, then the break.
    fn skip_chunks(&mut self, major: Major) -> Result<(), CborError> {
        loop {
            let head = self.head()?;
            if head.is_break() {
                return Ok(());
            }
            if head.major != major || head.indefinite() {
                return Err(CborError::Malformed);
            }
            if major == Major::Text {
                self.take_text(head.argument)?;
            } else {
                self.take(head.argument)?;
            }
        }
    }

    fn skip_items(&mut self, head: Head, per_entry: u64, depth: u8) -> Result<(), CborError> {
        if !head.indefinite() {
            let items = head.argument.checked_mul(per_entry);
            return self.skip_definite(items.ok_or(CborError::Truncated)?, depth);
        }
        let depth = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
        let mut items = 0;
        while !self.skip_or_break(depth)? {
            items += 1;
        }
        // A map that breaks between a key and its value is malformed.
        if items % per_entry == 0 {
            Ok(())
        } else {
            Err(CborError::Malformed)
        }
    }

    fn skip_definite(&mut self, items: u64, depth: u8) -> Result<(), CborError> {
        let depth = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
        for _ in 0..items {
            if self.skip_or_break(depth)? {
                return Err(CborError::Malformed);
            }
        }
        Ok(())
    }

    fn take_text(&mut self, length: u64) -> Result<&'a str, CborError> {
        std::str::from_utf8(self.take(length)?).map_err(|_| CborError::NotText)
    }

    fn expect(&mut self, major: Major) -> Result<u64, CborError> {
        let head = self.head()?;
        if head.major == major && !head.indefinite() && head.shortest() {
            Ok(head.argument)
        } else {
            Err(CborError::Unexpected)
        }
    }

    /// The major type of the next item, without reading it.
    ///
    /// # Errors
    /// [`CborError::Truncated`] at the end.
    pub fn peek(&self) -> Result<Major, CborError> {
        self.initial().map(Major::of)
    }

    /// Reads an unsigned integer in its shortest form.
    ///
    /// # Errors
    /// Any other item, or a malformed one.
    pub fn unsigned(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Unsigned)
    }

    /// Reads an unsigned integer in any of its widths. The card has fixed widths (see `card`).
    ///
    /// # Errors
    /// Any other item, or a malformed one.
    pub fn unsigned_any_width(&mut self) -> Result<u64, CborError> {
        let head = self.head()?;
        match head.major {
            Major::Unsigned => Ok(head.argument),
            _ => Err(CborError::Unexpected),
        }
    }

    /// Reads an integer that fits an `i64`, in its shortest form.
    ///
    /// # Errors
    /// Any other item, a malformed one, or one out of range.
    pub fn integer(&mut self) -> Result<i64, CborError> {
        let negative = self.peek()? == Major::Negative;
        let major = if negative {
            Major::Negative
        } else {
            Major::Unsigned
        };
        let value = i64::try_from(self.expect(major)?).map_err(|_| CborError::Unexpected)?;
        Ok(if negative { -1 - value } else { value })
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// Any other item, an indefinite one, or a truncated one.
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let length = self.expect(Major::Bytes)?;
        self.take(length)
    }

    /// Reads a text string.
    ///
    /// # Errors
    /// Any other item, an indefinite one, a truncated one, or bytes that are not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let length = self.expect(Major::Text)?;
        self.take_text(length)
    }

    /// Reads the head of an array and gives the number of its items.
    ///
    /// # Errors
    /// Any other item, or an indefinite one.
    pub fn array(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Array)
    }

    /// Reads the head of a map and gives the number of its pairs.
    ///
    /// # Errors
    /// Any other item, or an indefinite one.
    pub fn map(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Map)
    }

    /// Reads the head of a tag and gives its number; the tagged item follows.
    ///
    /// # Errors
    /// Any other item.
    pub fn tag(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Tag)
    }
}

//! Writing CBOR: definite lengths and shortest arguments, in the order the caller gives
//! (RFC 8949, section 4.2.1; map keys must be given sorted).

/// Collects encoded items.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// The encoded bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn head(mut self, major: u8, argument: u64) -> Self {
        let major = major << 5;
        let wide = argument.to_be_bytes();
        let (info, kept) = match argument {
            0..=23 => (wide[7], 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.bytes.push(major | info);
        self.bytes.extend_from_slice(&wide[8 - kept..]);
        self
    }

    /// An integer.
    #[must_use]
    pub fn integer(self, value: i64) -> Self {
        if value < 0 {
            self.head(1, (-1 - value).unsigned_abs())
        } else {
            self.head(0, value.unsigned_abs())
        }
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(self, value: &[u8]) -> Self {
        let mut writer = self.head(2, value.len() as u64);
        writer.bytes.extend_from_slice(value);
        writer
    }

    /// A text string.
    #[must_use]
    pub fn text(self, value: &str) -> Self {
        let mut writer = self.head(3, value.len() as u64);
        writer.bytes.extend_from_slice(value.as_bytes());
        writer
    }

    /// The head of an array; `items` items must follow.
    #[must_use]
    pub fn array(self, items: u64) -> Self {
        self.head(4, items)
    }

    /// The head of a map; `pairs` keys and values must follow, keys in order.
    #[must_use]
    pub fn map(self, pairs: u64) -> Self {
        self.head(5, pairs)
    }

    /// A tag; one item must follow.
    #[must_use]
    pub fn tag(self, number: u64) -> Self {
        self.head(6, number)
    }

    /// Bytes that are encoded already.
    #[must_use]
    pub fn raw(mut self, encoded: &[u8]) -> Self {
        self.bytes.extend_from_slice(encoded);
        self
    }
}

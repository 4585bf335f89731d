//! Lower-case hexadecimal text of bytes: written in one place, read in one place.

use std::fmt::{self, Write};

/// Two lower-case digits for each byte.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    // Writing to a String cannot fail.
    let _ = write(bytes, &mut text);
    text
}

/// The same into anything that takes text.
///
/// # Errors
/// Whatever `out` refuses.
pub fn write(bytes: &[u8], out: &mut impl Write) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
}

/// The bytes of exactly `2 * N` lower-case digits; `None` for any other text.
#[must_use]
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bytes_come_back_and_nothing_else_is_read() {
        let bytes: [u8; 256] = std::array::from_fn(|at| at as u8);
        let text = encode(&bytes);
        assert!(text.starts_with("000102") && text.ends_with("fdfeff"));
        assert_eq!(decode(&text), Some(bytes));
        for wrong in ["", "0", "0g", "0A", " 0", "000", "é"] {
            assert_eq!(decode::<1>(wrong), None, "{wrong}");
        }
        assert_eq!(decode::<0>(""), Some([]));
    }
}

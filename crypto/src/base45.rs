//! Base45 (RFC 9285): bytes as the 45 characters of a QR code's alphanumeric mode.
//!
//! Two bytes become three characters, a last single byte two. Decoding is strict: upper case only,
//! every group within its range, no line end, no other length.

/// The alphabet of RFC 9285, table 1.
const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The text is not base45.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not base45 (RFC 9285): scan the code again")]
pub struct Base45Error;

/// Encodes bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for group in bytes.chunks(2) {
        let (mut value, digits) = match group {
            [high, low] => (usize::from(*high) * 256 + usize::from(*low), 3),
            [single] => (usize::from(*single), 2),
            _ => (0, 0),
        };
        for _ in 0..digits {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

fn digit(byte: u8) -> Result<u32, Base45Error> {
    let place = ALPHABET.iter().position(|known| *known == byte);
    place
        .and_then(|place| u32::try_from(place).ok())
        .ok_or(Base45Error)
}

/// Decodes text.
///
/// # Errors
/// [`Base45Error`] for a character outside the alphabet, a group beyond its range, or a length of
/// 3n + 1 characters.
pub fn decode(text: &str) -> Result<Vec<u8>, Base45Error> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        match group {
            [a, b, c] => {
                let value = digit(*a)? + digit(*b)? * 45 + digit(*c)? * 2025;
                let value = u16::try_from(value).map_err(|_| Base45Error)?;
                bytes.extend_from_slice(&value.to_be_bytes());
            }
            [a, b] => {
                let value = digit(*a)? + digit(*b)? * 45;
                bytes.push(u8::try_from(value).map_err(|_| Base45Error)?);
            }
            _ => return Err(Base45Error),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::tests::outside;
    use proptest::prelude::*;

    #[test]
    fn published_vectors() {
        let Some(vectors) = outside::vectors("base45/vectors.json") else {
            return;
        };
        for valid in vectors["valid"].as_array().unwrap() {
            let (text, code) = (
                valid["text"].as_str().unwrap(),
                valid["base45"].as_str().unwrap(),
            );
            assert_eq!(encode(text.as_bytes()), code);
            assert_eq!(decode(code).unwrap(), text.as_bytes());
        }
        for valid in vectors["extra_valid_max"].as_array().unwrap() {
            let bytes = outside::hex(valid["hex"].as_str().unwrap());
            let code = valid["base45"].as_str().unwrap();
            assert_eq!(encode(&bytes), code);
            assert_eq!(decode(code).unwrap(), bytes);
        }
        for invalid in vectors["invalid"].as_array().unwrap() {
            let code = invalid["base45"].as_str().unwrap();
            assert_eq!(decode(code), Err(Base45Error), "{}", invalid["why"]);
        }
    }

    proptest! {
        #[test]
        fn round_trip_and_agreement(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &::base45::encode(&bytes));
            prop_assert_eq!(decode(&text).unwrap(), bytes);
        }

        #[test]
        fn decoded_text_is_the_only_text(text in "[0-9A-Z $%*+./:-]{0,60}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}

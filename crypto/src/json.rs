//! The one door between secrets and JSON.
//!
//! A body, a file or a sealed payload that may hold a secret is written and read here and nowhere else. What is written goes into a
//! buffer that wipes what it leaves behind when it grows ([`Wiped`]) and itself when it is dropped; what is read is read from bytes, so
//! that no text is copied on the way. A secret inside is [`Hidden`] or [`HiddenBytes`]: its base64 is made and read in wiped memory.
//! Limits: text with escapes is copied by the parser (base64 has none, names and notes are no keys); a move may leave a copy on
//! the stack; what a socket, a proxy or the system copies is theirs.
//!
//! One parser (`tree.rs`) and one writer (`writer.rs`) for all types, because a browser loads each of them as often as it is built.

mod buffer;
pub(crate) mod field;
mod reader;
mod tree;
mod writer;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize as _, Zeroizing};

use self::tree::Node;
use self::writer::Writer;
use crate::b64;
use crate::secret::{Secret, SecretBytes};

pub use self::buffer::Wiped;
pub use self::tree::JsonError;

/// JSON of a value, in a buffer that wipes itself.
///
/// # Errors
/// [`JsonError`] for what has no JSON form, such as a map whose keys are no text.
pub fn write(value: &(impl Serialize + ?Sized)) -> Result<Zeroizing<Vec<u8>>, JsonError> {
    let mut writer = Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.into_bytes())
}

/// Reads a value. The bytes stay the caller's, to be wiped there.
///
/// # Errors
/// [`JsonError`].
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    T::deserialize(&Node::parse(bytes)?)
}

/// Exactly `N` secret bytes as a base64url string in JSON; everywhere else as [`Secret`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden<const N: usize>(pub Secret<N>);

impl<const N: usize> Hidden<N> {
    /// A copy of these bytes.
    #[must_use]
    pub const fn of(bytes: &[u8; N]) -> Self {
        Self(Secret::new(*bytes))
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        self.0.expose()
    }
}

impl<const N: usize> Serialize for Hidden<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        b64::serialize(self.expose(), to)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hidden<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bytes = b64::deserialize(from)?;
        let secret = Secret::try_from(&bytes[..]);
        secret.map(Self).map_err(serde::de::Error::custom)
    }
}

/// Secret bytes of any length as a base64url string in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenBytes(pub SecretBytes);

impl Serialize for HiddenBytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        b64::serialize(self.0.expose(), to)
    }
}

impl<'de> Deserialize<'de> for HiddenBytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut bytes = b64::deserialize(from)?;
        Ok(Self(SecretBytes::new(std::mem::take(&mut *bytes))))
    }
}

/// A secret text as it is, wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct HiddenText(String);

impl HiddenText {
    /// Takes over a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for HiddenText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HiddenText(..)")
    }
}

impl Serialize for HiddenText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HiddenText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self)
    }
}

#[cfg(test)]
mod forms;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_its_text_and_prints_as_nothing() {
        let secret = Hidden::of(&[0x5a; 32]);
        let text = write(&secret).unwrap();
        assert_eq!(
            text.as_slice(),
            format!("\"{}\"", b64::encode(&[0x5a; 32])).as_bytes()
        );
        assert_eq!(read::<Hidden<32>>(&text).unwrap(), secret);
        assert_eq!(read::<Hidden<31>>(&text), Err(JsonError));
        assert_eq!(format!("{secret:?}"), "Hidden(Secret(..))");
        let bytes = read::<HiddenBytes>(&text).unwrap();
        assert_eq!(bytes.0.expose(), secret.expose());
        assert_eq!(write(&bytes).unwrap(), text);
        let word = HiddenText::new("quiet".to_owned());
        assert_eq!(read::<HiddenText>(&write(&word).unwrap()).unwrap(), word);
        assert_eq!(format!("{word:?}"), "HiddenText(..)");
        for bad in ["\"\\u0041A\"", "\"A\"", "[1]", "\"AAAA=\"", ""] {
            assert!(read::<Hidden<3>>(bad.as_bytes()).is_err());
        }
    }

    proptest! {
        #[test]
        fn a_buffer_holds_what_was_pushed(parts: Vec<Vec<u8>>) {
            let mut buffer = Wiped::default();
            for part in &parts {
                buffer.push(part);
            }
            prop_assert_eq!(&buffer[..], &parts.concat()[..]);
        }

        #[test]
        fn what_is_written_is_read(words: Vec<String>) {
            let text = write(&words).unwrap();
            prop_assert_eq!(&text[..], &serde_json::to_vec(&words).unwrap()[..]);
            prop_assert_eq!(read::<Vec<String>>(&text).unwrap(), words);
        }
    }
}

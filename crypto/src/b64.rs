//! Bytes in JSON: base64url without padding (RFC 4648, section 5), strictly canonical.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::error::FormatError;

/// Bytes as text.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Text as bytes.
///
/// # Errors
/// Padding, other alphabets, white space and stray trailing bits are refused.
pub fn decode(text: &str) -> Result<Vec<u8>, FormatError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| FormatError::new("binary text", "base64url without padding"))
}

/// Writes bytes as text, which is wiped: they may be a secret.
pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&Zeroizing::new(encode(bytes)))
}

/// Reads text as bytes without a copy of the text.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Zeroizing<Vec<u8>>, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = Zeroizing<Vec<u8>>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("base64url without padding")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            decode(text).map(Zeroizing::new).map_err(E::custom)
        }
    }

    from.deserialize_str(Text)
}

/// Bytes of any length; a base64url string in JSON. Debug shows the length only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct B64(pub Vec<u8>);

impl std::fmt::Debug for B64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "B64({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for B64 {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for B64 {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl std::ops::Deref for B64 {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for B64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for B64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = self::deserialize(deserializer)?;
        Ok(Self(std::mem::take(&mut *bytes)))
    }
}

/// Exactly `N` bytes; a base64url string in JSON. Debug shows the length only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed<const N: usize>(pub [u8; N]);

impl<const N: usize> std::fmt::Debug for Fixed<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fixed({N} bytes)")
    }
}

impl<const N: usize> From<[u8; N]> for Fixed<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize> std::ops::Deref for Fixed<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> TryFrom<&[u8]> for Fixed<N> {
    type Error = FormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, FormatError> {
        <[u8; N]>::try_from(bytes)
            .map(Self)
            .map_err(|_| FormatError::new("binary text", "of its fixed length"))
    }
}

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self::serialize(&self.0, serializer)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = self::deserialize(deserializer)?;
        Self::try_from(&bytes[..]).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        assert_eq!(decode("_-8").unwrap(), [0xff, 0xef]);
        for bad in ["_-8=", "/+8", "_-9", "_-8\n", " _-8", "_", "é"] {
            assert!(decode(bad).is_err());
        }
    }

    #[test]
    fn fixed_refuses_other_lengths() {
        assert!(serde_json::from_str::<Fixed<3>>("\"AAAA\"").is_ok());
        assert!(serde_json::from_str::<Fixed<2>>("\"AAAA\"").is_err());
        assert!(serde_json::from_str::<Fixed<4>>("\"AAAA\"").is_err());
        assert_eq!(format!("{:?}", Fixed([1; 3])), "Fixed(3 bytes)");
        assert_eq!(format!("{:?}", B64(vec![1; 3])), "B64(3 bytes)");
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes: Vec<u8>) {
            let json = serde_json::to_string(&B64(bytes.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<B64>(&json).unwrap().0, bytes);
        }

        #[test]
        fn any_text_is_refused_or_canonical(text in "[A-Za-z0-9_=-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}

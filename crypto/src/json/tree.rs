//! JSON as it stands, before anybody asks what type it is.
//!
//! The parser is `serde_json`'s, and it is built once: into this. What a type is read from ([`super::reader`]) is this tree, so that
//! reading one more type costs its own code and no second parser. A text without escapes is not copied; one with escapes is wiped.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// Why JSON was not written or read. It does not say where, because that may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the expected JSON: update this software")]
pub struct JsonError;

/// One value, borrowing from the bytes that it was read from.
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    /// A whole number from 0 on.
    Natural(u64),
    /// A whole number below 0.
    Negative(i64),
    Real(f64),
    Text(Text<'a>),
    /// The name of an entry: a text, or a number where numbers name entries.
    Name(Text<'a>),
    List(Vec<Node<'a>>),
    /// Names and values in turns, as they came: a name that comes twice is for the type to refuse.
    Entries(Vec<Node<'a>>),
}

/// A text as it stood, or with its escapes resolved.
pub(super) enum Text<'a> {
    Plain(&'a str),
    Resolved(Zeroizing<String>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Resolved(text) => text,
        }
    }
}

impl<'a> Node<'a> {
    /// The text of a value or of a name.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Name(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The number that names an entry.
    pub(super) fn number(&self) -> Option<Node<'_>> {
        let Self::Name(text) = self else { return None };
        let text = text.as_str().as_bytes();
        let spaced = text.iter().any(u8::is_ascii_whitespace);
        Node::parse(text).ok().filter(|_| !spaced)
    }

    /// What a whole JSON text says.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        serde_json::from_slice(bytes).map_err(|_| JsonError)
    }
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Words)
    }
}

struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Plain(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::Resolved(Zeroizing::new(text.to_owned())))
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Node::Bool(yes))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Node::Natural(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Node::Negative(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Node::Real(number))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Words.visit_borrowed_str(text).map(Node::Text)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Words.visit_str(text).map(Node::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(name) = entries.next_key()? {
            nodes.push(Node::Name(name));
            nodes.push(entries.next_value()?);
        }
        Ok(Node::Entries(nodes))
    }
}

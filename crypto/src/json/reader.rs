//! Types out of a [`Node`].
//!
//! What `serde_json` accepts is accepted, with one exception: an object is an object, and a list of its values is none. Each method
//! does no more than it must, because each is built once for every type that is read.

use std::slice::Iter;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::{JsonError, Node};

impl serde::de::Error for JsonError {
    /// Without what is said: it may quote a secret.
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What is left of a list or of entries.
struct Rest<'de, 'a>(Iter<'de, Node<'a>>);

impl<'de, 'a> Rest<'de, 'a> {
    fn list(node: &'de Node<'a>) -> Result<Self, JsonError> {
        match node {
            Node::List(nodes) => Ok(Self(nodes.iter())),
            _ => Err(JsonError),
        }
    }

    fn entries(node: &'de Node<'a>) -> Result<Self, JsonError> {
        match node {
            Node::Entries(nodes) => Ok(Self(nodes.iter())),
            _ => Err(JsonError),
        }
    }

    /// All of it was asked for.
    fn end(&self) -> Result<(), JsonError> {
        self.0.as_slice().is_empty().then_some(()).ok_or(JsonError)
    }
}

impl<'de> SeqAccess<'de> for Rest<'de, '_> {
    type Error = JsonError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, JsonError> {
        self.0.next().map(|node| seed.deserialize(node)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        None
    }
}

impl<'de> MapAccess<'de> for Rest<'de, '_> {
    type Error = JsonError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, JsonError> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, JsonError> {
        seed.deserialize(self.0.next().ok_or(JsonError)?)
    }
}

/// A variant by its name, and what it holds.
struct Variant<'de, 'a> {
    name: &'de Node<'a>,
    content: Option<&'de Node<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'de, 'a> {
    type Error = JsonError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), JsonError> {
        Ok((seed.deserialize(self.name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de, '_> {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        match self.content {
            None | Some(Node::Null) => Ok(()),
            Some(_) => Err(JsonError),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, JsonError> {
        seed.deserialize(self.content.ok_or(JsonError)?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.content.ok_or(JsonError)?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.content.ok_or(JsonError)?.deserialize_map(visitor)
    }
}

macro_rules! numbers {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            number(self, visitor)
        }
    )+};
}

fn number<'de, V: Visitor<'de>>(node: &'de Node<'_>, visitor: V) -> Result<V::Value, JsonError> {
    let name = node.number();
    match name.as_ref().unwrap_or(node) {
        Node::Natural(number) => visitor.visit_u64(*number),
        Node::Negative(number) => visitor.visit_i64(*number),
        Node::Real(number) => visitor.visit_f64(*number),
        _ => Err(JsonError),
    }
}

impl<'de> Deserializer<'de> for &'de Node<'_> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Node::Null => visitor.visit_unit(),
            Node::Bool(yes) => visitor.visit_bool(*yes),
            Node::Natural(_) | Node::Negative(_) | Node::Real(_) => number(self, visitor),
            Node::Text(text) | Node::Name(text) => visitor.visit_borrowed_str(text.as_str()),
            Node::List(_) => self.deserialize_seq(visitor),
            Node::Entries(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Node::Bool(yes) => visitor.visit_bool(*yes),
            _ => Err(JsonError),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_borrowed_str(self.text().ok_or(JsonError)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Node::Null => visitor.visit_unit(),
            _ => Err(JsonError),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let mut rest = Rest::list(self)?;
        let value = visitor.visit_seq(&mut rest)?;
        rest.end().map(|()| value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let mut rest = Rest::entries(self)?;
        let value = visitor.visit_map(&mut rest)?;
        rest.end().map(|()| value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        let (name, content) = match self {
            Node::Text(_) | Node::Name(_) => (self, None),
            Node::Entries(nodes) => match &nodes[..] {
                [name, content] => (name, Some(content)),
                _ => return Err(JsonError),
            },
            _ => return Err(JsonError),
        };
        visitor.visit_enum(Variant { name, content })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bytes byte_buf }
}

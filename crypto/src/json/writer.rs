//! JSON out of types, into a buffer that wipes itself.
//!
//! The bytes are those of `serde_json`, which writes each text and each number here too; what stands between them is written by
//! methods that do no more than they must, because each is built once for every type that is written.

use std::fmt::{Display, Write as _};

use serde::ser::{self, Serialize, Serializer};
use zeroize::Zeroizing;

use super::buffer::Wiped;
use super::tree::JsonError;

impl ser::Error for JsonError {
    /// Without what is said: it may quote a secret.
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// What was written so far.
#[derive(Default)]
pub(super) struct Writer(Wiped);

impl Writer {
    /// All of it.
    pub(super) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0.into_bytes()
    }

    fn text(&mut self, text: &str) -> Result<(), JsonError> {
        serde_json::to_writer(&mut self.0, text).map_err(|_| JsonError)
    }

    fn natural(&mut self, number: u64) -> Result<(), JsonError> {
        serde_json::to_writer(&mut self.0, &number).map_err(|_| JsonError)
    }

    fn whole(&mut self, number: i64) -> Result<(), JsonError> {
        serde_json::to_writer(&mut self.0, &number).map_err(|_| JsonError)
    }

    fn display(&mut self, value: &dyn Display) -> Result<(), JsonError> {
        let mut text = Wiped::default();
        write!(text, "{value}").map_err(|_| JsonError)?;
        self.text(std::str::from_utf8(&text).map_err(|_| JsonError)?)
    }

    /// Makes a name of what was written from `start` on: numbers and truth values become texts, and nothing else is one.
    fn name(&mut self, start: usize) -> Result<(), JsonError> {
        match self.0[start..].first() {
            Some(b'"') => Ok(()),
            Some(b'0'..=b'9' | b'-' | b't' | b'f') => {
                self.0.push(b"\"\"");
                let name = &mut self.0[start..];
                let last = name.len() - 2;
                name.copy_within(..last, 1);
                name[0] = b'"';
                Ok(())
            }
            _ => Err(JsonError),
        }
    }
}

/// A list or an object that is being written.
pub(super) struct Parts<'a> {
    writer: &'a mut Writer,
    /// What closes it.
    close: &'static str,
    empty: bool,
}

impl<'a> Parts<'a> {
    fn open(writer: &'a mut Writer, open: &str, close: &'static str) -> Self {
        writer.0.push(open.as_bytes());
        let empty = true;
        Self {
            writer,
            close,
            empty,
        }
    }

    /// What a variant of this name holds.
    fn variant(
        writer: &'a mut Writer,
        name: &str,
        open: &str,
        close: &'static str,
    ) -> Result<Self, JsonError> {
        writer.0.push(b"{");
        writer.text(name)?;
        writer.0.push(b":");
        Ok(Self::open(writer, open, close))
    }

    fn next(&mut self) -> &mut Writer {
        if !self.empty {
            self.writer.0.push(b",");
        }
        self.empty = false;
        self.writer
    }

    fn named(&mut self, name: &str) -> Result<&mut Writer, JsonError> {
        let writer = self.next();
        writer.text(name)?;
        writer.0.push(b":");
        Ok(writer)
    }

    fn close(self) {
        self.writer.0.push(self.close.as_bytes());
    }
}

macro_rules! lists {
    ($($kind:ident $method:ident),+) => {$(
        impl ser::$kind for Parts<'_> {
            type Ok = ();
            type Error = JsonError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
                value.serialize(self.next())
            }

            fn end(self) -> Result<(), JsonError> {
                self.close();
                Ok(())
            }
        }
    )+};
}

lists! {
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
}

macro_rules! objects {
    ($($kind:ident),+) => {$(
        impl ser::$kind for Parts<'_> {
            type Ok = ();
            type Error = JsonError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), JsonError> {
                value.serialize(self.named(name)?)
            }

            fn end(self) -> Result<(), JsonError> {
                self.close();
                Ok(())
            }
        }
    )+};
}

objects!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = JsonError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), JsonError> {
        let writer = self.next();
        let start = writer.0.len();
        name.serialize(&mut *writer)?;
        writer.name(start)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        self.writer.0.push(b":");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), JsonError> {
        self.close();
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident $from:ty => $writer:ident),+) => {$(
        fn $method(self, number: $from) -> Result<(), JsonError> {
            self.$writer(number.into())
        }
    )+};
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = JsonError;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    numbers! {
        serialize_u8 u8 => natural, serialize_u16 u16 => natural, serialize_u32 u32 => natural, serialize_u64 u64 => natural,
        serialize_i8 i8 => whole, serialize_i16 i16 => whole, serialize_i32 i32 => whole, serialize_i64 i64 => whole
    }

    fn serialize_bool(self, yes: bool) -> Result<(), JsonError> {
        self.0.push(if yes { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), JsonError> {
        serde_json::to_writer(&mut self.0, &number).map_err(|_| JsonError)
    }

    fn serialize_f64(self, number: f64) -> Result<(), JsonError> {
        serde_json::to_writer(&mut self.0, &number).map_err(|_| JsonError)
    }

    fn serialize_char(self, letter: char) -> Result<(), JsonError> {
        self.text(letter.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), JsonError> {
        self.text(text)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), JsonError> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<(), JsonError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), JsonError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), JsonError> {
        self.0.push(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), JsonError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<(), JsonError> {
        self.text(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        let parts = Parts::variant(self, name, "", "}")?;
        value.serialize(&mut *parts.writer)?;
        parts.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, JsonError> {
        Ok(Parts::open(self, "[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, JsonError> {
        Ok(Parts::open(self, "[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, JsonError> {
        Ok(Parts::open(self, "[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, JsonError> {
        Parts::variant(self, name, "[", "]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, JsonError> {
        Ok(Parts::open(self, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, JsonError> {
        Ok(Parts::open(self, "{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, JsonError> {
        Parts::variant(self, name, "{", "}}")
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), JsonError> {
        self.display(&value)
    }
}

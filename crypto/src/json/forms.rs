//! The forms of JSON: what is written and read here is what `serde_json` writes and reads.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{JsonError, read, write};

/// One of each form that serde knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct All {
    unit: (),
    yes: bool,
    #[serde(rename = "a \"name\"\n")]
    small: (u8, i8, u16, i16, u32, i32),
    large: (u64, i64),
    real: Option<f64>,
    letter: char,
    text: String,
    list: Vec<Option<Kind>>,
    by_text: BTreeMap<String, u8>,
    by_number: BTreeMap<u64, Pair>,
    by_less: BTreeMap<i16, ()>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<Box<All>>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rest {
    tagged: Tagged,
    either: Either,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(String, Empty);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Empty;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Unit,
    New(String),
    Tuple(u8, String),
    Named { one: u8, two: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Tagged {
    Nothing,
    SomeText { text: String, number: Option<i64> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Text(String),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Unit),
        any::<String>().prop_map(Kind::New),
        any::<(u8, String)>().prop_map(|(a, b)| Kind::Tuple(a, b)),
        any::<(u8, Option<String>)>().prop_map(|(one, two)| Kind::Named { one, two }),
    ]
}

fn rest() -> impl Strategy<Value = Rest> {
    let named = any::<(String, Option<i64>)>();
    let tagged = prop_oneof![
        Just(Tagged::Nothing),
        named.prop_map(|(text, number)| Tagged::SomeText { text, number }),
    ];
    let either = prop_oneof![
        any::<u32>().prop_map(Either::Number),
        any::<String>().prop_map(Either::Text),
    ];
    (tagged, either).prop_map(|(tagged, either)| Rest { tagged, either })
}

prop_compose! {
    fn all()(
        (yes, letter, text) in any::<(bool, char, String)>(),
        small in any::<(u8, i8, u16, i16, u32, i32)>(),
        large in any::<(u64, i64)>(),
        real in proptest::option::of(-1e300..1e300),
        list in proptest::collection::vec(proptest::option::of(kind()), 0..4),
        (by_text, by_number, less) in any::<(BTreeMap<String, u8>, BTreeMap<u64, String>, Vec<i16>)>(),
        rest in rest(),
    ) -> All {
        All {
            unit: (), yes, small, large, real, letter, text, list, by_text,
            by_number: by_number.into_iter().map(|(key, text)| (key, Pair(text, Empty))).collect(),
            by_less: less.into_iter().map(|key| (key, ())).collect(),
            absent: None,
            rest,
        }
    }
}

/// Read here and by `serde_json`: the same, or refused by both.
fn same<T: DeserializeOwned + Debug + PartialEq>(text: &[u8]) {
    let theirs = serde_json::from_slice::<T>(text);
    assert_eq!(
        read::<T>(text),
        theirs.map_err(|_| JsonError),
        "{}",
        String::from_utf8_lossy(text)
    );
}

#[test]
fn texts_that_are_refused_or_odd_are_so_for_both() {
    for text in [
        "",
        " ",
        "{",
        "[1",
        "nul",
        "1 2",
        "{\"a\":1,}",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "-0",
        "1e400",
        "1.0",
        "01",
        "18446744073709551616",
        "-9223372036854775809",
        "\"\u{7f}\\u0000\"",
        "{\"a\":1,\"a\":2}",
        "{\"1\":1,\"01\":2}",
    ] {
        let text = text.as_bytes();
        same::<Value>(text);
        same::<u64>(text);
        same::<f64>(text);
        same::<i8>(text);
        same::<String>(text);
        same::<Option<bool>>(text);
        same::<Vec<u8>>(text);
        same::<BTreeMap<String, u8>>(text);
        same::<BTreeMap<u8, u8>>(text);
    }
    for name in [
        "\" 1\"", "\"1 \"", "\"01\"", "\"-1\"", "\"300\"", "\"1.0\"", "\"\"", "\"null\"", "\"1\"",
    ] {
        same::<BTreeMap<u8, u8>>(format!("{{{name}:1}}").as_bytes());
        same::<BTreeMap<i8, u8>>(format!("{{{name}:1}}").as_bytes());
    }
    let deep = "[".repeat(200) + &"]".repeat(200);
    same::<Value>(deep.as_bytes());
}

#[test]
fn variants_are_read_in_every_form() {
    for text in [
        "\"Unit\"",
        "{\"Unit\":null}",
        "{\"Unit\":1}",
        "{\"New\":\"a\"}",
        "{\"New\":1}",
        "\"New\"",
        "{\"Tuple\":[1,\"a\"]}",
        "{\"Tuple\":[1]}",
        "{\"Tuple\":[1,\"a\",2]}",
        "{\"Named\":{\"one\":1}}",
        "{\"Named\":{\"one\":1,\"two\":null}}",
        "{\"Named\":{}}",
        "{\"Named\":{\"one\":1,\"one\":2}}",
        "{\"Unit\":null,\"New\":\"a\"}",
        "{}",
        "\"Other\"",
        "1",
    ] {
        same::<Kind>(text.as_bytes());
    }
    for text in [
        "{\"kind\":\"nothing\"}",
        "{\"kind\":\"nothing\",\"x\":1}",
        "{\"number\":1,\"kind\":\"some-text\",\"text\":\"\"}",
        "{}",
    ] {
        same::<Tagged>(text.as_bytes());
    }
}

#[test]
fn an_object_is_no_list() {
    assert_eq!(read::<Rest>(b"[{\"kind\":\"nothing\"},1]"), Err(JsonError));
}

#[test]
fn names_are_texts() {
    assert_eq!(
        &*write(&BTreeMap::from([(true, 1)])).unwrap(),
        b"{\"true\":1}"
    );
    assert_eq!(write(&BTreeMap::from([((), 1)])), Err(JsonError));
    assert_eq!(write(&BTreeMap::from([([1], 1)])), Err(JsonError));
    assert_eq!(write(&BTreeMap::from([(None::<u8>, 1)])), Err(JsonError));
}

proptest! {
    #[test]
    fn every_form_is_written_and_read_as_serde_json_does(all in all()) {
        let mut nested = all.clone();
        nested.absent = Some(Box::new(all));
        let text = write(&nested).unwrap();
        prop_assert_eq!(std::str::from_utf8(&text).unwrap(), serde_json::to_string(&nested).unwrap());
        prop_assert_eq!(read::<All>(&text).unwrap(), serde_json::from_slice::<All>(&text).unwrap());
    }

    #[test]
    fn cut_and_changed_texts_are_read_by_both_or_by_neither(all in all(), at: prop::sample::Index, byte: u8) {
        let mut text = serde_json::to_vec(&all).unwrap();
        let at = at.index(text.len());
        same::<All>(&text[..at]);
        text[at] = byte;
        // A type skips what it does not know without looking into it; here everything is looked into.
        if std::str::from_utf8(&text).is_ok() {
            same::<Value>(&text);
        }
    }
}

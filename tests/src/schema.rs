//! Whether JSON has the form that a description of an interface says it has: what of JSON Schema (2020-12) the description uses, and
//! not a word more, so that no word of it is passed over.

use regex::Regex;
use serde_json::{Map, Value};

/// Words that say nothing about what is allowed.
const SILENT: [&str; 5] = ["title", "description", "format", "default", "examples"];

/// What is wrong with `value`, each with its place; nothing when it has the form.
#[must_use]
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut check = Check {
        document,
        found: Vec::new(),
    };
    check.value(schema, value, "");
    check.found
}

/// What a reference leads to.
///
/// # Panics
/// When it leads nowhere.
#[must_use]
pub fn resolved<'a>(document: &'a Value, mut one: &'a Value) -> &'a Value {
    while let Some(to) = one["$ref"].as_str() {
        let inside = to.strip_prefix('#').unwrap_or_else(|| panic!("{to}"));
        let found = document.pointer(inside);
        one = found.unwrap_or_else(|| panic!("{to} leads nowhere"));
    }
    one
}

struct Check<'a> {
    document: &'a Value,
    found: Vec<String>,
}

impl<'a> Check<'a> {
    fn wrong(&mut self, place: &str, what: impl std::fmt::Display) {
        self.found.push(format!("{place}: {what}"));
    }

    fn fits(&self, schema: &'a Value, value: &Value) -> bool {
        faults(self.document, schema, value).is_empty()
    }

    fn value(&mut self, schema: &'a Value, value: &Value, place: &str) {
        let Some(words) = resolved(self.document, schema).as_object() else {
            return self.wrong(place, "the schema is no object");
        };
        for (word, said) in words {
            match word.as_str() {
                word if SILENT.contains(&word) => (),
                "type" => self.kind(said, value, place),
                "enum" => {
                    let known = said.as_array().unwrap().contains(value);
                    self.held(known, place, format_args!("{value} is none of {said}"));
                }
                "oneOf" => self.one_of(said, value, place),
                "allOf" => {
                    for one in said.as_array().unwrap() {
                        self.value(one, value, place);
                    }
                }
                "pattern" | "minLength" | "maxLength" => self.text(word, said, value, place),
                "minimum" | "maximum" => self.number(word, said, value, place),
                "items" | "minItems" | "maxItems" => self.list(word, said, value, place),
                "properties" | "required" | "propertyNames" => {
                    self.fields(word, said, value, place);
                }
                "additionalProperties" => self.others(words, said, value, place),
                other => self.wrong(place, format_args!("nobody here knows the word {other}")),
            }
        }
    }

    fn held(&mut self, holds: bool, place: &str, otherwise: impl std::fmt::Display) {
        if !holds {
            self.wrong(place, otherwise);
        }
    }

    fn kind(&mut self, said: &Value, value: &Value, place: &str) {
        let is = |kind: &Value| match kind.as_str().unwrap() {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => false,
        };
        let holds = said
            .as_array()
            .map_or_else(|| is(said), |all| all.iter().any(is));
        self.held(holds, place, format_args!("is no {said}"));
    }

    fn one_of(&mut self, said: &'a Value, value: &Value, place: &str) {
        let all = said.as_array().unwrap();
        let count = all.iter().filter(|one| self.fits(one, value)).count();
        self.held(count == 1, place, format_args!("fits {count} of oneOf"));
    }

    fn text(&mut self, word: &str, said: &Value, value: &Value, place: &str) {
        let Some(text) = value.as_str() else { return };
        let length = text.chars().count() as u64;
        let holds = match word {
            "pattern" => Regex::new(said.as_str().unwrap()).unwrap().is_match(text),
            "minLength" => length >= said.as_u64().unwrap(),
            _ => length <= said.as_u64().unwrap(),
        };
        self.held(holds, place, format_args!("{text:?} against {word} {said}"));
    }

    fn number(&mut self, word: &str, said: &Value, value: &Value, place: &str) {
        let (Some(number), Some(bound)) = (value.as_f64(), said.as_f64()) else {
            return;
        };
        let holds = match word {
            "minimum" => number >= bound,
            _ => number <= bound,
        };
        self.held(holds, place, format_args!("{number} against {word} {said}"));
    }

    fn list(&mut self, word: &str, said: &'a Value, value: &Value, place: &str) {
        let Some(list) = value.as_array() else { return };
        let length = list.len() as u64;
        match word {
            "items" => {
                for (number, one) in list.iter().enumerate() {
                    self.value(said, one, &format!("{place}/{number}"));
                }
            }
            "minItems" => self.held(length >= said.as_u64().unwrap(), place, "has too few"),
            _ => self.held(length <= said.as_u64().unwrap(), place, "has too many"),
        }
    }

    fn fields(&mut self, word: &str, said: &'a Value, value: &Value, place: &str) {
        let Some(fields) = value.as_object() else {
            return;
        };
        match word {
            "properties" => {
                for (name, schema) in said.as_object().unwrap() {
                    if let Some(field) = fields.get(name) {
                        self.value(schema, field, &format!("{place}/{name}"));
                    }
                }
            }
            "required" => {
                for name in said.as_array().unwrap() {
                    let there = fields.contains_key(name.as_str().unwrap());
                    self.held(there, place, format_args!("lacks {name}"));
                }
            }
            _ => {
                for name in fields.keys() {
                    self.value(said, &Value::String(name.clone()), place);
                }
            }
        }
    }

    fn others(&mut self, words: &Map<String, Value>, said: &'a Value, value: &Value, place: &str) {
        let known = words.get("properties").and_then(Value::as_object);
        let fields = value.as_object().into_iter().flatten();
        for (name, field) in fields {
            if known.is_some_and(|known| known.contains_key(name)) {
                continue;
            }
            match said {
                Value::Bool(allowed) => self.held(*allowed, place, format_args!("has {name:?}")),
                schema => self.value(schema, field, &format!("{place}/{name}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::too_many_lines, reason = "one table")]
    use super::*;
    use serde_json::json;

    fn wrong(schema: &Value, value: &Value) -> usize {
        let document = json!({ "kept": { "type": "string", "pattern": "^a+$" } });
        faults(&document, schema, value).len()
    }

    #[test]
    fn every_word_that_a_description_uses_refuses_something() {
        for (schema, good, bad) in [
            (json!({ "type": "string" }), json!("a"), json!(1)),
            (
                json!({ "type": ["integer", "null"] }),
                json!(null),
                json!(1.5),
            ),
            (json!({ "type": "object" }), json!({}), json!([])),
            (json!({ "enum": ["a"] }), json!("a"), json!("b")),
            (json!({ "$ref": "#/kept" }), json!("aa"), json!("ab")),
            (json!({ "minLength": 2 }), json!("жж"), json!("ж")),
            (json!({ "maxLength": 1 }), json!("ж"), json!("жж")),
            (json!({ "minimum": 1 }), json!(1), json!(0)),
            (json!({ "maximum": 1 }), json!(1), json!(2)),
            (
                json!({ "items": { "type": "null" } }),
                json!([null]),
                json!([1]),
            ),
            (json!({ "minItems": 1 }), json!([1]), json!([])),
            (json!({ "maxItems": 1 }), json!([1]), json!([1, 1])),
            (
                json!({ "required": ["a"] }),
                json!({ "a": 1 }),
                json!({ "b": 1 }),
            ),
            (
                json!({ "properties": { "a": { "type": "null" } } }),
                json!({ "b": 1 }),
                json!({ "a": 1 }),
            ),
            (
                json!({ "propertyNames": { "$ref": "#/kept" } }),
                json!({ "a": 1 }),
                json!({ "b": 1 }),
            ),
            (
                json!({ "additionalProperties": false }),
                json!({}),
                json!({ "a": 1 }),
            ),
            (
                json!({ "additionalProperties": { "type": "null" } }),
                json!({ "a": null }),
                json!({ "a": 1 }),
            ),
            (
                json!({ "properties": { "a": {} }, "additionalProperties": false }),
                json!({ "a": 1 }),
                json!({ "b": 1 }),
            ),
            (
                json!({ "allOf": [{ "type": "string" }, { "enum": ["a", 1] }] }),
                json!("a"),
                json!(1),
            ),
            (
                json!({ "oneOf": [{ "type": "string" }, { "type": "null" }] }),
                json!(null),
                json!(1),
            ),
            (
                json!({ "oneOf": [{ "type": "string" }, { "enum": ["a"] }] }),
                json!("b"),
                json!("a"),
            ),
        ] {
            assert_eq!(wrong(&schema, &good), 0, "{schema} {good}");
            assert_eq!(wrong(&schema, &bad), 1, "{schema} {bad}");
        }
        assert_eq!(wrong(&json!({ "const": 1 }), &json!(1)), 1);
        assert_eq!(wrong(&json!({ "description": "const" }), &json!(1)), 0);
    }
}

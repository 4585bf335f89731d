//! Lines are read by hand; what is accepted is what serde's own code for the same types accepts.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::*;

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum DerivedLine {
    Client(DerivedEntry),
    Staff(DerivedStaff),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DerivedEntry {
    pseudonym: Pseudonym,
    day: Day,
    kind: DerivedKind,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DerivedStaff {
    key: HpkePublic,
    name: StaffName,
    role: u8,
    invited: InviterKind,
    on: Day,
    day: Day,
    act: StaffAct,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum DerivedKind {
    Enrolled {
        service: ServiceCode,
        site: Site,
        consent: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<Group>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        covered_until: Option<Day>,
    },
    Visit {
        service: ServiceCode,
        site: Site,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quantity: Option<NonZeroU16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        covered_until: Option<Day>,
    },
    Result {
        service: ServiceCode,
        site: Site,
        code: ResultCode,
    },
    Exited {
        service: ServiceCode,
        site: Site,
        reason: ExitReason,
    },
    Consent {
        given: bool,
    },
    Attempt {
        outcome: Attempt,
    },
    Note {
        text: NoteText,
    },
    Continued {
        previous: Pseudonym,
    },
    Separated {
        entry: EntryId,
    },
    Withdrawn {
        entry: EntryId,
    },
}

const KINDS: [(&str, &[&str]); 11] = [
    (
        "enrolled",
        &["service", "site", "consent", "group", "covered_until"],
    ),
    ("visit", &["service", "site", "quantity", "covered_until"]),
    ("result", &["service", "site", "code"]),
    ("exited", &["service", "site", "reason"]),
    ("consent", &["given"]),
    ("attempt", &["outcome"]),
    ("note", &["text"]),
    ("continued", &["previous"]),
    ("separated", &["entry"]),
    ("withdrawn", &["entry"]),
    ("unheard", &[]),
];

/// A good value of each field.
fn good(field: &str) -> Value {
    match field {
        "service" => json!("oat"),
        "site" => json!("one/two"),
        "consent" | "given" => json!(true),
        "group" => json!({}),
        "covered_until" | "on" | "day" => json!("2026-03-29"),
        "quantity" => json!(7),
        "code" => json!("positive"),
        "reason" => json!("died"),
        "outcome" => json!("reached"),
        "text" | "name" => json!("a"),
        "previous" | "entry" | "pseudonym" => json!("000102030405060708090a0b0c0d0e0f"),
        "key" => json!("A".repeat(43)),
        "role" => json!(3),
        "invited" => json!("operator"),
        "kind" => json!({"type": "consent", "given": true}),
        "act" => json!({"type": "founded"}),
        _ => Value::Null,
    }
}

/// An object of the fields that belong together, but for what is changed: fields left out, added, made `null` or another form.
fn object(fields: &[&str], changes: &[(String, u8)]) -> Map<String, Value> {
    let mut object: Map<String, Value> = fields
        .iter()
        .map(|it| ((*it).to_owned(), good(it)))
        .collect();
    for (field, change) in changes {
        match change {
            0 => drop(object.remove(field)),
            1 => drop(object.insert(field.clone(), Value::Null)),
            2 => drop(object.insert(field.clone(), json!(["x"]))),
            _ => drop(object.insert(field.clone(), good(field))),
        }
    }
    object
}

fn same<T: DeserializeOwned + Serialize, Derived: DeserializeOwned + Serialize>(text: &str) {
    let here = json::read::<T>(text.as_bytes()).map(|it| json::write(&it).unwrap());
    let derived = serde_json::from_str::<Derived>(text);
    let derived = derived.map(|it| serde_json::to_vec(&it).unwrap());
    assert_eq!(here.ok().as_deref(), derived.ok().as_ref(), "{text}");
}

const FIELDS: [&str; 24] = [
    "type",
    "service",
    "site",
    "consent",
    "group",
    "covered_until",
    "quantity",
    "code",
    "reason",
    "given",
    "outcome",
    "text",
    "previous",
    "entry",
    "pseudonym",
    "kind",
    "day",
    "key",
    "name",
    "role",
    "invited",
    "on",
    "act",
    "unheard",
];

fn changes() -> impl Strategy<Value = Vec<(String, u8)>> {
    let field = proptest::sample::select(&FIELDS[..]).prop_map(str::to_owned);
    proptest::collection::vec((field, 0..4_u8), 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn kinds_are_read_as_derived_code_would(of in proptest::sample::select(&KINDS[..]), changes in changes()) {
        let mut fields = object(of.1, &changes);
        fields.entry("type").or_insert(json!(of.0));
        same::<EntryKind, DerivedKind>(&Value::Object(fields.clone()).to_string());
        fields.remove("type");
        same::<EntryKind, DerivedKind>(&Value::Object(fields).to_string());
    }

    #[test]
    fn lines_are_read_as_derived_code_would(client: bool, changes in changes()) {
        let fields: &[&str] = if client {
            &["pseudonym", "day", "kind"]
        } else {
            &["key", "name", "role", "invited", "on", "day", "act"]
        };
        same::<Line, DerivedLine>(&Value::Object(object(fields, &changes)).to_string());
    }
}

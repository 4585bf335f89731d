//! The parts of FHIR R4 that a summary `MeasureReport` uses, written in the order of the specification.

use serde::Serialize;

use release::decimal::Decimal;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle {
    pub(super) resource_type: &'static str,
    pub(super) identifier: Identifier,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) entry: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) full_url: String,
    pub(super) resource: MeasureReport,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeasureReport {
    pub(super) resource_type: &'static str,
    pub(super) id: String,
    pub(super) meta: Meta,
    pub(super) extension: [Extension; 1],
    pub(super) identifier: [Identifier; 1],
    pub(super) status: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) measure: String,
    pub(super) subject: Reference,
    pub(super) date: String,
    pub(super) reporter: Reference,
    pub(super) period: Period,
    pub(super) improvement_notation: Coded,
    pub(super) group: Vec<Group>,
}

#[derive(Serialize)]
pub(super) struct Meta {
    pub(super) profile: [&'static str; 1],
}

#[derive(Serialize)]
pub(super) struct Identifier {
    pub(super) system: &'static str,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Reference {
    pub(super) reference: String,
}

#[derive(Serialize)]
pub(super) struct Period {
    pub(super) start: String,
    pub(super) end: String,
}

#[derive(Serialize)]
pub(super) struct Group {
    pub(super) code: Coded,
    pub(super) population: [Population; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stratifier: Vec<Stratifier>,
}

#[derive(Serialize)]
pub(super) struct Population {
    pub(super) extension: [Extension; 1],
    pub(super) code: Coded,
    pub(super) count: i32,
}

#[derive(Serialize)]
pub(super) struct Stratifier {
    pub(super) code: [Coded; 1],
    pub(super) stratum: Vec<Stratum>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stratum {
    pub(super) component: Vec<Component>,
    pub(super) population: [Population; 1],
    pub(super) measure_score: Quantity,
}

#[derive(Serialize)]
pub(super) struct Component {
    pub(super) code: Coded,
    pub(super) value: Coded,
}

#[derive(Serialize)]
pub(super) struct Quantity {
    pub(super) value: i32,
}

/// A `CodeableConcept` with one coding.
#[derive(Serialize)]
pub(super) struct Coded {
    coding: [Coding; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize)]
struct Coding {
    system: String,
    code: String,
}

impl Coded {
    pub(super) fn of(system: &str, code: &str) -> Self {
        Self {
            coding: [Coding {
                system: system.to_owned(),
                code: code.to_owned(),
            }],
            text: None,
        }
    }

    pub(super) fn named(system: &str, code: &str, text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::of(system, code)
        }
    }
}

/// The value of a simple extension.
#[derive(Serialize)]
pub(super) enum Value {
    #[serde(rename = "valueDecimal")]
    Decimal(Decimal),
    #[serde(rename = "valueString")]
    String(String),
    #[serde(rename = "valueCode")]
    Code(String),
}

/// An extension has either parts or a value (R4, ext-1).
#[derive(Serialize)]
pub(super) struct Extension {
    url: &'static str,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Parts { extension: Vec<Extension> },
    Value(Value),
}

impl Extension {
    pub(super) const fn complex(url: &'static str, extension: Vec<Self>) -> Self {
        Self {
            url,
            content: Content::Parts { extension },
        }
    }

    pub(super) const fn simple(url: &'static str, value: Value) -> Self {
        Self {
            url,
            content: Content::Value(value),
        }
    }
}

//! What a written description says more than once, said once; and its texts without the marks of another tool.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Refusals that are alike become `components/responses`, named after their problems.
pub(super) fn refusals(document: &mut Value) {
    let mut shared = Shared::default();
    let paths = document["paths"].as_object_mut();
    let items = paths.into_iter().flat_map(Map::values_mut);
    let operations = items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for operation in operations {
        let answers = operation.get_mut("responses");
        let answers = answers.and_then(Value::as_object_mut);
        for answer in answers.into_iter().flat_map(Map::values_mut) {
            if let Some(name) = kinds(answer) {
                let name = shared.name(&name, answer);
                *answer = json!({ "$ref": format!("#/components/responses/{name}") });
            }
        }
    }
    document["components"]["responses"] = shared.named.into_iter().collect();
}

/// The ends of the types of problem that an answer may bear.
fn kinds(answer: &Value) -> Option<String> {
    let form = &answer["content"]["application/problem+json"]["schema"]["allOf"][1];
    let kinds = form["properties"]["type"]["enum"].as_array()?;
    let ends = kinds
        .iter()
        .filter_map(|kind| kind.as_str()?.rsplit(':').next());
    Some(ends.collect::<Vec<_>>().join("."))
}

#[derive(Default)]
struct Shared {
    named: BTreeMap<String, Value>,
}

impl Shared {
    /// The name of an answer; what two roles say differently of the same problems has a number behind it.
    fn name(&mut self, problems: &str, answer: &Value) -> String {
        let numbered = (2..).map(|number| format!("{problems}.{number}"));
        let names = std::iter::once(problems.to_owned()).chain(numbered);
        for name in names {
            match self.named.get(&name) {
                Some(known) if known != answer => (),
                Some(_) => return name,
                None => {
                    self.named.insert(name.clone(), answer.clone());
                    return name;
                }
            }
        }
        problems.to_owned()
    }
}

/// Links of Rust's documentation become words: nobody can follow them here.
pub(super) fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "description" || name == "summary" => {
                        *text = text
                            .replace("[`", "`")
                            .replace("`]", "`")
                            .replace('\n', " ");
                    }
                    other => plain(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => (),
    }
}

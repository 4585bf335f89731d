//! What a description says of an operation beside its handler: how a request for it is refused, and which answers there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem, Paths};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required};

use crate::problem::{PROBLEM_JSON, PROBLEM_PREFIX};

/// A way in which a request is refused.
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// The end of the problem's type.
    pub slug: &'static str,
    /// The problem's sentence.
    pub title: String,
}

/// Adds refusals to an operation: those of one status are one answer.
pub fn refuse(operation: &mut Operation, refused: impl IntoIterator<Item = Refused>) {
    let mut by_status: BTreeMap<u16, BTreeMap<&str, String>> = BTreeMap::new();
    for one in refused {
        let same = by_status.entry(one.status).or_default();
        same.insert(one.slug, one.title);
    }
    for (status, same) in by_status {
        let answer = RefOr::T(problem(status, &same));
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_string(), answer);
    }
}

/// The answer of one status: which types of problem it may bear, and their sentences.
fn problem(status: u16, same: &BTreeMap<&str, String>) -> Response {
    let titles: Vec<&str> = same.values().map(String::as_str).collect();
    let kinds = same.keys().map(|slug| format!("{PROBLEM_PREFIX}{slug}"));
    let kind = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(kinds));
    let form = AllOfBuilder::new()
        .item(Ref::from_schema_name("Problem"))
        .item(ObjectBuilder::new().property("type", kind));
    let content = ContentBuilder::new().schema(Some(form)).build();
    let answer = ResponseBuilder::new()
        .description(titles.join("; or "))
        .content(PROBLEM_JSON, content);
    let answer = match status {
        429 => answer.header("retry-after", retry_after()),
        _ => answer,
    };
    answer.build()
}

/// Adds that a reader who has the answer already is told so: the entity tag, and how it is shown.
pub fn tagged(operation: &mut Operation) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let mut tag = Header::new(text());
    tag.description = Some("Names these very bytes.".to_owned());
    let responses = &mut operation.responses.responses;
    let same = ResponseBuilder::new()
        .description("The reader has it.")
        .build();
    responses.insert("304".to_owned(), RefOr::T(same));
    for status in ["200", "304"] {
        if let Some(RefOr::T(answer)) = responses.get_mut(status) {
            answer
                .headers
                .insert("etag".to_owned(), RefOr::T(tag.clone()));
        }
    }
    let shown = ParameterBuilder::new()
        .name("if-none-match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Entity tags that the reader has."))
        .schema(Some(text()));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(shown.build()));
}

fn retry_after() -> Header {
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0));
    let mut header = Header::new(seconds);
    header.description = Some("Seconds until trying again makes sense.".to_owned());
    header
}

/// Every operation of some paths.
pub fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        let PathItem {
            get,
            post,
            put,
            delete,
            ..
        } = item;
        [get, post, put, delete].into_iter().flatten()
    })
}

/// Which statuses a description says of the methods of a route. A build with debug assertions holds every answer against it.
#[derive(Clone)]
pub struct Answers(Arc<BTreeSet<(&'static str, String)>>);

impl Answers {
    /// What is described.
    #[must_use]
    pub fn of(paths: &Paths) -> Self {
        let mut all = BTreeSet::new();
        for item in paths.paths.values() {
            for (method, operation) in [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("DELETE", &item.delete),
            ] {
                let said = operation
                    .iter()
                    .flat_map(|one| one.responses.responses.keys());
                all.extend(said.map(|status| (method, status.clone())));
            }
        }
        Self(Arc::new(all))
    }

    /// Whether an answer is one of them; of methods that are not described nothing is said.
    #[must_use]
    pub fn tell(&self, method: &str, status: u16) -> bool {
        let status = status.to_string();
        let mut known = self.0.iter().filter(|(one, _)| *one == method).peekable();
        known.peek().is_none() || known.any(|(_, one)| *one == status)
    }
}

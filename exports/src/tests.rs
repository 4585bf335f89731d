//! What all exports promise, on a release made up without a database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]

mod adx;
mod annual;
mod dhis2;
mod fhir;
mod html;
mod markup;
mod paper;
mod people;
mod receivers;
mod signature;
mod signed;

use std::path::PathBuf;

use crypto::secret::Secret;
use crypto::sign::ReleaseKey;
use privacy::budget::Budget;
use privacy::catalogue::{Mechanism, plans_of};
use privacy::rho::NanoRho;
use privacy::testing::{exact, leaves, scope};
use serde_json::Value;

use super::error::ExportError;
use super::form::Form;
use super::mapping::{Mapping, template};
use super::render::render;
use release::assemble::assemble;
use release::facts::Facts;
use release::measurements::Measurements;
use release::object::Release;
use release::seal::{SignedRelease, seal};

pub(super) fn key() -> ReleaseKey {
    ReleaseKey::from_seed(&Secret::new([7; 32])).unwrap()
}

/// A release whose measurements are made-up integers, some negative.
pub(super) fn release() -> Release {
    release_of("2026Q1")
}

/// The same of any quarter of a series that began in 2026Q1; annual tables come with the fourth.
pub(super) fn release_of(period: &str) -> Release {
    let scope = scope(period, 2, Budget::Default);
    let facts = Facts {
        closed: scope.period.last_day().plus(31),
        scope,
        version: 1,
        indicators: "1".to_owned(),
        spent_in_year: NanoRho::new(1),
        reasons: std::collections::BTreeSet::new(),
    };
    let plans = plans_of(&facts.scope).unwrap();
    let mut values = Measurements::new();
    for plan in &plans {
        let leaves = leaves(plan, &facts.scope);
        values.extend(exact(plan, &facts.scope, &leaves, |_, cell| {
            if cell.city().number() == 0 && plan.table.mechanism != Mechanism::Cohort {
                -5
            } else {
                cell.number() % 97 * 4 + 20
            }
        }));
    }
    assemble(&facts, &plans, &values).unwrap()
}

/// Its stored file.
pub(super) fn body() -> Vec<u8> {
    seal(&release(), &key()).unwrap().body
}

pub(super) fn hash(body: &[u8]) -> String {
    SignedRelease::from_bytes(body).unwrap().hash
}

/// Puts a code of its own into every gap of the template.
fn fill(value: &mut Value, path: &str) {
    match value {
        Value::String(text) if text.is_empty() => *text = path.to_owned(),
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                fill(inner, &format!("{path}.{key}"));
            }
        }
        _ => {}
    }
}

/// A filled mapping file as a value, to be changed by tests.
pub(super) fn filled() -> Value {
    let mut value: Value = serde_json::from_slice(&template(&body()).unwrap()).unwrap();
    fill(&mut value, "code");
    value
}

pub(super) fn mapping(value: &Value) -> Mapping {
    Mapping::from_bytes(value.to_string().as_bytes()).unwrap()
}

pub(super) fn rendered(form: Form, value: &Value) -> Result<Vec<u8>, ExportError> {
    render(form, &body(), Some(&mapping(value)))
}

pub(super) fn text(form: Form, value: &Value) -> String {
    String::from_utf8(rendered(form, value).unwrap()).unwrap()
}

/// A file of the outside data, or `None` with a note.
pub(super) fn outside(path: &str) -> Option<String> {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(path);
    let found = std::fs::read_to_string(file).ok();
    if found.is_none() {
        println!("skipped: the outside sample {path} is not here");
    }
    found
}

/// Codes that break careless writers and are codes all the same.
pub(super) fn naughty() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<&>\"'",
        "]]>",
        "--",
        "a,b;c",
        "=1+1",
        "\u{202e}abc",
        "🪁",
        "?>",
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(list) = outside("naughty-strings/blns.json") {
        texts.extend(serde_json::from_str::<Vec<String>>(&list).unwrap());
    }
    texts.retain(|text| super::mapping::Code::try_from(text.clone()).is_ok());
    texts
}

const WITH_CODES: [Form; 4] = [Form::Dhis2, Form::Dhis2Csv, Form::Adx, Form::Fhir];

#[test]
fn every_form_is_the_same_bytes_each_time() {
    let codes = filled();
    for form in Form::ALL {
        let annual = matches!(form, Form::Dhis2Yearly | Form::Dhis2CsvYearly);
        let (body, codes) = if annual {
            receivers::codes_of("2027Q4")
        } else {
            (body(), codes.clone())
        };
        let codes = form.needs_mapping().then(|| mapping(&codes));
        let first = render(form, &body, codes.as_ref()).unwrap();
        assert_eq!(first, render(form, &body, codes.as_ref()).unwrap());
        let paper = matches!(form, Form::Pdf(_));
        assert!(paper || first.ends_with(b"\n"), "{}", form.name());
        assert_eq!(Form::named(&form.name()), Some(form));
    }
    // The order of the mapping's keys does not matter either.
    let mut turned = String::new();
    let whole = codes.as_object().unwrap();
    for (key, value) in whole.iter().rev() {
        turned.push_str(&format!(
            "{}\"{key}\":{value}",
            if turned.is_empty() { "{" } else { "," }
        ));
    }
    turned.push('}');
    let turned = Mapping::from_bytes(turned.as_bytes()).unwrap();
    for form in WITH_CODES {
        let one = render(form, &body(), Some(&turned)).unwrap();
        assert_eq!(one, rendered(form, &codes).unwrap());
    }
}

#[test]
fn an_empty_template_is_refused_and_a_filled_one_gives_every_form() {
    let empty = template(&body()).unwrap();
    assert!(Mapping::from_bytes(&empty).is_err(), "its codes are empty");
    assert_eq!(empty, template(&body()).unwrap());
    for form in WITH_CODES {
        assert!(!rendered(form, &filled()).unwrap().is_empty());
        let none = render(form, &body(), None);
        assert!(matches!(none, Err(ExportError::NoMapping)));
    }
}

/// Every entry of the template in turn is taken away; a form either does not need it or names it.
#[test]
fn each_missing_entry_is_named() {
    let whole = filled();
    let mut named = 0;
    for path in paths(&whole, "") {
        let mut cut = whole.clone();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let map = cut.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        let key = key.replace("~1", "/");
        map.remove(&key);
        let Ok(codes) = Mapping::from_bytes(cut.to_string().as_bytes()) else {
            continue;
        };
        for form in WITH_CODES {
            match render(form, &body(), Some(&codes)) {
                Ok(bytes) => assert_eq!(bytes, rendered(form, &whole).unwrap(), "{path}"),
                Err(ExportError::Missing(entry)) => {
                    assert!(entry.contains(&format!("\"{key}\"")), "{path}: {entry}");
                    named += 1;
                }
                Err(other) => panic!("{path}: {other}"),
            }
        }
    }
    assert!(named > 50, "{named}");
}

/// JSON pointers of all entries that stand for numbers, places, groups and sections.
fn paths(value: &Value, at: &str) -> Vec<String> {
    let Some(map) = value.as_object() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, inner) in map {
        let path = format!("{at}/{}", key.replace('/', "~1"));
        found.extend(paths(inner, &path));
        // A category of a group may be absent: the group keeps the others. Null settings are optional, and the data set of DHIS2.
        let optional = path == "/dhis2/data_set"
            || path.starts_with("/categories/") && path.matches('/').count() != 2;
        if !optional {
            found.extend((!inner.is_null()).then_some(path));
        }
    }
    found
}

#[test]
fn what_is_null_is_left_out_and_nothing_at_all_is_refused() {
    let mut some = filled();
    some["organisation_units"]["cities"]["other"] = Value::Null;
    some["fhir"]["locations"]["cities"]["other"] = Value::Null;
    some["data_elements"]["A/count/total"] = Value::Null;
    for form in WITH_CODES {
        let text = text(form, &some);
        assert!(!text.contains("cities.other"), "{}", form.name());
        assert!(!text.contains("A/count/total"), "{}", form.name());
        assert!(text.contains("A/count/city"));
    }
    let mut none = filled();
    for section in [
        &["data_elements"][..],
        &["organisation_units", "cities"],
        &["fhir", "locations", "cities"],
    ] {
        let mut at = &mut none;
        for key in section {
            at = &mut at[*key];
        }
        for value in at.as_object_mut().unwrap().values_mut() {
            *value = Value::Null;
        }
    }
    for form in WITH_CODES {
        assert!(matches!(rendered(form, &none), Err(ExportError::Nothing)));
    }
}

#[test]
fn two_numbers_never_land_on_one_place() {
    let mut codes = filled();
    let medan = codes["organisation_units"]["cities"]["medan"].clone();
    codes["organisation_units"]["cities"]["bandung"] = medan.clone();
    codes["fhir"]["locations"]["cities"]["bandung"] =
        codes["fhir"]["locations"]["cities"]["medan"].clone();
    for form in WITH_CODES {
        let error = rendered(form, &codes).unwrap_err();
        assert!(
            matches!(error, ExportError::SamePlace(..)),
            "{}",
            form.name()
        );
        assert!(
            !error.to_string().contains("code."),
            "codes are not echoed: {error}"
        );
    }
    let mut codes = filled();
    codes["data_elements"]["F/new/city"] = codes["data_elements"]["F/cumulative/city"].clone();
    for form in WITH_CODES {
        assert!(matches!(
            rendered(form, &codes),
            Err(ExportError::SamePlace(..))
        ));
    }
}

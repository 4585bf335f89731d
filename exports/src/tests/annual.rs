//! A year's last release: annual tables speak of the calendar year in every form, quarterly ones of the quarter.
use std::collections::BTreeSet;

use serde_json::Value;

use super::{fill, key, mapping, release_of};
use crate::form::Form;
use crate::mapping::template;
use crate::render::render;

fn body() -> Vec<u8> {
    release::seal::seal(&release_of("2027Q4"), &key())
        .unwrap()
        .body
}

fn rendered(form: Form) -> String {
    let mut codes: Value = serde_json::from_slice(&template(&body()).unwrap()).unwrap();
    fill(&mut codes, "code");
    let codes = mapping(&codes);
    String::from_utf8(render(form, &body(), Some(&codes)).unwrap()).unwrap()
}

#[test]
fn the_template_leaves_out_what_is_too_much_for_a_form() {
    let codes: Value = serde_json::from_slice(&template(&body()).unwrap()).unwrap();
    let elements = codes["data_elements"].as_object().unwrap();
    assert_eq!(elements["GS/*"], Value::Null);
    assert_eq!(elements["G/count/curve/*"], Value::Null);
    assert_eq!(
        elements["C/count/city-stage/on treatment and suppressed"],
        ""
    );
    assert_eq!(elements["B/count/city-service/art"], "");
    assert!(elements.len() < 400, "{}", elements.len());
}

#[test]
fn dhis2_periods_are_the_quarter_or_the_year() {
    let bulk = |form| -> Value { serde_json::from_str(&rendered(form)).unwrap() };
    let (quarter, year) = (bulk(Form::Dhis2), bulk(Form::Dhis2Yearly));
    assert_eq!(quarter["dataSet"], "code.dhis2.data_set");
    assert_eq!(year["dataSet"], "code.dhis2.yearly_data_set");
    let periods = |bulk: &Value| -> BTreeSet<String> {
        let values = bulk["dataValues"].as_array().unwrap().iter();
        values
            .map(|value| value["period"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(periods(&quarter), ["2027Q4".to_owned()].into());
    assert_eq!(periods(&year), ["2027".to_owned()].into());
    let both = [&quarter, &year].map(|bulk| bulk["dataValues"].as_array().unwrap().clone());
    let values = both.concat();
    let of = |part: &str| -> BTreeSet<&str> {
        let begins = |value: &&Value| {
            let element = value["dataElement"].as_str().unwrap();
            element.starts_with(&format!("code.data_elements.{part}/"))
        };
        values
            .iter()
            .filter(begins)
            .map(|value| value["period"].as_str().unwrap())
            .collect()
    };
    for quarterly in ["A", "B", "D", "E", "F"] {
        assert_eq!(of(quarterly), ["2027Q4"].into(), "{quarterly}");
    }
    for annual in ["C", "DY", "G", "L", "S"] {
        assert_eq!(of(annual), ["2027"].into(), "{annual}");
    }
    assert!(of("GS").is_empty(), "left out on purpose");
}

#[test]
fn adx_groups_and_fhir_reports_have_the_same_periods() {
    let adx = rendered(Form::Adx);
    assert!(adx.contains("period=\"2027-10-01/P3M\"") && adx.contains("period=\"2027-01-01/P1Y\""));
    let fhir: Value = serde_json::from_str(&rendered(Form::Fhir)).unwrap();
    let mut seen = BTreeSet::new();
    for entry in fhir["entry"].as_array().unwrap() {
        let report = &entry["resource"];
        let measure = report["measure"].as_str().unwrap();
        let table = measure.split('.').nth(3).unwrap_or_default();
        let start = report["period"]["start"].as_str().unwrap();
        let annual = ["C", "DY", "G", "L", "S"].contains(&table);
        assert_eq!(
            start,
            if annual { "2027-01-01" } else { "2027-10-01" },
            "{measure}"
        );
        assert_eq!(report["period"]["end"], "2027-12-31");
        seen.insert(table.to_owned());
    }
    assert!(
        seen.contains("C") && seen.contains("A") && !seen.contains("GS"),
        "{seen:?}"
    );
}

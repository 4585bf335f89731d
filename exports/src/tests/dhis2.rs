//! The DHIS2 forms: values, ranges, shape of the samples, columns.
use release::published::Reliability;
use serde_json::{Value, json};

use super::{body, filled, hash, mapping, naughty, outside, release, text};
use crate::error::ExportError;
use crate::form::Form;
use crate::render::render;

fn values(codes: &Value) -> Vec<Value> {
    let parsed: Value = serde_json::from_str(&text(Form::Dhis2, codes)).unwrap();
    let top: Vec<&String> = parsed.as_object().unwrap().keys().collect();
    assert_eq!(top, ["dataSet", "dataValues"]);
    parsed["dataValues"].as_array().unwrap().clone()
}

#[test]
fn every_number_is_there_with_its_range_and_never_negative() {
    let (release, body) = (release(), body());
    let cells: Vec<_> = release
        .tables
        .iter()
        .flat_map(|table| &table.cells)
        .collect();
    let values = values(&filled());
    assert_eq!(values.len(), cells.len());
    let mut below_zero = 0;
    for (value, cell) in values.iter().zip(cells) {
        assert_eq!(value["period"], "2026Q1");
        assert_eq!(value["value"], cell.display.to_string());
        let comment = value["comment"].as_str().unwrap();
        for part in [
            cell.estimate.to_string(),
            cell.lo.to_string(),
            cell.hi.to_string(),
            hash(&body),
        ] {
            assert!(comment.contains(&part), "{comment}");
        }
        assert_eq!(
            comment.starts_with("low reliability; "),
            cell.reliability == Reliability::Low
        );
        assert_eq!(
            value.get("categoryOptionCombo").is_some(),
            cell.group.is_some()
        );
        below_zero += usize::from(cell.estimate.value() < 0.0);
    }
    assert!(below_zero > 0, "the made-up release has negative estimates");
}

/// Fields of ours are fields of DHIS2's own samples, of the same JSON types; what samples always have, ours have too.
#[test]
fn the_shape_is_that_of_dhis2_samples() {
    let mut codes = filled();
    codes["dhis2"]["default_category_option_combo"] = json!("HllvX50cXC0");
    codes["dhis2"]["attribute_option_combo"] = json!("HllvX50cXC0");
    let ours = values(&codes);
    let Some(sample) = outside("dhis2/dataValues_bulk.json") else {
        return;
    };
    let sample: Value = serde_json::from_str(&sample).unwrap();
    let theirs = sample["dataValues"].as_array().unwrap();
    // Documented, and absent from the samples; `followup` is a flag for people.
    let known = ["comment"];
    for value in &ours {
        for (field, content) in value.as_object().unwrap() {
            assert!(content.is_string(), "{field}");
            assert!(
                known.contains(&field.as_str()) || theirs.iter().all(|one| one[field].is_string()),
                "{field}"
            );
        }
        for field in theirs[0]
            .as_object()
            .unwrap()
            .keys()
            .filter(|field| *field != "followup")
        {
            assert!(value.get(field).is_some(), "{field}");
        }
    }
}

#[test]
fn csv_has_the_documented_columns_and_the_same_values() {
    let codes = filled();
    let text = text(Form::Dhis2Csv, &codes);
    assert!(text.starts_with(
        "dataElement,period,orgUnit,categoryOptionCombo,attributeOptionCombo,value,storedBy,timestamp,comment\n"
    ));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let values = values(&codes);
    assert_eq!(rows.len(), values.len());
    for (row, value) in rows.iter().zip(&values) {
        let of = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let expected = [
            of("dataElement"),
            of("period"),
            of("orgUnit"),
            of("categoryOptionCombo"),
            of("attributeOptionCombo"),
            of("value"),
            String::new(),
            String::new(),
            of("comment"),
        ];
        assert_eq!(row.iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn codes_come_back_as_they_were_written() {
    let (body, whole) = (body(), filled());
    for code in naughty() {
        let mut codes = whole.clone();
        codes["organisation_units"]["cities"]["medan"] = json!(code);
        let there = |value: &Value| value["orgUnit"] == json!(code);
        let codes = mapping(&codes);
        let bytes = render(Form::Dhis2, &body, Some(&codes)).unwrap();
        let parsed: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(
            parsed["dataValues"].as_array().unwrap().iter().any(there),
            "{code}"
        );
        let bytes = render(Form::Dhis2Csv, &body, Some(&codes));
        if code.contains('"') || code == "null" {
            assert!(matches!(bytes, Err(ExportError::NotInCsv)), "{code}");
            continue;
        }
        let bytes = bytes.unwrap();
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        assert!(
            reader
                .records()
                .any(|row| row.unwrap().get(2) == Some(code.as_str())),
            "{code}"
        );
    }
}

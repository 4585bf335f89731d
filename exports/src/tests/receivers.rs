//! What DHIS2's own readers make of the files: their rules in a few lines each, read in the source of dhis2-core and not run.
//!
//! - *new*: branch 2.43 at 7eb82264 (21 August 2026). `DataEntryInput` (JSON, CSV and ADX), `CSV` and `LineBuffer`, `DataEntryPipeline`,
//!   `DefaultDataEntryService.decodeGroup` and `.validateKeyConsistency`, `HibernateDataEntryStore.getIsoPeriodsNotUsableInDataSet`.
//! - *old*: branch 2.42 at 74bc573d. `CsvDataValueSetReader`, `AdxDataValueSetReader`, `DefaultAdxDataService`.
//! - both: `AdxPeriod`.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::markup::{Element, read};
use super::{fill, filled, key, mapping, release_of, text};
use crate::error::ExportError;
use crate::form::Form;
use crate::mapping::template;
use crate::render::render;

/// The codes of a data value, its period, number and comment.
type Told = [Option<String>; 7];

/// Splits a row as the new reader does: spaces around fields are none, nothing between two commas is nothing, a field that begins
/// with a quotation mark goes to the next one.
fn split(line: &str) -> Vec<Option<String>> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let (field, after) = quoted.split_once('"').unwrap_or((quoted, ""));
            let after = after.split_once(',').map_or("", |(_, after)| after);
            (Some(field), after)
        } else {
            let (field, after) = rest.split_once(',').unwrap_or((rest, ""));
            (Some(field.trim()).filter(|text| !text.is_empty()), after)
        };
        fields.push(field.filter(|text| *text != "null").map(str::to_owned));
        rest = after.trim_start();
    }
    fields
}

/// The new reader: columns by name, and what has no known name is a category unless `categoryOptionCombo` is there. It ends at
/// the first empty line, and either character of a line end ends a line.
fn read_by_name(csv: &str) -> Result<Vec<Told>, &'static str> {
    const KNOWN: [&str; 7] = [
        "dataElement",
        "period",
        "orgUnit",
        "categoryOptionCombo",
        "attributeOptionCombo",
        "value",
        "comment",
    ];
    let mut lines = csv.split(['\n', '\r']);
    let header: Vec<&str> = lines.next().unwrap().split(',').map(str::trim).collect();
    let known = |name: &str| KNOWN.iter().position(|one| one.eq_ignore_ascii_case(name));
    let ignored = |name: &str| ["storedby", "timestamp"].contains(&name.to_lowercase().as_str());
    let strange = header
        .iter()
        .any(|name| known(name).is_none() && !ignored(name));
    if strange && !header.contains(&"categoryOptionCombo") {
        return Err("E8101: categories without a data set");
    }
    let mut rows = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let mut told = Told::default();
        for (name, field) in header.iter().zip(split(line)) {
            if let Some(place) = known(name) {
                told[place] = field;
            }
        }
        rows.push(told);
    }
    Ok(rows)
}

/// The old reader: columns by place, the first line dropped.
fn read_by_place(csv: &str) -> Vec<Told> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let row = |row: csv::StringRecord| {
        let of = |place| row.get(place).filter(|text| !text.is_empty());
        [0, 1, 2, 3, 4, 5, 8].map(|place| of(place).map(str::to_owned))
    };
    reader.records().map(|found| row(found.unwrap())).collect()
}

fn bulk(form: Form, codes: &Value) -> Vec<Told> {
    let parsed: Value = serde_json::from_str(&text(form, codes)).unwrap();
    let fields = |value: &Value| {
        let of = |field: &str| value[field].as_str().map(str::to_owned);
        [
            of("dataElement"),
            of("period"),
            of("orgUnit"),
            of("categoryOptionCombo"),
            of("attributeOptionCombo"),
            of("value"),
            of("comment"),
        ]
    };
    parsed["dataValues"]
        .as_array()
        .unwrap()
        .iter()
        .map(fields)
        .collect()
}

#[test]
fn both_readers_of_csv_read_what_the_json_says() {
    let mut codes = filled();
    codes["organisation_units"]["cities"]["medan"] = json!("a,b;c 'd'");
    codes["dhis2"]["attribute_option_combo"] = json!("HllvX50cXC0");
    for codes in [filled(), codes] {
        let (csv, json) = (text(Form::Dhis2Csv, &codes), bulk(Form::Dhis2, &codes));
        assert!(json.len() > 100);
        assert_eq!(read_by_name(&csv).unwrap(), json);
        assert_eq!(read_by_place(&csv), json);
        assert!(!csv.contains('\r') && !csv.contains("\n\n"));
    }
}

/// What the CSV form wrote before: the new reader took three columns for categories.
#[test]
fn the_reader_by_name_refuses_names_that_it_does_not_know() {
    let csv = "dataelement,period,orgunit,catoptcombo,attroptcombo,value,storedby,lastupdated,comment\na,2026Q1,b,,,5,,,c\n";
    assert!(read_by_name(csv).is_err());
    assert_eq!(read_by_place(csv).len(), 1);
}

/// The type of a period, as both readers tell it from the text.
fn period_type(iso: &str) -> &'static str {
    match iso.split_once('Q') {
        Some((year, quarter)) if year.len() == 4 && ["1", "2", "3", "4"].contains(&quarter) => {
            "Quarterly"
        }
        None if iso.len() == 4 && iso.bytes().all(|digit| digit.is_ascii_digit()) => "Yearly",
        _ => "none",
    }
}

pub(super) fn codes_of(period: &str) -> (Vec<u8>, Value) {
    let body = release::seal::seal(&release_of(period), &key())
        .unwrap()
        .body;
    let mut codes: Value = serde_json::from_slice(&template(&body).unwrap()).unwrap();
    fill(&mut codes, "code");
    (body, codes)
}

/// One data set for a file, and no period of another type in it (E8002, E8021): a fourth quarter takes two files.
#[test]
fn a_dhis2_file_fills_one_data_set_with_periods_of_one_type() {
    let (body, codes) = codes_of("2027Q4");
    let codes = mapping(&codes);
    let mut seen = BTreeSet::new();
    for (form, set, kind) in [
        (Form::Dhis2, "code.dhis2.data_set", "Quarterly"),
        (Form::Dhis2Yearly, "code.dhis2.yearly_data_set", "Yearly"),
    ] {
        let bytes = render(form, &body, Some(&codes)).unwrap();
        let parsed: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(parsed["dataSet"], set);
        // A completion asks for one place and one period for all values (E8009).
        assert!(parsed.get("completeDate").is_none());
        for value in parsed["dataValues"].as_array().unwrap() {
            assert_eq!(period_type(value["period"].as_str().unwrap()), kind);
            let element = value["dataElement"].as_str().unwrap();
            seen.insert((kind, element.to_owned()));
        }
    }
    let of = |kind| {
        seen.iter()
            .filter(move |one| one.0 == kind)
            .map(|one| &one.1)
    };
    assert!(of("Quarterly").all(|element| of("Yearly").all(|other| element != other)));
    let quarterly = super::body();
    let none = render(Form::Dhis2Yearly, &quarterly, Some(&mapping(&filled())));
    assert!(matches!(none, Err(ExportError::NothingAnnual)));
    let csv = |form| String::from_utf8(render(form, &body, Some(&codes)).unwrap()).unwrap();
    let rows = |form| read_by_name(&csv(form)).unwrap().len();
    assert_eq!(
        rows(Form::Dhis2Csv) + rows(Form::Dhis2CsvYearly),
        values_of(&body, &codes)
    );
}

fn values_of(body: &[u8], codes: &crate::mapping::Mapping) -> usize {
    let count = |form| {
        let bytes = render(form, body, Some(codes)).unwrap();
        let parsed: Value = serde_json::from_slice(&bytes).unwrap();
        parsed["dataValues"].as_array().unwrap().len()
    };
    count(Form::Dhis2) + count(Form::Dhis2Yearly)
}

/// `AdxPeriod`: a day and one of eight durations; a year that begins in January is a calendar year.
fn adx_period(text: &str) -> String {
    let (day, duration) = text.split_once('/').unwrap();
    let (year, month) = (&day[..4], &day[5..]);
    match (duration, month) {
        ("P3M", "01-01") => format!("{year}Q1"),
        ("P3M", "04-01") => format!("{year}Q2"),
        ("P3M", "07-01") => format!("{year}Q3"),
        ("P3M", "10-01") => format!("{year}Q4"),
        ("P1Y", "01-01") => year.to_owned(),
        _ => panic!("not a quarter and not a year: {text}"),
    }
}

/// What the new reader takes for categories of an element: every attribute but these. With a combination named, none.
fn categories(element: &Element, own: &[&str], combo: &str) -> BTreeMap<String, String> {
    if element.attributes.contains_key(combo) {
        return BTreeMap::new();
    }
    let others = element.attributes.iter();
    let others = others.filter(|(name, _)| !own.contains(&name.as_str()));
    others
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[test]
fn the_adx_reader_finds_the_categories_of_the_mapping_and_no_other() {
    let (body, codes) = codes_of("2027Q4");
    let bytes = render(Form::Adx, &body, Some(&mapping(&codes))).unwrap();
    let root = read(std::str::from_utf8(&bytes).unwrap(), &[]);
    let options: BTreeSet<BTreeMap<String, String>> = codes["categories"]
        .as_object()
        .unwrap()
        .values()
        .map(|options| serde_json::from_value(options.clone()).unwrap())
        .collect();
    let mut with = 0;
    for group in &root.children {
        let own = ["orgUnit", "period", "dataSet"];
        let of_group = categories(group, &own, "attributeOptionCombo");
        assert!(of_group.is_empty(), "{of_group:?}");
        let kind = period_type(&adx_period(&group.attributes["period"]));
        let set = match kind {
            "Quarterly" => "code.adx.data_set",
            _ => "code.adx.yearly_data_set",
        };
        assert_eq!(group.attributes["dataSet"], set);
        for value in &group.children {
            let own = ["dataElement", "value", "comment", "followup"];
            let found = categories(value, &own, "categoryOptionCombo");
            assert!(found.is_empty() || options.contains(&found), "{found:?}");
            with += usize::from(!found.is_empty());
            // The new reader would take an annotation for the value; the old one reads none of a number.
            assert!(value.children.is_empty());
            assert!(value.attributes["value"].parse::<u64>().is_ok());
        }
    }
    assert!(with > 0);
}

/// A category of one of these names would be read as something else, or as a second value.
#[test]
fn a_category_has_no_name_that_a_reader_takes_for_its_own() {
    for name in [
        "deleted",
        "followup",
        "comment",
        "storedBy",
        "completeDate",
        "value",
    ] {
        let mut codes = filled();
        codes["categories"]["woman, under 25"][name] = json!("x");
        let read = crate::mapping::Mapping::from_bytes(codes.to_string().as_bytes());
        assert!(read.is_err(), "{name}");
    }
}

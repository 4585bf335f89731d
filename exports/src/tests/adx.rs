//! The ADX form: structure, shape of the samples, escaping.
use std::collections::BTreeSet;

use serde_json::json;

use super::markup::{Element, read};
use super::{body, filled, hash, mapping, naughty, outside, release, text};
use crate::adx::NAMESPACE;
use crate::form::Form;
use crate::render::render;

fn shapes(root: &Element) -> BTreeSet<(String, String)> {
    root.all()
        .into_iter()
        .flat_map(|element| {
            element
                .attributes
                .keys()
                .map(|name| (element.name.clone(), name.clone()))
        })
        .collect()
}

#[test]
fn a_group_for_each_place_holds_all_its_numbers() {
    let root = read(&text(Form::Adx, &filled()), &[]);
    assert_eq!(root.name, "adx");
    assert_eq!(root.attributes["xmlns"], NAMESPACE);
    assert_eq!(
        root.attributes["exported"], "2026-05-01T00:00:00Z",
        "the closing day, not a clock"
    );
    let release = release();
    let cells: usize = release.tables.iter().map(|table| table.cells.len()).sum();
    assert_eq!(root.named("dataValue").len(), cells);
    assert_eq!(root.children.len(), 1 + release.cities.len());
    let mut places = BTreeSet::new();
    for group in &root.children {
        assert_eq!(group.name, "group");
        assert_eq!(group.attributes["period"], "2026-01-01/P3M");
        assert_eq!(group.attributes["dataSet"], "code.adx.data_set");
        assert!(places.insert(group.attributes["orgUnit"].clone()));
        for value in &group.children {
            value.attributes["value"]
                .parse::<u64>()
                .expect("a whole number that is not negative");
            let grouped = value.attributes["dataElement"].ends_with("city-group");
            assert_eq!(value.attributes.contains_key("GENDER"), grouped);
            assert_eq!(value.attributes.contains_key("AGE"), grouped);
            // As every reader of DHIS2 understands it: whole number, comment, and no annotation.
            assert!(value.children.is_empty());
            let comment = &value.attributes["comment"];
            assert!(comment.contains(&hash(&body())) && comment.contains("noise range"));
        }
    }
}

#[test]
fn the_shape_is_that_of_the_samples() {
    let mut codes = filled();
    codes["adx"]["attribute_option_combo"] = json!("c");
    let ours = read(&text(Form::Adx, &codes), &[]);
    let mut known = BTreeSet::new();
    for path in ["dhis2/exportA.adx.xml", "dhis2/adx_data_sample1.xml"] {
        let Some(sample) = outside(path) else { return };
        let root = read(&sample, &[]);
        assert_eq!(root.attributes["xmlns"], NAMESPACE);
        // Elements stand in one another as in the samples.
        assert!(
            root.children
                .iter()
                .all(|group| group.children.iter().all(|value| value.name == "dataValue"))
        );
        known.extend(shapes(&root));
    }
    let categories = ["GENDER", "AGE"];
    let strange: Vec<_> = shapes(&ours)
        .into_iter()
        .filter(|(element, name)| !(element == "dataValue" && categories.contains(&name.as_str())))
        // No sample has it; the readers pass it on.
        .filter(|(element, name)| !(element == "dataValue" && name == "comment"))
        .filter(|shape| !known.contains(shape))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn codes_come_back_as_they_were_written() {
    let (body, whole) = (body(), filled());
    for code in naughty() {
        let mut codes = whole.clone();
        codes["organisation_units"]["cities"]["medan"] = json!(code);
        codes["categories"]["woman, under 25"]["AGE"] = json!(code);
        let bytes = render(Form::Adx, &body, Some(&mapping(&codes))).unwrap();
        let root = read(std::str::from_utf8(&bytes).unwrap(), &[]);
        assert!(
            root.children
                .iter()
                .any(|group| group.attributes["orgUnit"] == code),
            "{code}"
        );
        let with = |value: &&Element| value.attributes.get("AGE") == Some(&code);
        assert!(root.named("dataValue").iter().any(with), "{code}");
    }
}

#[test]
fn white_space_and_hyphens_survive() {
    let mut xml = crate::xml::Xml::new();
    xml.comment("a--b---");
    xml.open("a", [("b", "x\ny\tz")]);
    xml.close("a");
    let root = read(&String::from_utf8(xml.into_bytes()).unwrap(), &[]);
    assert_eq!(root.attributes["b"], "x\ny\tz");
}

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use super::*;
use proptest::prelude::*;

const SMALL: &str = r#"{
 "format": "payung-mapping/1",
 "period": "quarterly",
 "data_elements": {"A/count/total": "x", "A/count/city": null},
 "organisation_units": {"whole_programme": null, "cities": {"medan": "m"}}
}"#;

fn line(text: &str) -> usize {
    Mapping::from_bytes(text.as_bytes()).unwrap_err().0
}

#[test]
fn entries_are_found_left_out_or_named_as_missing() {
    let mapping = Mapping::from_bytes(SMALL.as_bytes()).unwrap();
    assert_eq!(mapping.element("A/count/total").unwrap(), Some("x"));
    assert_eq!(mapping.element("A/count/city").unwrap(), None);
    let text = |error: ExportError| error.to_string();
    let error = text(mapping.element("D/count/city").unwrap_err());
    assert!(
        error.contains(r#""data_elements" > "D/count/city""#),
        "{error}"
    );
    let units = &mapping.organisation_units;
    assert_eq!(units.of(&["organisation_units"], None).unwrap(), None);
    assert_eq!(units.of(&["x"], Some("medan")).unwrap(), Some("m"));
    let error = text(
        units
            .of(&["organisation_units"], Some("other"))
            .unwrap_err(),
    );
    assert!(
        error.contains(r#""organisation_units" > "cities" > "other""#),
        "{error}"
    );
    for (error, key) in [
        (mapping.dhis2().unwrap_err(), r#""dhis2""#),
        (mapping.adx().unwrap_err(), r#""adx""#),
        (mapping.fhir().unwrap_err(), r#""fhir""#),
        (
            mapping.options("woman, under 25").unwrap_err(),
            r#""categories" > "woman, under 25""#,
        ),
    ] {
        assert!(text(error).contains(key), "{key}");
    }
}

#[test]
fn slips_of_the_pen_are_told_by_line_and_not_echoed() {
    for (from, to, at) in [
        ("\"format\"", "\"secret\"", 2),
        ("mapping/1", "mapping/9", 2),
        ("quarterly", "monthly", 3),
        ("\"x\"", "\"\"", 4),
        ("\"x\"", "\" x\"", 4),
        ("\"x\"", "\"a\\nb\"", 4),
        ("\"A/count/city\"", "\"A/count/total\"", 4),
        ("\"whole_programme\": null, ", "", 5),
        ("\"m\"", "7", 5),
    ] {
        let text = SMALL.replace(from, to);
        assert_ne!(text, SMALL);
        assert_eq!(line(&text), at, "{from} -> {to}");
        let told = Mapping::from_bytes(text.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(!told.contains("secret") && !told.contains("monthly"));
    }
    assert!(Mapping::from_bytes(b"").is_err());
    assert!(Mapping::from_bytes(b"\xff").is_err());
}

#[test]
fn category_names_are_attributes_that_adx_does_not_use_itself() {
    for name in ["GENDER", "Age_category", "_x.y-z"] {
        assert!(CategoryName::try_from(name.to_owned()).is_ok(), "{name}");
    }
    for name in [
        "",
        "1st",
        "a b",
        "value",
        "dataElement",
        "xmlns",
        "XML-x",
        "a:b",
        "ä",
        "a\"b",
        "a=b",
    ] {
        assert!(CategoryName::try_from(name.to_owned()).is_err(), "{name}");
    }
}

proptest! {
    #[test]
    fn no_code_can_hold_what_xml_cannot(text in "\\PC{0,5}[\\x00-\\x20\u{fffe}\u{ffff}<&\"']{0,3}\\PC{0,5}") {
        if let Ok(code) = Code::try_from(text.clone()) {
            prop_assert_eq!(code.text(), text.as_str());
            let illegal = |c: char| c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(!code.text().chars().any(illegal));
        }
    }
}

//! The FHIR form: what mADX asks for, extensions, shape of the example.
use std::collections::BTreeSet;

use serde_json::Value;

use super::{body, filled, hash, outside, release, text};
use crate::fhir::{NOISE, PROFILE, RELEASE};
use crate::form::Form;

fn bundle() -> Value {
    serde_json::from_str(&text(Form::Fhir, &filled())).unwrap()
}

fn reports(bundle: &Value) -> Vec<&Value> {
    bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["resource"])
        .collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

/// The noise extension as numbers.
fn noise(population: &Value) -> (f64, f64, f64) {
    let extension = &population["extension"][0];
    assert_eq!(extension["url"], NOISE);
    assert!(
        extension.get("valueDecimal").is_none(),
        "parts or a value, not both"
    );
    let of = |url: &str| {
        let part = list(&extension["extension"])
            .iter()
            .find(|part| part["url"] == url);
        part.unwrap()["valueDecimal"].as_f64().unwrap()
    };
    (of("lo"), of("estimate"), of("hi"))
}

#[test]
fn a_report_for_each_table_and_place_as_madx_asks() {
    let (bundle, release) = (bundle(), release());
    assert_eq!(
        (&bundle["resourceType"], &bundle["type"]),
        (&"Bundle".into(), &"collection".into())
    );
    let reports = reports(&bundle);
    assert_eq!(
        reports.len(),
        release.tables.len() * (1 + release.cities.len())
    );
    let mut subjects = BTreeSet::new();
    for report in &reports {
        assert_eq!(report["resourceType"], "MeasureReport");
        assert_eq!(report["meta"]["profile"][0], PROFILE);
        assert_eq!(
            (&report["status"], &report["type"]),
            (&"complete".into(), &"summary".into())
        );
        assert_eq!(report["period"]["start"], "2026-01-01");
        assert_eq!(report["period"]["end"], "2026-03-31");
        assert_eq!(report["date"], "2026-05-01", "the closing day, not a clock");
        assert!(
            report["subject"]["reference"].is_string()
                && report["reporter"]["reference"].is_string()
        );
        assert!(report["improvementNotation"]["coding"][0]["code"].is_string());
        let id = report["id"].as_str().unwrap();
        assert!(
            id.len() <= 64
                && id
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
        );
        assert_eq!(report["extension"][0]["url"], RELEASE);
        assert!(report["extension"][0].to_string().contains(&hash(&body())));
        assert!(subjects.insert((report["measure"].to_string(), report["subject"].to_string())));
        for group in list(&report["group"]) {
            assert!(group["code"]["coding"][0]["code"].is_string());
            assert_eq!(list(&group["population"]).len(), 1);
            check(&group["population"][0]);
        }
    }
}

fn check(population: &Value) {
    assert_eq!(population["code"]["coding"][0]["code"], "numerator");
    let count = population["count"]
        .as_u64()
        .expect("an integer that is not negative");
    let (lo, estimate, hi) = noise(population);
    assert!(lo < estimate && estimate < hi);
    assert_eq!(
        count,
        release::decimal::Decimal::nearest(estimate).display()
    );
}

#[test]
fn groups_of_people_are_one_stratifier_with_components() {
    let bundle = bundle();
    let mut strata = 0;
    for report in reports(&bundle) {
        let city_of_a = report["id"].as_str().unwrap().contains("-A-city-");
        for group in list(&report["group"]) {
            assert_eq!(group.get("stratifier").is_some(), city_of_a);
            let Some(stratifiers) = group.get("stratifier") else {
                continue;
            };
            let [stratifier] = &list(stratifiers)[..] else {
                panic!("one stratifier");
            };
            assert_eq!(list(&stratifier["code"]).len(), 1);
            let mut estimates = 0.0;
            for stratum in list(&stratifier["stratum"]) {
                assert_eq!(list(&stratum["component"]).len(), 2);
                for component in list(&stratum["component"]) {
                    assert!(component["code"]["coding"][0]["code"].is_string());
                    assert!(component["value"]["coding"][0]["code"].is_string());
                }
                check(&stratum["population"][0]);
                assert_eq!(
                    stratum["measureScore"]["value"],
                    stratum["population"][0]["count"]
                );
                estimates += noise(&stratum["population"][0]).1;
                strata += 1;
            }
            let whole = noise(&group["population"][0]).1;
            assert!(
                (whole - estimates).abs() < 1e-6,
                "a whole is the sum of its strata"
            );
        }
    }
    assert_eq!(strata, 6 * 3);
}

#[test]
fn full_urls_are_uuids_of_their_own() {
    let bundle = bundle();
    let urls: BTreeSet<&str> = list(&bundle["entry"])
        .iter()
        .map(|entry| entry["fullUrl"].as_str().unwrap())
        .collect();
    assert_eq!(urls.len(), list(&bundle["entry"]).len());
    for url in urls {
        let uuid = url.strip_prefix("urn:uuid:").unwrap();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_bytes()[14], b'8');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
    }
}

/// Fields and their JSON types are those of HL7's own example; ours has no others but what mADX adds.
#[test]
fn the_shape_is_that_of_the_example() {
    let Some(sample) = outside("fhir/MeasureReport-summ-measurereport01_R4.json") else {
        return;
    };
    let sample: Value = serde_json::from_str(&sample).unwrap();
    let bundle = bundle();
    let kind = std::mem::discriminant::<Value>;
    for report in reports(&bundle) {
        same_kind(report, &sample, &["subject", "identifier"]);
        same_kind(&report["period"], &sample["period"], &[]);
        for group in list(&report["group"]) {
            same_kind(group, &sample["group"][0], &["stratifier"]);
            same_kind(
                &group["population"][0],
                &sample["group"][0]["population"][0],
                &["extension"],
            );
        }
        for required in ["status", "type", "measure", "period"] {
            assert_eq!(kind(&report[required]), kind(&sample[required]));
        }
    }
}

fn same_kind(ours: &Value, theirs: &Value, added: &[&str]) {
    for (field, content) in ours.as_object().unwrap() {
        if added.contains(&field.as_str()) {
            continue;
        }
        let other = theirs
            .get(field)
            .unwrap_or_else(|| panic!("{field} is not in the example"));
        assert_eq!(
            std::mem::discriminant(content),
            std::mem::discriminant(other),
            "{field}"
        );
    }
}

#[test]
fn strata_without_their_whole_are_refused_by_name() {
    let mut codes = filled();
    codes["data_elements"]["A/count/city"] = Value::Null;
    let error = super::rendered(Form::Fhir, &codes).unwrap_err().to_string();
    assert!(error.contains("A/count/city"), "{error}");
}

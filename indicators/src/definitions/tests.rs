#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

#[test]
fn the_shipped_file_holds_the_catalogue() {
    let indicators = Indicators::shipped().unwrap();
    let rule = |code: &str| indicators.find(&code.parse().unwrap()).unwrap().rule;
    assert_eq!(indicators.services().len(), 20);
    assert_eq!((rule("art").default_cover, rule("art").grace), (30, 28));
    assert_eq!(
        (
            rule("oat-methadone").default_cover,
            rule("oat-methadone").grace
        ),
        (0, 7)
    );
    assert_eq!(rule("nsp").grace, 90);
    assert_eq!(rule("hts").lapse, Lapse::Lapsed);
    assert_eq!(indicators.programme().grace, 90);
    assert_eq!(rule("other"), REGISTERED_RULE);
    assert_eq!(indicators.other().number(), 127);
    for service in indicators.services() {
        assert_eq!(indicators.by_number(service.number.number()), Some(service));
    }
    assert!(indicators.by_number(0).is_none() && indicators.by_number(255).is_none());
}

/// Rooms below this one make up a scope of their own: the same services.
#[test]
fn the_scope_of_tests_has_the_services_of_the_file() {
    let file = Indicators::shipped().unwrap();
    let mut shipped: Vec<_> = file.services().iter().collect();
    shipped.sort_unstable_by_key(|one| one.number);
    let scope = privacy::testing::scope("2026Q1", 1, privacy::budget::Budget::Default);
    assert_eq!(scope.services.len(), shipped.len());
    for (one, made_up) in shipped.iter().zip(scope.services) {
        assert_eq!(made_up.code, one.number.number());
        assert_eq!(made_up.service, one.code.to_string());
        assert_eq!(made_up.name, one.name);
        assert_eq!(made_up.cohort, one.rule.is_mature());
    }
}

#[test]
fn a_result_code_means_something_for_its_service_only() {
    let indicators = Indicators::shipped().unwrap();
    let (test, treatment) = (indicators.test(), indicators.treatment());
    let nsp = indicators.find(&"nsp".parse().unwrap()).unwrap().number;
    for (service, code, finding) in [
        (test, "positive", Some(Finding::Positive)),
        (test, "negative", None),
        (test, "suppressed", None),
        (treatment, "suppressed", Some(Finding::Suppressed)),
        (treatment, "unsuppressed", Some(Finding::Unsuppressed)),
        (treatment, "positive", None),
        (nsp, "positive", None),
    ] {
        assert_eq!(indicators.finding(service, code), finding, "{code}");
    }
}

/// A database is bound to these definitions and to the bounding code: either changed, it is refused.
#[test]
fn a_changed_file_has_another_pin() {
    let shipped = Indicators::shipped().unwrap();
    let changed = SHIPPED.replacen("\"grace_days\": 28", "\"grace_days\": 29", 1);
    let changed = Indicators::parse(&changed).unwrap();
    assert_eq!(changed.version(), shipped.version());
    assert_ne!(changed.pin(), shipped.pin());
    assert!(shipped.pin().ends_with(&format!("bounding {BOUNDING}")));
}

#[test]
fn contradictions_are_refused() {
    for (from, to) in [
        ("\"id\": 2,", "\"id\": 1,"),
        ("\"id\": 2,", "\"id\": 0,"),
        ("\"id\": 2,", "\"id\": 128,"),
        ("\"code\": \"art\"", "\"code\": \"nsp\""),
        ("\"code\": \"art\"", "\"code\": \"A R T\""),
        ("\"grace_days\": 28", "\"grace_days\": -1"),
        ("\"lapse\": \"dropout\"", "\"lapse\": \"gone\""),
        ("\"version\"", "\"verion\""),
        ("\"code\": \"other\"", "\"code\": \"others\""),
        ("\"code\": \"hts\"", "\"code\": \"test\""),
        ("\"code\": \"art\"", "\"code\": \"arv\""),
        ("\"positive\":", "\"positives\":"),
    ] {
        let changed = SHIPPED.replacen(from, to, 1);
        assert_ne!(changed, SHIPPED, "{from}");
        assert!(Indicators::parse(&changed).is_err(), "{to}");
    }
}

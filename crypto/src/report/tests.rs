#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::rng::Random;
use proptest::prelude::*;

fn some_day() -> impl Strategy<Value = Day> {
    (-25_567i32..=84_005).prop_map(|number| Day::from_number(number).unwrap())
}

fn some_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Enrolled),
        Just(Kind::Contact),
        prop::sample::select(ExitReason::ALL).prop_map(Kind::Exited),
        "[a-z0-9-]{1,24}".prop_map(|code| Kind::Result(code.parse().unwrap())),
    ]
}

fn some_statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        some_kind().prop_map(Statement::Event),
        any::<[u8; 16]>().prop_map(|id| Statement::Withdrawn(ReportId::from_bytes(id))),
    ]
}

fn some_group() -> impl Strategy<Value = Group> {
    let gender = prop::option::of(prop::sample::select(Gender::ALL));
    let age = prop::option::of(prop::sample::select(AgeBand::ALL));
    (gender, age).prop_map(|(gender, age)| Group { gender, age })
}

prop_compose! {
    fn some_report()(
        id: [u8; 16],
        provider: [u8; 16],
        site in "[a-z0-9-]{1,32}/[a-z0-9-]{1,32}",
        service in "[a-z0-9-]{1,24}",
        kind in some_statement(),
        day in some_day(),
        covered_until in prop::option::of(some_day()),
        group in prop::option::of(some_group()),
    ) -> Report {
        Report {
            id: ReportId::from_bytes(id),
            provider: ProviderId::from_bytes(provider),
            site: site.parse().unwrap(),
            service: service.parse().unwrap(),
            kind, day, covered_until, group,
        }
    }
}

fn key(byte: u8) -> ReportKey {
    let data_key = crate::provider::DataKey::from_bytes([byte; 32]);
    data_key.report_key().unwrap()
}

/// Opens as a report of the provider of [`longest`].
fn open(store: &HpkeSecret, sealed: &[u8]) -> Result<Report, ReportError> {
    Report::open(store, &longest().provider, &key(1).public(), sealed)
}

fn longest() -> Report {
    let many = |count| "x".repeat(count);
    Report {
        id: ReportId::from_bytes([0xff; 16]),
        provider: ProviderId::from_bytes([0xee; 16]),
        site: format!("{}/{}", many(32), many(32)).parse().unwrap(),
        service: many(24).parse().unwrap(),
        kind: Statement::Withdrawn(ReportId::from_bytes([0xdd; 16])),
        day: "2026-01-01".parse().unwrap(),
        covered_until: Some("2026-01-01".parse().unwrap()),
        group: Some(Group {
            gender: Some(Gender::Woman),
            age: Some(AgeBand::From25),
        }),
    }
}

#[test]
fn the_longest_report_fits() {
    let json = serde_json::to_vec(&longest()).unwrap();
    assert_eq!(json.len(), 346);
    assert!(json.len() + padding::LENGTH_BYTES <= JSON_BYTES);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_sealed_report_has_one_length(report in some_report(), seed: [u8; 32]) {
        let mut rng = Random::seeded(seed);
        let store = HpkeSecret::generate(&mut rng);
        let key = key(1);
        let sealed = report.seal(&key, &store.public(), &mut rng).unwrap();
        prop_assert_eq!(sealed.len(), 496);
        let opened = Report::open(&store, &report.provider, &key.public(), &sealed);
        prop_assert_eq!(opened.unwrap(), report);
    }

    #[test]
    fn texts_round_trip(report in some_report()) {
        prop_assert_eq!(report.kind.to_string().parse::<Statement>().unwrap(), report.kind.clone());
        let site = format!("{}/{}", report.site.city(), report.site.name());
        prop_assert_eq!(site.parse::<Site>().unwrap(), report.site.clone());
        let json = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}

#[test]
fn altered_cut_and_foreign_reports_are_refused() {
    let mut rng = Random::seeded([1; 32]);
    let (store, key) = (HpkeSecret::generate(&mut rng), key(1));
    let sealed = longest().seal(&key, &store.public(), &mut rng).unwrap();
    for at in 0..sealed.len() {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        assert_eq!(open(&store, &bad), Err(ReportError::Sealed));
    }
    for at in 0..sealed.len() {
        assert_eq!(open(&store, &sealed[..at]), Err(ReportError::Sealed));
    }
    let other = HpkeSecret::generate(&mut rng);
    assert_eq!(open(&other, &sealed), Err(ReportError::Sealed));
}

#[test]
fn a_report_is_its_providers_alone() {
    let mut rng = Random::seeded([3; 32]);
    let store = HpkeSecret::generate(&mut rng);
    let sealed = longest().seal(&key(1), &store.public(), &mut rng).unwrap();
    assert_eq!(open(&store, &sealed), Ok(longest()));
    // Passed off as another provider's, with that one's key or with its own.
    let other = ProviderId::from_bytes([0xed; 16]);
    for public in [key(1).public(), key(2).public()] {
        let passed = Report::open(&store, &other, &public, &sealed);
        assert_eq!(passed, Err(ReportError::Provider));
    }
    // Made by somebody who lacks the provider's data key.
    let invented = longest().seal(&key(2), &store.public(), &mut rng).unwrap();
    assert_eq!(open(&store, &invented), Err(ReportError::Provider));
    // A signature over something else, and one for another purpose.
    let json = serde_json::to_vec(&longest()).unwrap();
    let padded = padding::pad(&json, JSON_BYTES).unwrap();
    let raw = crate::sign::SigningKey::from_seed(key(1).seed()).unwrap();
    for signature in [
        key(1).sign(&json),
        raw.sign(label::SIGN_RELEASE, &padded),
        [0; 64],
    ] {
        let plain = [&signature[..], &padded].concat();
        let sealed = hpke::seal(&store.public(), label::REPORT_HPKE, b"", &plain, &mut rng);
        assert_eq!(open(&store, &sealed.unwrap()), Err(ReportError::Provider));
    }
}

#[test]
fn sealed_nonsense_is_refused() {
    let mut rng = Random::seeded([2; 32]);
    let store = HpkeSecret::generate(&mut rng);
    let info = label::REPORT_HPKE;
    let mut unpadded = padding::pad(b"{}", JSON_BYTES).unwrap();
    unpadded[JSON_BYTES - 1] = 1;
    let extra = serde_json::to_string(&longest()).unwrap();
    let extra = extra.replacen('{', r#"{"name":"x","#, 1);
    for padded in [
        padding::pad(b"{}", JSON_BYTES).unwrap(),
        padding::pad(extra.as_bytes(), JSON_BYTES).unwrap(),
        vec![0xff; JSON_BYTES],
        unpadded,
    ] {
        let plain = [&key(1).sign(&padded)[..], &padded].concat();
        let sealed = hpke::seal(&store.public(), info, b"", &plain, &mut rng).unwrap();
        assert_eq!(open(&store, &sealed), Err(ReportError::Malformed));
    }
    let sealed = hpke::seal(
        &store.public(),
        label::INBOX_HPKE,
        b"",
        &[0; PLAIN_BYTES],
        &mut rng,
    );
    assert_eq!(open(&store, &sealed.unwrap()), Err(ReportError::Sealed));
}

#[test]
fn codes_are_strict() {
    for bad in ["", "/", "a/", "/a", "a/b/c", "A/b", "a b/c", "é/a", "a"] {
        assert!(bad.parse::<Site>().is_err(), "{bad}");
    }
    let long = "x".repeat(25);
    for bad in ["", "A", "a_b", "a b", "a\n", long.as_str()] {
        assert!(bad.parse::<ServiceCode>().is_err());
        assert!(bad.parse::<ResultCode>().is_err());
    }
    for bad in [
        "", "Enrolled", "exited", "exited:", "exited:x", "result:", "result:A", "contact:",
    ] {
        assert!(bad.parse::<Kind>().is_err(), "{bad}");
    }
    assert_eq!(
        "exited:dropped_out".parse::<Kind>().unwrap(),
        Kind::Exited(ExitReason::DroppedOut)
    );
    assert_eq!("25 and over".parse::<AgeBand>().unwrap(), AgeBand::From25);
    for bad in [
        "withdrawn",
        "withdrawn:",
        "withdrawn:contact",
        "withdrawn:00",
    ] {
        assert!(bad.parse::<Statement>().is_err(), "{bad}");
    }
    let upper = format!("withdrawn:{}", "A".repeat(32));
    assert!(upper.parse::<Statement>().is_err());
}

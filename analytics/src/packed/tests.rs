//! The stored form of a history: round trips, one form whatever the order of arrival, and bytes that are none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use indicators::testing::{any_event, day, event, first_day, kind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const CODES: [&str; 5] = [
    "positive",
    "suppressed",
    "unsuppressed",
    "x",
    "a-code-of-24-characters-",
];

static SHIPPED: LazyLock<Indicators> = LazyLock::new(|| Indicators::shipped().unwrap());

prop_compose! {
    fn any_told()(
        mut event in any_event(),
        code in select(&CODES),
        late in proptest::option::weighted(0.3, 0i32..200),
    ) -> Told {
        let code = (event.kind == EventKind::Result).then(|| code.parse::<ResultCode>().unwrap());
        event.finding = code.as_ref().and_then(|code| SHIPPED.finding(event.service, code.as_str()));
        event.effective = event.day.plus(late.unwrap_or(0));
        Told { event, code }
    }
}

/// Reports in an order of arrival, each once.
fn any_reports() -> impl Strategy<Value = Vec<Told>> {
    vec(any_told(), 0..40).prop_map(|mut all| {
        all.sort_by_key(|told| told.event.report);
        all.dedup_by_key(|told| told.event.report);
        all
    })
}

fn packed(all: &[Told]) -> Packed {
    Packed::default().with(all.to_vec(), &gone(all))
}

/// Withdrawals of about every third report.
fn gone(all: &[Told]) -> Vec<Withdrawal> {
    let third = all.iter().filter(|told| told.event.report[0] % 3 == 0);
    let of = |told: &Told| Withdrawal {
        from: Quarter::of(told.event.effective),
        target: told.event.report,
        report: told.event.report.map(|byte| !byte),
    };
    third.map(of).collect()
}

fn read(bytes: &[u8]) -> Result<Packed, Error> {
    Packed::read(bytes.to_vec(), &SHIPPED)
}

proptest! {
    #[test]
    fn what_is_stored_of_a_history_is_read_back(all in any_reports()) {
        let made = packed(&all);
        let history = History::new(all.iter().map(|told| told.event).collect());
        let history = history.with(&[], &gone(&all));
        prop_assert_eq!(made.history(), &history);
        prop_assert_eq!(read(&made.bytes).unwrap(), made);
    }

    #[test]
    fn the_bytes_do_not_tell_the_order_of_arrival(all in any_reports().prop_shuffle(), size in 1usize..5) {
        let mut grown = Packed::default();
        for some in all.chunks(size) {
            grown = read(&grown.with(some.to_vec(), &gone(some)).into_bytes()).unwrap();
        }
        prop_assert_eq!(grown, packed(&all));
    }

    #[test]
    fn a_changed_length_is_an_error(all in any_reports(), at in any::<Index>(), by in 1u8..=255) {
        let bytes = packed(&all).into_bytes();
        for end in 0..bytes.len() {
            prop_assert!(read(&bytes[..end]).is_err(), "cut at {}", end);
        }
        for more in [1, WIDE] {
            prop_assert!(read(&[&bytes[..], &vec![0; more]].concat()).is_err());
        }
        let lengths = (0..all.len()).map(|event| HEAD + event * WIDE + LENGTH);
        let places: Vec<usize> = (1..HEAD).chain(lengths).collect();
        let mut altered = bytes;
        altered[*at.get(&places)] ^= by;
        prop_assert!(read(&altered).is_err());
    }

    #[test]
    fn altered_bytes_are_an_error_or_another_history(all in any_reports(), at in any::<Index>(), by in 1u8..=255) {
        let mut bytes = packed(&all).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        if let Ok(other) = read(&bytes) {
            prop_assert!(other.history().events() != packed(&all).history().events() || at >= HEAD + all.len() * WIDE);
            // One history has one form: what is read is written the same.
            prop_assert_eq!(other.with(Vec::new(), &[]).into_bytes(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(head in 0u8..3, count in 0u32..4, rest in vec(any::<u8>(), 0..150)) {
        let bytes = [&[head][..], &count.to_le_bytes(), &rest].concat();
        let _ = read(&bytes);
        let _ = read(&rest);
    }
}

/// What is stored must be readable for as long as there are databases.
#[test]
fn the_stored_form_of_a_history_is_fixed() {
    let mut enrolled = event(7, day("2026-01-10"), "art", kind("enrolled"));
    enrolled.covered_until = Some(day("2026-02-10"));
    enrolled.group = Some(GroupCode::new(6).unwrap());
    enrolled.site = 70_000;
    let mut load = event(1, day("2026-02-01"), "art", kind("result:suppressed"));
    load.effective = day("2026-04-01");
    load.finding = Some(indicators::Finding::Suppressed);
    let code = Some("suppressed".parse().unwrap());
    let all = [
        Told { event: load, code },
        Told {
            event: enrolled,
            code: None,
        },
    ];
    let number = |on: &str| day(on).number().to_le_bytes();
    let expected = [
        &[1, 2, 0, 0, 0, 1, 0, 0, 0][..],
        &[7; 16],
        &number("2026-01-10"),
        &number("2026-01-10"),
        &[32, 0, 0x70, 0x11, 1, 0, 1, 0, 5, 1, 6, 0],
        &[1; 16],
        &number("2026-02-01"),
        &number("2026-04-01"),
        &[0, 0, 1, 0, 0, 0, 1, 0, 5, 3, 0, 10],
        &8105i32.to_le_bytes(),
        &[7; 16],
        &[9; 16],
        b"suppressed",
    ];
    let withdrawal = Withdrawal {
        from: "2026Q2".parse().unwrap(),
        target: [7; 16],
        report: [9; 16],
    };
    let made = Packed::default().with(all.to_vec(), &[withdrawal]);
    assert_eq!(made.bytes, expected.concat());
    assert_eq!(read(&expected.concat()).unwrap(), made);
}

/// The same with so many withdrawals, all the same.
fn withdrawn(bytes: &[u8], count: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[5] = count;
    for _ in 0..count {
        bytes.extend_from_slice(&8105i32.to_le_bytes());
        bytes.extend_from_slice(&[7; 32]);
    }
    bytes
}

#[test]
fn what_no_report_can_say_is_an_error() {
    let good = packed(&[Told {
        event: event(1, first_day(), "nsp", kind("contact")),
        code: None,
    }])
    .into_bytes();
    assert!(read(&good).is_ok());
    let never: &[u8] = &[0xff, 0xff, 0xff, 0x7f];
    for (name, at, bytes) in [
        ("another form", 0, &[2][..]),
        ("a day that does not exist", HEAD + 16, never),
        ("an effective day before the day", HEAD + 20, &[0; 4]),
        ("cover of more than 366 days", HEAD + 24, &[0x70, 1]),
        ("a city above 4095", HEAD + 30, &[0, 16]),
        ("a service nobody entered", HEAD + 32, &[200]),
        ("a kind that does not exist", HEAD + 33, &[4]),
        ("a result without a code", HEAD + 33, &[3]),
        ("a seventh group", HEAD + 34, &[7]),
    ] {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        assert!(matches!(read(&bad), Err(Error::Damaged)), "{name}");
    }
    let twice = [&good[..], &good[HEAD..]].concat();
    let mut two = twice.clone();
    two[1] = 2;
    assert!(read(&two).is_err(), "a report twice");
    let mut wrong_order = two;
    wrong_order[HEAD] = 9;
    assert!(read(&wrong_order).is_err(), "out of order");
    wrong_order[HEAD] = 0;
    assert!(read(&wrong_order).is_ok());
}

#[test]
fn what_no_withdrawal_can_say_is_an_error() {
    let good = packed(&[Told {
        event: event(1, first_day(), "nsp", kind("contact")),
        code: None,
    }])
    .into_bytes();
    let mut early = withdrawn(&good, 1);
    assert!(read(&early).is_ok());
    early[HEAD + WIDE..][..4].copy_from_slice(&1i32.to_le_bytes());
    assert!(read(&early).is_err(), "a quarter before there were any");
    let mut same = withdrawn(&good, 1);
    same[HEAD + WIDE + 20..].fill(1);
    assert!(read(&same).is_err(), "the id of a report");
    assert!(
        read(&withdrawn(&good, 2)).is_err(),
        "two withdrawals of one id"
    );
}

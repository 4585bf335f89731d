#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crypto::report::ExitReason;
use proptest::prelude::*;
use serde_json::Value;

const ART: &str = "art";

fn rules() -> Rules {
    Rules::built_in().unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn entry(who: u8, on: Day, kind: EntryKind) -> RosterEntry {
    RosterEntry {
        pseudonym: Pseudonym::from_bytes([who; 16]),
        day: on,
        kind,
    }
}

fn kind(word: &str, service: &str, site: &str, covered_until: Option<Day>) -> EntryKind {
    let (service, site) = (service.parse().unwrap(), site.parse().unwrap());
    match word.split_once(':') {
        None if word == "enrolled" => EntryKind::Enrolled {
            service,
            site,
            consent: true,
            group: None,
            covered_until,
        },
        None => EntryKind::Visit {
            service,
            site,
            quantity: None,
            covered_until,
        },
        Some(("exited", reason)) => EntryKind::Exited {
            service,
            site,
            reason: reason.parse().unwrap(),
        },
        Some((_, code)) => EntryKind::Result {
            service,
            site,
            code: code.parse().unwrap(),
        },
    }
}

fn visit(who: u8, on: &str, covered_until: Option<&str>) -> RosterEntry {
    entry(
        who,
        day(on),
        kind("contact", ART, "medan/a", covered_until.map(day)),
    )
}

fn id(n: u16) -> EntryId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    EntryId::from_bytes(bytes)
}

/// The shared boundary vectors: where the statistics store sees an episode of a
/// service, the terminal sees the same standing.
#[test]
fn the_shared_boundary_vectors_hold() {
    let text = indicators::testing::VECTORS;
    let file: Value = serde_json::from_str(text).unwrap();
    let mut compared = 0;
    for vector in file["vectors"].as_array().unwrap() {
        let events = vector["events"].as_array().unwrap();
        // A terminal judges late entries by their own day.
        if events
            .iter()
            .any(|event| event.get("effective_day").is_some())
        {
            continue;
        }
        let mut roster = Roster::default();
        for (n, event) in events.iter().enumerate() {
            let field = |name: &str| event.get(name).and_then(Value::as_str);
            let kind = kind(
                field("kind").unwrap(),
                field("service").unwrap(),
                field("site").unwrap_or("medan/a"),
                field("covered_until").map(day),
            );
            roster.insert(id(n as u16), entry(1, day(field("day").unwrap()), kind));
        }
        compared += compare(&roster, vector);
    }
    assert!(compared >= 25, "only {compared} standings were compared");
}

fn compare(roster: &Roster, vector: &Value) -> usize {
    let as_of = day(vector["as_of"].as_str().unwrap());
    let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
    for episode in vector["expect"]["episodes"].as_array().unwrap() {
        let of = episode["of"].as_str().unwrap();
        let newer = last
            .get(of)
            .is_none_or(|l| l["enrolled"].as_str() <= episode["enrolled"].as_str());
        if of != "programme" && newer {
            last.insert(of, episode);
        }
    }
    for (service, episode) in &last {
        let service: ServiceCode = service.parse().unwrap();
        let standing = roster.standing(&Pseudonym::from_bytes([1; 16]), &service, as_of, &rules());
        let found = match standing {
            Standing::Never => panic!("{}", vector["name"]),
            Standing::Active { .. } | Standing::Late { .. } => None,
            Standing::Lost { on, .. }
            | Standing::Exited {
                on,
                reason: ExitReason::DroppedOut,
            } => Some((on, "dropped_out".to_owned())),
            Standing::Lapsed { on } => Some((on, "lapsed".to_owned())),
            Standing::Exited { on, reason } => Some((on, format!("exited:{reason}"))),
        };
        let expected = episode["end"].as_object().map(|end| {
            (
                day(end["day"].as_str().unwrap()),
                end["how"].as_str().unwrap().to_owned(),
            )
        });
        assert_eq!(found, expected, "{} ({service})", vector["name"]);
    }
    last.len()
}

#[test]
fn the_overdue_list_begins_the_day_after_and_turns_on_day_29() {
    let mut roster = Roster::default();
    roster.insert(id(1), visit(1, "2026-01-01", Some("2026-01-31")));
    let on = |text: &str| roster.overdue(day(text), &rules());
    assert!(on("2026-01-31").is_empty());
    let first = &on("2026-02-01")[0];
    assert_eq!((first.days, first.lost, first.consent), (1, false, None));
    assert!(!on("2026-02-28")[0].lost, "day 28");
    let lost = &on("2026-03-01")[0];
    assert_eq!((lost.days, lost.lost), (29, true));
}

#[test]
fn the_longest_overdue_comes_first_and_who_left_is_not_on_it() {
    let mut roster = Roster::default();
    roster.insert(id(1), visit(1, "2026-01-01", Some("2026-01-20")));
    roster.insert(id(2), visit(2, "2026-01-01", Some("2026-01-10")));
    roster.insert(id(3), visit(3, "2026-01-01", Some("2026-01-10")));
    roster.insert(
        id(4),
        entry(
            3,
            day("2026-01-05"),
            kind("exited:imprisoned", ART, "medan/a", None),
        ),
    );
    roster.insert(
        id(5),
        entry(2, day("2026-01-02"), EntryKind::Consent { given: false }),
    );
    let list = roster.overdue(day("2026-01-25"), &rules());
    let short: Vec<_> = list
        .iter()
        .map(|o| (o.pseudonym.as_bytes()[0], o.days, o.consent))
        .collect();
    assert_eq!(short, [(2, 15, Some(false)), (1, 5, None)]);
    assert_eq!(list[0].alias(), alias(&Pseudonym::from_bytes([2; 16])));
}

fn pseudonym(n: u8) -> Pseudonym {
    Pseudonym::from_bytes([n; 16])
}

fn continued(now: u8, on: &str, previous: u8) -> RosterEntry {
    let previous = pseudonym(previous);
    entry(now, day(on), EntryKind::Continued { previous })
}

#[test]
fn a_rotated_identity_is_one_client_with_one_history() {
    let mut roster = Roster::default();
    let (old, new) = (pseudonym(1), pseudonym(2));
    roster.insert(id(3), visit(2, "2026-02-01", Some("2026-03-01")));
    roster.insert(id(2), continued(2, "2026-02-01", 1));
    roster.insert(id(1), visit(1, "2026-01-01", Some("2026-01-10")));
    assert_eq!(roster.len(), 1);
    assert!(roster.knows(&old) && roster.superseded(&old) && !roster.superseded(&new));
    assert_eq!(
        roster.continuation(&new).map(|link| link.entry),
        Some(id(2))
    );
    assert_eq!(roster.history(&new).len(), 3);
    assert!(roster.overdue(day("2026-02-20"), &rules()).is_empty());
    // A ring, made by nobody honest, closes nothing.
    roster.insert(id(4), continued(1, "2026-02-02", 2));
    assert!(!roster.superseded(&new) && !roster.may_continue(&new, &old));
    assert_eq!(
        roster.history(&new).len(),
        4,
        "the entry is told all the same"
    );
}

#[test]
fn a_record_goes_on_at_most_once_and_can_be_taken_back() {
    let mut roster = Roster::default();
    for n in 1..=4 {
        roster.insert(id(u16::from(n)), visit(n, "2026-01-01", None));
    }
    let (first, other) = (pseudonym(2), pseudonym(3));
    assert!(roster.may_continue(&pseudonym(1), &first));
    roster.insert(id(10), continued(2, "2026-02-02", 1));
    assert!(!roster.may_continue(&pseudonym(1), &other), "it went on");
    assert!(!roster.may_continue(&pseudonym(4), &first), "it has one");
    assert!(!roster.may_continue(&pseudonym(4), &pseudonym(4)));
    assert!(
        !roster.may_continue(&pseudonym(9), &other),
        "nobody knows it"
    );
    // A second one, from another terminal, does not count; the earlier one does, whichever came first.
    roster.insert(id(11), continued(3, "2026-02-03", 1));
    assert_eq!(roster.history(&other).len(), 2);
    roster.insert(id(12), continued(3, "2026-02-01", 1));
    assert!(roster.continuation(&first).is_none());
    let link = *roster.continuation(&other).unwrap();
    assert_eq!((link.entry, link.previous), (id(12), pseudonym(1)));
    let undone = EntryKind::Separated { entry: id(12) };
    roster.insert(id(13), entry(3, day("2026-02-09"), undone));
    assert!(roster.continuation(&first).is_some(), "the next one counts");
    let undone = EntryKind::Separated { entry: id(10) };
    roster.insert(id(14), entry(2, day("2026-02-09"), undone));
    let undone = EntryKind::Separated { entry: id(11) };
    roster.insert(id(15), entry(3, day("2026-02-09"), undone));
    assert_eq!(roster.len(), 4);
    assert!(!roster.superseded(&pseudonym(1)));
    assert!(roster.may_continue(&pseudonym(1), &other));
}

fn any_entry() -> impl Strategy<Value = RosterEntry> {
    let words = prop::sample::select(vec![
        "enrolled",
        "contact",
        "exited:died",
        "exited:moved",
        "result:negative",
    ]);
    let services = prop::sample::select(vec!["art", "nsp", "oat-methadone", "hts"]);
    let recorded = (
        0u8..4,
        0i32..200,
        words,
        services,
        0u8..2,
        prop::option::of(0i32..60),
    )
        .prop_map(|(who, on, word, service, site, cover)| {
            let on = day("2026-01-01").plus(on);
            let site = if site == 0 { "medan/a" } else { "medan/b" };
            entry(
                who,
                on,
                kind(word, service, site, cover.map(|days| on.plus(days))),
            )
        });
    let link = (0u8..4, 0i32..200, 0u8..4, prop::option::of(0u16..40)).prop_map(
        |(who, on, previous, undone)| {
            let previous = pseudonym(previous);
            let kind = match undone {
                Some(n) => EntryKind::Separated { entry: id(n) },
                None => EntryKind::Continued { previous },
            };
            entry(who, day("2026-01-01").plus(on), kind)
        },
    );
    prop_oneof![3 => recorded, 1 => link]
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        entries in prop::collection::vec(any_entry(), 0..40),
        shuffle in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
        as_of in 0i32..400,
    ) {
        let numbered: Vec<(EntryId, RosterEntry)> =
            entries.into_iter().enumerate().map(|(n, e)| (id(n as u16), e)).collect();
        let straight = Roster::from(numbered.clone());
        let mut mixed = Roster::default();
        for at in &shuffle {
            if !numbered.is_empty() {
                let (id, entry) = at.get(&numbered).clone();
                mixed.insert(id, entry);
            }
        }
        for (id, entry) in numbered.iter().rev() {
            mixed.insert(*id, entry.clone());
            prop_assert!(!mixed.insert(*id, entry.clone()));
        }
        let as_of = day("2026-01-01").plus(as_of);
        prop_assert_eq!(straight.overdue(as_of, &rules()), mixed.overdue(as_of, &rules()));
        let saved = serde_json::to_vec(&mixed).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Roster>(&saved).unwrap(), straight);
    }

    #[test]
    fn everybody_overdue_was_expected_before_today(entries in prop::collection::vec(any_entry(), 0..40), as_of in 0i32..400) {
        let as_of = day("2026-01-01").plus(as_of);
        let roster = Roster::from(entries.into_iter().enumerate().map(|(n, e)| (id(n as u16), e)).collect::<Vec<_>>());
        for line in roster.overdue(as_of, &rules()) {
            prop_assert!(line.expected < as_of && line.days == as_of.since(line.expected));
            let grace = rules().of(&line.service).unwrap().grace;
            prop_assert_eq!(line.lost, line.days > grace);
        }
    }
}

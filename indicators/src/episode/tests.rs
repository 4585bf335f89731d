//! The boundary vectors, and the replay of a published methadone cohort.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::testing::{VECTORS, any_event, any_events, day, event, first_day, kind};
use proptest::prelude::*;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    as_of: Day,
    events: Vec<VectorEvent>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorEvent {
    day: Day,
    effective_day: Option<Day>,
    service: String,
    kind: String,
    covered_until: Option<Day>,
    site: String,
}

#[derive(Deserialize)]
struct Expect {
    episodes: Vec<ExpectedEpisode>,
    re_engagements: Vec<OnDay>,
    silent_transfers: Vec<OnDay>,
    after_death: u32,
}

#[derive(Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ExpectedEpisode {
    of: String,
    enrolled: Day,
    last_contact: Day,
    end: Option<ExpectedEnd>,
}

#[derive(Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ExpectedEnd {
    day: Day,
    how: String,
}

#[derive(Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OnDay {
    service: String,
    day: Day,
}

fn how(end: End) -> String {
    match end {
        End::DroppedOut => "dropped_out".to_owned(),
        End::Lapsed => "lapsed".to_owned(),
        End::Exited(exit) => format!("exited:{}", exit.word()),
    }
}

fn subject(subject: Subject, indicators: &Indicators) -> String {
    match subject {
        Subject::Programme => "programme".to_owned(),
        Subject::Service(number) => indicators
            .by_number(number.number())
            .unwrap()
            .code
            .to_string(),
    }
}

fn history(vector: &Vector) -> History {
    let mut sites: BTreeMap<&str, u32> = BTreeMap::new();
    let mut events = Vec::new();
    for (number, given) in vector.events.iter().enumerate() {
        let next = u32::try_from(sites.len()).unwrap() + 1;
        let site = *sites.entry(&given.site).or_insert(next);
        let mut one = event(
            u8::try_from(number).unwrap(),
            given.day,
            &given.service,
            kind(&given.kind),
        );
        one.effective = given.effective_day.unwrap_or(given.day);
        one.covered_until = given.covered_until;
        one.site = site;
        events.push(one);
    }
    History::new(events)
}

#[test]
fn every_boundary_vector_holds() {
    let indicators = Indicators::shipped().unwrap();
    let file: Vectors = serde_json::from_str(VECTORS).unwrap();
    assert!(file.vectors.len() >= 35);
    for mut vector in file.vectors {
        let found = episodes(&history(&vector), &indicators, vector.as_of);
        let mut list: Vec<ExpectedEpisode> = found
            .list
            .iter()
            .map(|episode| ExpectedEpisode {
                of: subject(episode.subject, &indicators),
                enrolled: episode.enrolled,
                last_contact: episode.last_contact,
                end: episode
                    .end
                    .map(|(day, end)| ExpectedEnd { day, how: how(end) }),
            })
            .collect();
        list.sort();
        vector.expect.episodes.sort();
        assert_eq!(list, vector.expect.episodes, "{}", vector.name);
        let returns: Vec<OnDay> = found
            .list
            .iter()
            .filter(|episode| episode.re_engaged && episode.subject != Subject::Programme)
            .map(|episode| OnDay {
                service: subject(episode.subject, &indicators),
                day: episode.enrolled,
            })
            .collect();
        assert_eq!(returns, vector.expect.re_engagements, "{}", vector.name);
        let silent: Vec<OnDay> = found
            .silent_transfers
            .iter()
            .map(|found| OnDay {
                service: subject(Subject::Service(found.service), &indicators),
                day: found.day,
            })
            .collect();
        assert_eq!(silent, vector.expect.silent_transfers, "{}", vector.name);
        assert_eq!(
            found.after_death, vector.expect.after_death,
            "{}",
            vector.name
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Episodes of one subject never overlap, never end before they begin, and do not depend on the order of rows.
    #[test]
    fn episodes_are_orderly(events in any_events(), turn in 0usize..40) {
        let indicators = Indicators::shipped().unwrap();
        let as_of = first_day().plus(3_000);
        let found = episodes(&History::new(events.clone()), &indicators, as_of);
        let mut latest: BTreeMap<Subject, Day> = BTreeMap::new();
        for episode in &found.list {
            prop_assert!(episode.enrolled <= episode.last_contact);
            prop_assert!(episode.from <= episode.until);
            prop_assert!(episode.end.is_some());
            if let Some(until) = latest.insert(episode.subject, episode.until) {
                prop_assert!(until <= episode.from);
            }
        }
        let mut turned = events.clone();
        turned.rotate_left(turn.min(events.len()));
        turned.extend(events);
        prop_assert_eq!(episodes(&History::new(turned), &indicators, as_of), found);
    }

    /// What is said about the time up to a day does not change when later events come.
    #[test]
    fn the_past_does_not_change(events in any_events(), late in any_event(), cut in 0i32..730) {
        let indicators = Indicators::shipped().unwrap();
        let cut = first_day().plus(cut);
        let before = episodes(&History::new(events.clone()), &indicators, cut);
        let mut more = events;
        more.push(Event { effective: late.day.max(cut.plus(1)), ..late });
        prop_assert_eq!(episodes(&History::new(more), &indicators, cut), before);
    }
}

/// One person of the table: clinic, departed, days.
type Client = (u8, bool, i32);

fn cohort() -> Option<(Vec<Client>, serde_json::Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/methadone/");
    let (Ok(table), Ok(expected)) = (
        std::fs::read_to_string(format!("{folder}addicts.csv")),
        std::fs::read_to_string(format!("{folder}expected_results.json")),
    ) else {
        println!("skipped: the methadone table is not here");
        return None;
    };
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let clients = reader.records().map(|row| {
        let row = row.unwrap();
        (
            row[2].parse().unwrap(),
            &row[3] == "1",
            row[4].parse().unwrap(),
        )
    });
    Some((clients.collect(), serde_json::from_str(&expected).unwrap()))
}

/// Replays one client: cover for the whole stay, then the recorded end; gives days of stay and whether it was a drop-out.
fn replay(index: usize, client: &Client, indicators: &Indicators) -> (i32, bool) {
    let enrolled = day("1986-02-01").plus(i32::try_from(index).unwrap());
    let end = enrolled.plus(client.2);
    // Stays are longer than one appointment may reach, so cover is renewed every 90 days, as a clinic would.
    let mut events = Vec::new();
    let mut at = enrolled;
    while at < end || events.is_empty() {
        let next = at.plus(90).min(end);
        let number = u8::try_from(events.len()).unwrap();
        let mut one = event(
            number,
            at,
            "oat-methadone",
            kind(if events.is_empty() {
                "enrolled"
            } else {
                "contact"
            }),
        );
        one.covered_until = Some(next);
        events.push(one);
        at = next;
    }
    let exit = if client.1 {
        "exited:dropped_out"
    } else {
        "exited:moved"
    };
    events.push(event(255, end, "oat-methadone", kind(exit)));
    let found = episodes(&History::new(events), indicators, end);
    let stays: Vec<&Episode> = found
        .list
        .iter()
        .filter(|one| one.subject != Subject::Programme)
        .collect();
    let [stay] = stays.as_slice() else {
        panic!("one stay a client")
    };
    let (ended, how) = stay.end.unwrap();
    assert!(matches!(how, End::DroppedOut | End::Exited(Exit::Moved)));
    (ended.since(stay.enrolled), how == End::DroppedOut)
}

/// Kaplan-Meier probability to be still there after day `t`, events on day `t` counted.
fn survival(stays: &[(i32, bool)], t: i32) -> f64 {
    let mut days: Vec<i32> = stays
        .iter()
        .filter(|stay| stay.1 && stay.0 <= t)
        .map(|stay| stay.0)
        .collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().fold(1.0, |product, day| {
        let at_risk = stays.iter().filter(|stay| stay.0 >= day).count();
        let left = stays.iter().filter(|stay| **stay == (day, true)).count();
        product * (1.0 - left as f64 / at_risk as f64)
    })
}

fn compare(name: &str, stays: &[(i32, bool)], expected: &serde_json::Value) {
    let count =
        |keep: &dyn Fn(&(i32, bool)) -> bool| stays.iter().filter(|stay| keep(stay)).count() as u64;
    assert_eq!(count(&|_| true), expected["n"], "{name}");
    assert_eq!(count(&|stay| stay.1), expected["departed"], "{name}");
    assert_eq!(count(&|stay| !stay.1), expected["censored"], "{name}");
    assert_eq!(
        stays.iter().map(|stay| i64::from(stay.0)).sum::<i64>(),
        expected["person_days"],
        "{name}"
    );
    for t in [30, 90, 180, 365] {
        let key = t.to_string();
        assert_eq!(
            count(&|stay| stay.1 && stay.0 <= t),
            expected["departed_by"][&key],
            "{name} {t}"
        );
        assert_eq!(
            count(&|stay| !stay.1 && stay.0 <= t),
            expected["censored_by"][&key],
            "{name} {t}"
        );
        let share = survival(stays, t);
        assert!(
            (share - expected[format!("S{t}")].as_f64().unwrap()).abs() < 6e-5,
            "{name} S({t}) = {share}"
        );
        let still = count(&|stay| stay.0 >= t);
        assert_eq!(still, expected["still_observed_at"][&key], "{name} {t}");
    }
}

#[test]
fn a_published_methadone_cohort_comes_out_as_published() {
    let Some((clients, expected)) = cohort() else {
        return;
    };
    let indicators = Indicators::shipped().unwrap();
    let stays: Vec<(u8, (i32, bool))> = clients
        .iter()
        .enumerate()
        .map(|(index, client)| (client.0, replay(index, client, &indicators)))
        .collect();
    for (name, clinic) in [("all", None), ("clinic1", Some(1)), ("clinic2", Some(2))] {
        let chosen: Vec<(i32, bool)> = stays
            .iter()
            .filter(|stay| clinic.is_none_or(|clinic| stay.0 == clinic))
            .map(|stay| stay.1)
            .collect();
        compare(name, &chosen, &expected["computed"][name]);
    }
}

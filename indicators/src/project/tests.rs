//! The bounds hold for any history; closed quarters stay; order does not matter; simple cases come out as counted by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::kind::{EventKind, Exit};
use crate::testing::{any_event, any_events, day, event, first_day, kind};
use crypto::report::MAX_COVER_DAYS;
use privacy::cell::item::{Delay, Outcome, Stage};

const KEY: [u8; 32] = [9; 32];

pub(crate) fn cities() -> CityPeriods {
    let code = |number| CityCode::new(number).unwrap();
    CityPeriods::new([
        (code(1), "2026Q1".parse().unwrap()),
        (code(2), "2026Q4".parse().unwrap()),
    ])
}

pub(crate) fn contributions(person: i64, events: Vec<Event>) -> Vec<Contribution> {
    project(
        person,
        &History::new(events),
        &Indicators::shipped().unwrap(),
        &cities(),
        &KEY,
    )
}

fn most<K: Ord>(rows: impl Iterator<Item = K>) -> usize {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    for key in rows {
        *counts.entry(key).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

pub(crate) fn of(rows: &[Contribution], tab: Tab) -> impl Iterator<Item = &Contribution> {
    rows.iter().filter(move |row| row.cell.tab() == tab)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Stocks, flows and yearly tables of one event, whatever cover it gives: its own year and the two after.
    #[test]
    fn one_visit_is_part_of_three_calendar_years_at_most(person in 0i64.., one in any_event(), cover in 0..=MAX_COVER_DAYS) {
        let until = Some(one.day.plus(cover));
        let rows = contributions(person, vec![Event { covered_until: until, ..one }]);
        let came = Quarter::of(one.day).year();
        for row in &rows {
            prop_assert!((came..=came + 2).contains(&row.period.year()), "{row:?}");
        }
    }

    #[test]
    fn the_caps_hold(person in 0i64.., events in any_events()) {
        let rows = contributions(person, events.clone());
        let distinct = rows.windows(2).all(|pair| pair[0] < pair[1]);
        prop_assert!(distinct, "sorted and each once");
        prop_assert!(most(of(&rows, Tab::Active).map(|row| row.period)) <= CAPS.active_per_quarter);
        prop_assert!(most(of(&rows, Tab::Service).map(|row| row.period)) <= CAPS.services_per_quarter);
        for tab in [Tab::DropOut, Tab::ReEngaged] {
            prop_assert!(most(of(&rows, tab).map(|row| row.period.year())) <= CAPS.flows_per_year);
            prop_assert!(most(of(&rows, tab).map(|row| (row.period.year(), row.cell.service()))) <= CAPS.flows_per_service_year);
        }
        let year = |row: &Contribution| row.period.year();
        let service = |row: &Contribution| (row.period.year(), row.cell.service());
        prop_assert!(most(of(&rows, Tab::SilentTransfer).map(year)) <= CAPS.silent_transfers_per_year);
        prop_assert!(most(of(&rows, Tab::Cohort).map(year)) <= CAPS.cohorts_per_year);
        prop_assert!(most(of(&rows, Tab::ServiceCohort).map(year)) <= CAPS.service_cohorts_per_year);
        prop_assert!(most(of(&rows, Tab::ServiceCohort).map(service)) <= 1);
        prop_assert!(most(of(&rows, Tab::Cascade).map(year)) <= CAPS.cascade_per_year);
        prop_assert!(of(&rows, Tab::Linkage).count() <= CAPS.linkage_per_life);
        prop_assert!(of(&rows, Tab::First).count() <= CAPS.first_per_life);
        let sorted = History::new(events);
        let dead = |one: &&Event| one.kind == EventKind::Exited(Exit::Died);
        let (living, after): (Vec<&Event>, Vec<&Event>) = match sorted.events().iter().position(|one| dead(&one)) {
            None => (sorted.events().iter().collect(), Vec::new()),
            Some(place) => (sorted.events()[..place].iter().collect(), sorted.events()[place..].iter().collect()),
        };
        // Or outweighed the death by coming on two later days.
        let later = after.iter().filter(|one| one.is_contact() && one.day > after[0].day).map(|one| one.day);
        let back = later.collect::<std::collections::BTreeSet<_>>().len() > 1;
        let enrolled = back || living.into_iter().any(Event::is_contact);
        prop_assert_eq!(of(&rows, Tab::First).count() == 1, enrolled);
        for row in &rows {
            prop_assert_eq!(Cell::parse(row.cell.number()).unwrap(), row.cell);
            prop_assert!(row.period >= Quarter::of(first_day()));
        }
        for row in rows.iter().filter(|row| row.cell.tab() >= Tab::Cohort) {
            prop_assert_eq!(row.period.of_year(), 4, "yearly tables");
            prop_assert!(row.cell.group().is_none());
            let item = row.cell.item();
            match row.cell.tab() {
                Tab::Cohort => prop_assert!(Outcome::programme().any(|one| one.item() == item)),
                Tab::ServiceCohort => prop_assert!(Outcome::parse(item).is_ok()),
                Tab::Cascade => prop_assert!(Stage::parse(item).is_ok()),
                _ => prop_assert!(Delay::parse(item).is_ok()),
            }
        }
        for row in rows.iter().filter(|row| row.cell.tab() < Tab::Cohort) {
            prop_assert_eq!(row.cell.item(), 0);
        }
        // A stage of the cascade is a person of table A, in the same city.
        for row in of(&rows, Tab::Cascade) {
            prop_assert!(of(&rows, Tab::Active).any(|other| other.period == row.period && other.cell.city() == row.cell.city()));
        }
        // Who was ever enrolled is in a cohort of that year as a client; in a service only where the year's end is late enough.
        for row in of(&rows, Tab::First) {
            let read = cohort::read_in(row.period.first_day());
            prop_assert!(of(&rows, Tab::Cohort).any(|other| other.period == read));
        }
        let indicators = Indicators::shipped().unwrap();
        for row in of(&rows, Tab::ServiceCohort) {
            let service = indicators.by_number(row.cell.service()).unwrap();
            prop_assert!(service.rule.is_mature(), "{}", service.code);
        }
        // A person counted in a service is counted as active, in the same city.
        for row in of(&rows, Tab::Service) {
            prop_assert!(of(&rows, Tab::Active).any(|other| other.period == row.period && other.cell.city() == row.cell.city()));
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(person in 0i64.., events in any_events(), turn in 0usize..40) {
        let mut turned = events.clone();
        turned.reverse();
        turned.rotate_left(turn.min(events.len()));
        prop_assert_eq!(contributions(person, turned), contributions(person, events));
    }

    /// Ids are random: whatever they are, the same things were reported, and the same is counted.
    #[test]
    fn ids_of_reports_decide_nothing(
        person in 0i64..,
        events in any_events(),
        ids in proptest::collection::hash_set(any::<[u8; 16]>(), 80),
        squeeze in 1i32..60,
    ) {
        // Many events on few days, so that the order of one day matters.
        let near = |one: Event| {
            let on = first_day().plus(one.day.since(first_day()) / squeeze * squeeze);
            let cover = one.covered_until.map(|until| on.plus(until.since(one.day)));
            Event { day: on, effective: on, covered_until: cover, ..one }
        };
        let ids: Vec<[u8; 16]> = ids.into_iter().collect();
        let named = |from: usize| -> Vec<Event> {
            events.iter().enumerate().map(|(at, one)| Event { report: ids[from + at], ..near(*one) }).collect()
        };
        prop_assert_eq!(contributions(person, named(0)), contributions(person, named(40)));
    }

    /// What a quarter counts rests on the events effective by its last day: the others may as well not exist.
    #[test]
    fn contributions_do_not_look_ahead(
        person in 0i64..,
        events in any_events(),
        delays in proptest::collection::vec(prop_oneof![3 => Just(0i32), 1 => 1i32..400], 40),
        number in 0i32..14,
    ) {
        let later = |(one, delay): (Event, &i32)| Event { effective: one.day.plus(*delay), ..one };
        let events: Vec<Event> = events.into_iter().zip(&delays).map(later).collect();
        let period = Quarter::from_number(Quarter::of(first_day()).number() + number).unwrap();
        let known: Vec<Event> = events.iter().filter(|one| one.effective <= period.last_day()).copied().collect();
        let by = |rows: Vec<Contribution>| rows.into_iter().filter(|row| row.period <= period).collect::<Vec<_>>();
        prop_assert_eq!(by(contributions(person, events)), by(contributions(person, known)));
    }

    /// Late events, effective in the first open quarter as intake makes them, leave every closed quarter as it was.
    #[test]
    fn closed_quarters_stay(
        person in 0i64..,
        events in any_events(),
        late in proptest::collection::vec(any_event(), 1..6),
        closed in 0i32..8,
    ) {
        let open = Quarter::from_number(Quarter::of(first_day()).number() + closed).unwrap();
        let mut more = events.clone();
        more.extend(late.into_iter().map(|one| Event { effective: one.day.max(open.first_day()), ..one }));
        let closed = |rows: Vec<Contribution>| rows.into_iter().filter(|row| row.period < open).collect::<Vec<_>>();
        prop_assert_eq!(closed(contributions(person, more)), closed(contributions(person, events)));
    }

    /// The stock, counted the slow way: every quarter, every service, by the definition.
    #[test]
    fn active_means_some_service_has_not_run_out(person in 0i64.., events in any_events()) {
        let events: Vec<Event> = events.into_iter().filter(Event::is_contact).collect();
        let rows = contributions(person, events.clone());
        let indicators = Indicators::shipped().unwrap();
        let mut period = Quarter::of(first_day());
        for _ in 0..16 {
            let end = period.last_day();
            let active = events.iter().filter(|one| one.day <= end).any(|one| {
                let rule = indicators.rule(one.service);
                let cover = one.covered_until.unwrap_or(one.day.plus(rule.default_cover));
                end.since(cover) <= rule.grace
            });
            prop_assert_eq!(of(&rows, Tab::Active).any(|row| row.period == period), active, "{}", period);
            period = period.next();
        }
    }
}

pub(crate) fn visit(number: u8, on: &str, service: &str) -> Event {
    event(number, day(on), service, EventKind::Contact)
}

fn cells(rows: &[Contribution], tab: Tab) -> Vec<(String, u16, u8)> {
    of(rows, tab)
        .map(|row| {
            (
                row.period.to_string(),
                row.cell.city().number(),
                row.cell.service(),
            )
        })
        .collect()
}

#[test]
fn one_kit_counts_once_as_first_active_and_drop_out() {
    let rows = contributions(1, vec![visit(1, "2026-01-10", "nsp")]);
    assert_eq!(cells(&rows, Tab::First), [("2026Q1".to_owned(), 1, 0)]);
    assert_eq!(cells(&rows, Tab::Active), [("2026Q1".to_owned(), 1, 0)]);
    assert_eq!(cells(&rows, Tab::Service), [("2026Q1".to_owned(), 1, 1)]);
    // Day 91 after 10 January is 11 April.
    assert_eq!(cells(&rows, Tab::DropOut), [("2026Q2".to_owned(), 1, 1)]);
}

#[test]
fn a_city_is_other_before_its_first_quarter() {
    let mut one = visit(1, "2026-09-20", "nsp");
    one.city = CityCode::new(2).unwrap();
    let rows = contributions(1, vec![one]);
    assert_eq!(cells(&rows, Tab::First), [("2026Q3".to_owned(), 0, 0)]);
    assert_eq!(cells(&rows, Tab::DropOut), [("2026Q4".to_owned(), 2, 1)]);
}

#[test]
fn of_many_drop_outs_the_two_earliest_of_a_year_stay() {
    let mut events = Vec::new();
    for (number, (month, service)) in (0u8..).zip([
        (1, "oat-methadone"),
        (2, "prep"),
        (3, "tb"),
        (4, "oat-methadone"),
    ]) {
        events.push(visit(number, &format!("2026-{month:02}-05"), service));
    }
    let rows = contributions(1, events);
    // Methadone runs out on 13 January, PrEP after its 30 days of cover on 15 March; TB and the second time are over the caps.
    assert_eq!(
        cells(&rows, Tab::DropOut),
        [("2026Q1".to_owned(), 1, 2), ("2026Q1".to_owned(), 1, 13)]
    );
}

#[test]
fn a_return_counts_only_if_it_lasts_to_the_quarters_end() {
    let start = visit(1, "2026-01-05", "oat-methadone");
    let mut returned = visit(2, "2026-02-20", "oat-methadone");
    assert!(cells(&contributions(1, vec![start, returned]), Tab::ReEngaged).is_empty());
    returned.covered_until = Some(day("2026-03-25"));
    assert_eq!(
        cells(&contributions(1, vec![start, returned]), Tab::ReEngaged),
        [("2026Q1".to_owned(), 1, 2)]
    );
    returned.covered_until = Some(day("2026-03-23"));
    assert!(cells(&contributions(1, vec![start, returned]), Tab::ReEngaged).is_empty());
    let exit = event(
        3,
        day("2026-01-06"),
        "oat-methadone",
        kind("exited:completed"),
    );
    returned.covered_until = Some(day("2026-04-25"));
    assert!(
        cells(
            &contributions(1, vec![start, exit, returned]),
            Tab::ReEngaged
        )
        .is_empty(),
        "no drop-out before"
    );
}

#[test]
fn of_more_than_three_services_three_stay_and_not_always_the_same() {
    let services = ["nsp", "art", "tb", "legal", "social"];
    let events: Vec<Event> = (0u8..)
        .zip(services)
        .map(|(number, service)| visit(number, "2026-03-20", service))
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for person in 0..200 {
        let rows = contributions(person, events.clone());
        let kept: Vec<u8> = of(&rows, Tab::Service)
            .filter(|row| row.period.to_string() == "2026Q1")
            .map(|row| row.cell.service())
            .collect();
        assert_eq!(kept.len(), 3);
        seen.extend(kept);
    }
    assert_eq!(
        seen.len(),
        services.len(),
        "each service is kept for somebody"
    );
}

#[test]
fn the_group_is_the_latest_on_record() {
    let mut first = visit(1, "2026-01-05", "nsp");
    first.group = GroupCode::new(1).ok();
    let mut second = visit(2, "2026-04-05", "nsp");
    second.group = GroupCode::new(2).ok();
    let rows = contributions(1, vec![first, second, visit(3, "2026-07-04", "nsp")]);
    let groups: Vec<Option<u8>> = of(&rows, Tab::Active)
        .map(|row| row.cell.group().map(GroupCode::number))
        .collect();
    assert_eq!(groups, [Some(1), Some(2), Some(2)]);
    let rows = contributions(1, vec![visit(3, "2026-07-04", "nsp")]);
    assert_eq!(
        of(&rows, Tab::Active).next().unwrap().cell.group(),
        Some(GroupCode::UNKNOWN)
    );
}

#[test]
fn of_the_silent_transfers_of_a_year_the_first_stays() {
    let mut events = Vec::new();
    for (number, (on, service)) in (0u8..).zip([
        ("2026-01-10", "nsp"),
        ("2026-01-20", "art"),
        ("2026-02-05", "art"),
        ("2026-04-01", "nsp"),
    ]) {
        let mut one = visit(number, on, service);
        one.site = if number > 1 { 2 } else { 1 };
        events.push(one);
    }
    assert_eq!(
        cells(&contributions(1, events), Tab::SilentTransfer),
        [("2026Q1".to_owned(), 1, 5)]
    );
}

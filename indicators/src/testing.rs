//! Test support: events by hand and random histories.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::day::{Day, Quarter};
use crypto::report::Kind;
use privacy::cell::{CityCode, GroupCode};
use proptest::prelude::*;

use crate::definitions::Indicators;
use crate::history::{Event, Withdrawal};
use crate::kind::{EventKind, Exit};

/// The boundary cases that every executor of the definitions must pass (JSON).
pub const VECTORS: &str = include_str!("../data/indicator-vectors.json");

/// A day from its text.
#[must_use]
pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A contact at site 1 of city 1 with an id of its own.
#[must_use]
pub fn event(number: u8, on: Day, service: &str, kind: EventKind) -> Event {
    let indicators = Indicators::shipped().unwrap();
    Event {
        report: [number; 16],
        day: on,
        effective: on,
        service: indicators.find(&service.parse().unwrap()).unwrap().number,
        kind,
        rank: indicators.rank(kind),
        covered_until: None,
        site: 1,
        city: CityCode::new(1).unwrap(),
        group: None,
        finding: None,
    }
}

/// A result with this code.
#[must_use]
pub fn result(number: u8, on: Day, service: &str, code: &str) -> Event {
    let mut one = event(number, on, service, EventKind::Result);
    one.finding = Indicators::shipped().unwrap().finding(one.service, code);
    one
}

/// A kind from its word in reports.
#[must_use]
pub fn kind(text: &str) -> EventKind {
    EventKind::from(&text.parse::<Kind>().unwrap())
}

/// First day of the random histories.
#[must_use]
pub fn first_day() -> Day {
    day("2026-01-01")
}

fn any_kind() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        2 => Just(EventKind::Enrolled),
        8 => Just(EventKind::Contact),
        4 => Just(EventKind::Result),
        2 => (0usize..7).prop_map(|exit| EventKind::Exited(Exit::ALL[exit])),
    ]
}

prop_compose! {
    /// Any event of two years from [`first_day`] on, taken at once.
    pub fn any_event()(
        report: [u8; 16],
        days in 0i32..730,
        service in 0usize..20,
        kind in any_kind(),
        cover in proptest::option::weighted(0.4, 0i32..=200),
        site in 0u32..6,
        group in proptest::option::weighted(0.3, 1u8..=6),
        code in 0usize..3,
    ) -> Event {
        let indicators = Indicators::shipped().unwrap();
        let day = first_day().plus(days);
        // Few services more often, so that episodes meet.
        let codes = [["positive", "suppressed"], ["positive", "unsuppressed"], ["negative", "late"]];
        let service = indicators.services()[if service > 9 { service % 5 } else { service }].number;
        Event {
            report, day, effective: day, service, kind, rank: indicators.rank(kind),
            covered_until: cover.map(|cover| day.plus(cover)),
            site, city: CityCode::new(u16::try_from(site / 2).unwrap()).unwrap(),
            group: group.map(|group| GroupCode::new(group).unwrap()),
            finding: codes[code]
                .into_iter()
                .filter(|_| kind == EventKind::Result)
                .find_map(|code| indicators.finding(service, code)),
        }
    }
}

/// Any history, unsorted.
pub fn any_events() -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec(any_event(), 0..40)
}

/// Withdrawals that wait for the events of which they name some: which, from which quarter, whether it is one that is there, own id.
#[derive(Clone, Debug)]
pub struct Withdrawals(Vec<(proptest::sample::Index, i32, u8, [u8; 16])>);

impl Withdrawals {
    /// The withdrawals of these events, in order. Each third one names a report that is not there.
    #[must_use]
    pub fn of(&self, events: &[Event]) -> Vec<Withdrawal> {
        let start = Quarter::of(first_day()).number();
        let made = |(target, from, real, report): &(proptest::sample::Index, i32, u8, _)| {
            let known = (!events.is_empty() && *real > 0).then(|| target.get(events).report);
            Withdrawal {
                from: Quarter::from_number(start + from).unwrap(),
                target: known.unwrap_or([0xfe; 16]),
                report: *report,
            }
        };
        let mut all: Vec<Withdrawal> = self.0.iter().map(made).collect();
        all.sort_unstable();
        all
    }
}

/// Any withdrawals of three years.
pub fn any_withdrawals() -> impl Strategy<Value = Withdrawals> {
    let index = any::<proptest::sample::Index>();
    proptest::collection::vec((index, 0i32..12, 0u8..3, any::<[u8; 16]>()), 0..6)
        .prop_map(Withdrawals)
}

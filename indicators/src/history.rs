//! One person's events in their one order.
//!
//! A history is sorted by effective day, day, the rank of the kind by the definitions file, and then by what the events say: service,
//! site, city, cover, group, finding. Only events that say the same are told apart by their report ids, which are random. It holds each
//! report once; so everything computed from it depends on what was reported, and neither on the order of arrival nor on chance. The effective day of an event is the later
//! of its day and the first day of the first quarter that was open when it was taken: what closed quarters saw never moves.

use crypto::day::Day;
use privacy::cell::{CityCode, GroupCode};

use crate::definitions::{Finding, ServiceNumber};
use crate::kind::EventKind;

/// One event of one person. The person is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The report's id; two rows with one id are one report.
    pub report: [u8; 16],
    /// Day it happened.
    pub day: Day,
    /// Day from which it counts; never before `day`.
    pub effective: Day,
    /// The service.
    pub service: ServiceNumber,
    /// What happened.
    pub kind: EventKind,
    /// The place of that kind among the events of one day ([`crate::Indicators::rank`]).
    pub rank: u8,
    /// Next appointment or last day of cover, from `day` to `day` + [`crypto::report::MAX_COVER_DAYS`].
    pub covered_until: Option<Day>,
    /// The site's registry number; 0 for a site not registered.
    pub site: u32,
    /// The city's registry number.
    pub city: CityCode,
    /// The group, when the report carried one.
    pub group: Option<GroupCode>,
    /// What the result says; `None` for every event that is no result of meaning.
    pub finding: Option<Finding>,
}

impl Event {
    /// The place in the one order of a history: by what the event says, and only then by its id.
    #[must_use]
    pub fn order(&self) -> impl Ord + use<> {
        (
            (self.effective, self.day, self.rank, self.kind),
            (self.service, self.site, self.city),
            (self.covered_until, self.group, self.finding),
            self.report,
        )
    }

    /// True unless the event is an exit.
    #[must_use]
    pub const fn is_contact(&self) -> bool {
        !matches!(self.kind, EventKind::Exited(_))
    }
}

/// One person's events, sorted, each report once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History(Vec<Event>);

impl History {
    /// Sorts events of any order; of two with one report id the first in the order stays.
    #[must_use]
    pub fn new(mut events: Vec<Event>) -> Self {
        events.sort_unstable_by_key(Event::order);
        let mut history = Self(events);
        history.drop_repeated_reports();
        history
    }

    /// Takes events that are in the order already; `None` when they are not, or when a report is there twice.
    #[must_use]
    pub fn in_order(events: Vec<Event>) -> Option<Self> {
        let sorted = events.is_sorted_by(|one, next| one.order() < next.order());
        let mut ids: Vec<u128> = events
            .iter()
            .map(|event| u128::from_ne_bytes(event.report))
            .collect();
        ids.sort_unstable();
        let once = ids.is_sorted_by(|one, next| one < next);
        (sorted && once).then_some(Self(events))
    }

    /// Where an event of this order belongs among the others.
    #[must_use]
    pub fn place(&self, event: &Event) -> usize {
        let order = event.order();
        self.0.partition_point(|one| one.order() < order)
    }

    /// This history with events that are in the order among themselves and whose reports it lacks: as if it had been made
    /// of all of them.
    #[must_use]
    pub fn with(&self, events: &[Event]) -> Self {
        let mut all = Vec::with_capacity(self.0.len() + events.len());
        let mut taken = 0;
        for event in events {
            let place = self.place(event);
            all.extend_from_slice(&self.0[taken..place]);
            all.push(*event);
            taken = place;
        }
        all.extend_from_slice(&self.0[taken..]);
        Self(all)
    }

    fn drop_repeated_reports(&mut self) {
        let mut ids: Vec<[u8; 16]> = self.0.iter().map(|event| event.report).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            let mut seen = std::collections::HashSet::new();
            self.0.retain(|event| seen.insert(event.report));
        }
    }

    /// The events in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.0
    }

    /// True when the report is in the history.
    #[must_use]
    pub fn contains(&self, report: &[u8; 16]) -> bool {
        self.0.iter().any(|event| event.report == *report)
    }
}

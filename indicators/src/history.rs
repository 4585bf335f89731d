//! One person's events in their one order.
//!
//! A history is sorted by effective day, day, the rank of the kind by the definitions file, and then by what the events say: service,
//! site, city, cover, group, finding. Only events that say the same are told apart by their report ids, which are random. It holds each
//! report once; so everything computed from it depends on what was reported, and neither on the order of arrival nor on chance. The effective day of an event is the later
//! of its day and the first day of the first quarter that still took it when it was received: what closed quarters saw never moves.
//!
//! A report that is withdrawn stays in the history beside its withdrawal, because quarters that were closed by then have counted
//! it: from the first quarter that the withdrawal can still reach, it is as if it had never come ([`History::standing`]).

use std::borrow::Cow;
use std::collections::BTreeSet;

use crypto::day::{Day, Quarter};
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

/// That an earlier report, or one that is still to come, is not true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Withdrawal {
    /// The first quarter that no longer counts the report; open when the withdrawal was taken.
    pub from: Quarter,
    /// The id of the report that is withdrawn.
    pub target: [u8; 16],
    /// Its own id; two with one id are one.
    pub report: [u8; 16],
}

/// One person's events, sorted, each report once, and what of them was withdrawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    events: Vec<Event>,
    withdrawals: Vec<Withdrawal>,
}

impl History {
    /// Sorts events of any order; of two with one report id the first in the order stays.
    #[must_use]
    pub fn new(mut events: Vec<Event>) -> Self {
        events.sort_unstable_by_key(Event::order);
        let mut history = Self {
            events,
            withdrawals: Vec::new(),
        };
        history.drop_repeated_reports();
        history
    }

    /// Takes events and withdrawals that are in the order already; `None` when they are not, or when a report is there twice.
    #[must_use]
    pub fn in_order(events: Vec<Event>, withdrawals: Vec<Withdrawal>) -> Option<Self> {
        let sorted = events.is_sorted_by(|one, next| one.order() < next.order())
            && withdrawals.is_sorted_by(|one, next| one < next);
        let mut ids: Vec<u128> = events
            .iter()
            .map(|event| event.report)
            .chain(withdrawals.iter().map(|one| one.report))
            .map(u128::from_ne_bytes)
            .collect();
        ids.sort_unstable();
        let once = ids.is_sorted_by(|one, next| one < next);
        (sorted && once).then_some(Self {
            events,
            withdrawals,
        })
    }

    /// Where an event of this order belongs among the others.
    #[must_use]
    pub fn place(&self, event: &Event) -> usize {
        let order = event.order();
        self.events.partition_point(|one| one.order() < order)
    }

    /// This history with events that are in the order among themselves, and with withdrawals, all of which it lacks: as if it
    /// had been made of all of them.
    #[must_use]
    pub fn with(&self, events: &[Event], withdrawals: &[Withdrawal]) -> Self {
        let mut all = Vec::with_capacity(self.events.len() + events.len());
        let mut taken = 0;
        for event in events {
            let place = self.place(event);
            all.extend_from_slice(&self.events[taken..place]);
            all.push(*event);
            taken = place;
        }
        all.extend_from_slice(&self.events[taken..]);
        let mut gone = [&self.withdrawals[..], withdrawals].concat();
        gone.sort_unstable();
        Self {
            events: all,
            withdrawals: gone,
        }
    }

    fn drop_repeated_reports(&mut self) {
        let mut ids: Vec<[u8; 16]> = self.events.iter().map(|event| event.report).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            let mut seen = std::collections::HashSet::new();
            self.events.retain(|event| seen.insert(event.report));
        }
    }

    /// The events in order, withdrawn ones too.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The withdrawals in order: by their quarter, then by ids.
    #[must_use]
    pub fn withdrawals(&self) -> &[Withdrawal] {
        &self.withdrawals
    }

    /// The events in order without those that were withdrawn by the end of `period`: what its tables count, as far as it is
    /// effective by then.
    #[must_use]
    pub fn standing(&self, period: Quarter) -> Cow<'_, [Event]> {
        self.without(|withdrawal| withdrawal.from <= period)
    }

    /// The events in order without those that were ever withdrawn: all that is taken for true today.
    #[must_use]
    pub fn true_today(&self) -> Cow<'_, [Event]> {
        self.without(|_| true)
    }

    fn without(&self, counts: impl Fn(&Withdrawal) -> bool) -> Cow<'_, [Event]> {
        let counted = self.withdrawals.iter().filter(|one| counts(one));
        let gone: BTreeSet<[u8; 16]> = counted.map(|one| one.target).collect();
        if gone.is_empty() {
            return Cow::Borrowed(&self.events);
        }
        let standing = self.events.iter().filter(|it| !gone.contains(&it.report));
        Cow::Owned(standing.copied().collect())
    }

    /// The quarters, each once and in order, from which fewer reports stand than before.
    #[must_use]
    pub fn turns(&self) -> Vec<Quarter> {
        let mut found = BTreeSet::new();
        let mut gone = BTreeSet::new();
        for withdrawal in &self.withdrawals {
            let hits = |event: &Event| event.report == withdrawal.target;
            if gone.insert(withdrawal.target) && self.events.iter().any(hits) {
                found.insert(withdrawal.from);
            }
        }
        found.into_iter().collect()
    }

    /// True when the report, or the withdrawal, is in the history.
    #[must_use]
    pub fn contains(&self, report: &[u8; 16]) -> bool {
        self.events.iter().any(|event| event.report == *report)
            || self.withdrawals.iter().any(|one| one.report == *report)
    }
}

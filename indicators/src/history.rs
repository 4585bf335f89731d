//! One person's events in their one order.
//!
//! A history is sorted by effective day, day, `enrolled < contact < result < exited`, then report id, and holds each report
//! once; so everything computed from it is independent of the order of arrival. The effective day of an event is the later
//! of its day and the first day of the first quarter that was open when it was taken: what closed quarters saw never moves.

use crypto::day::Day;
use crypto::report::{ExitReason, Kind};
use privacy::cell::{CityCode, GroupCode};

use crate::definitions::{Finding, ServiceNumber};

/// What happened, as far as episodes care; what a result says is in [`Event::finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Enrolled in the service.
    Enrolled,
    /// Any contact.
    Contact,
    /// A coded result; counts as a contact.
    Result,
    /// Left the service.
    Exited(Exit),
}

/// Why somebody left; ordered and numbered for storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Treatment or case completed.
    Completed = 11,
    /// Handed over to another provider.
    Transferred = 12,
    /// Died.
    Died = 13,
    /// Imprisoned or in closed rehabilitation.
    Imprisoned = 14,
    /// Moved away.
    Moved = 15,
    /// Withdrew consent.
    Withdrew = 16,
    /// Given up as lost by the provider; the only exit that is a drop-out.
    DroppedOut = 17,
}

impl Exit {
    /// Every reason, in stored order.
    pub const ALL: [Self; 7] = [
        Self::Completed,
        Self::Transferred,
        Self::Died,
        Self::Imprisoned,
        Self::Moved,
        Self::Withdrew,
        Self::DroppedOut,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Transferred => "transferred",
            Self::Died => "died",
            Self::Imprisoned => "imprisoned",
            Self::Moved => "moved",
            Self::Withdrew => "withdrew",
            Self::DroppedOut => "dropped_out",
        }
    }

    /// True when the reason speaks of one site only: it ends nothing for a person whose latest contact was elsewhere.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Transferred | Self::Moved | Self::DroppedOut)
    }

    /// True when the reason ends the programme too, once no service is active.
    #[must_use]
    pub const fn ends_programme(self) -> bool {
        matches!(
            self,
            Self::Died | Self::Imprisoned | Self::Moved | Self::Withdrew
        )
    }
}

impl From<ExitReason> for Exit {
    fn from(reason: ExitReason) -> Self {
        match reason {
            ExitReason::Completed => Self::Completed,
            ExitReason::Transferred => Self::Transferred,
            ExitReason::Died => Self::Died,
            ExitReason::Imprisoned => Self::Imprisoned,
            ExitReason::Moved => Self::Moved,
            ExitReason::Withdrew => Self::Withdrew,
            ExitReason::DroppedOut => Self::DroppedOut,
        }
    }
}

impl From<&Kind> for EventKind {
    fn from(kind: &Kind) -> Self {
        match kind {
            Kind::Enrolled => Self::Enrolled,
            Kind::Contact => Self::Contact,
            Kind::Result(_) => Self::Result,
            Kind::Exited(reason) => Self::Exited((*reason).into()),
        }
    }
}

impl EventKind {
    /// The stored number: 1 enrolled, 2 contact, 3 result, 11..=17 exited.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Enrolled => 1,
            Self::Contact => 2,
            Self::Result => 3,
            Self::Exited(reason) => reason as u8,
        }
    }

    /// Reads a stored number; `None` when it is none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Enrolled),
            2 => Some(Self::Contact),
            3 => Some(Self::Result),
            other => Exit::ALL
                .into_iter()
                .find(|exit| *exit as u8 == other)
                .map(Self::Exited),
        }
    }
}

/// One event of one person. 44 bytes; the person is not in it.
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
    /// The place in the one order of a history.
    #[must_use]
    pub fn order(&self) -> (Day, Day, u8, [u8; 16]) {
        // Exits share one rank, so that reports of one day with different reasons order by id as the file says.
        (
            self.effective,
            self.day,
            self.kind.number().min(Exit::Completed as u8),
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

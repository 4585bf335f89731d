//! What is known of a person's HIV care at the end of a year.

use crypto::day::Day;

use crate::definitions::{Finding, Indicators};
use crate::history::Event;

/// A viral load older than this says nothing about the year's end, in days.
const VALID_DAYS: i32 = 365;

/// What is known of a person's HIV care, moving forward through the history.
#[derive(Debug, Default)]
pub(super) struct Care {
    next: usize,
    /// A positive test or an event of treatment is on record.
    pub(super) known: bool,
    /// Day of the latest viral load and whether it says suppressed.
    load: Option<(Day, bool)>,
}

impl Care {
    /// Takes events effective by `end`.
    pub(super) fn advance(&mut self, events: &[Event], end: Day, indicators: &Indicators) {
        while let Some(event) = events.get(self.next).filter(|event| event.effective <= end) {
            self.next += 1;
            self.known |= event.service == indicators.treatment();
            match event.finding {
                Some(Finding::Positive) => self.known = true,
                Some(Finding::Suppressed) => self.measured(event.day, true),
                Some(Finding::Unsuppressed) => self.measured(event.day, false),
                None => {}
            }
        }
    }

    fn measured(&mut self, day: Day, suppressed: bool) {
        self.load = match self.load {
            Some((latest, _)) if day < latest => self.load,
            Some((latest, earlier)) if day == latest => Some((day, suppressed && earlier)),
            _ => Some((day, suppressed)),
        };
    }

    /// True when the latest viral load, if it is not too old on `end`, says suppressed.
    pub(super) fn suppressed(&self, end: Day) -> bool {
        self.load
            .is_some_and(|(day, suppressed)| suppressed && end.since(day) <= VALID_DAYS)
    }
}

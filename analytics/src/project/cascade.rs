//! The cascade of HIV treatment: of the people active on 31 December, who knows the status, who is on treatment, who is
//! suppressed.
//!
//! Only people with a positive test or an event of treatment on record are counted, in the city of table A. Suppressed is
//! who is active in treatment and whose latest viral load, at most 365 days old, says so; of two on one day that disagree
//! the unsuppressed one counts. Source: UNAIDS 95-95-95, restricted to what the programme itself recorded.

use crypto::day::{Day, Quarter};
use privacy::cell::item::Stage;
use privacy::cell::{Cell, CityCode, Tab};

use super::Projector;
use crate::history::Event;
use crate::indicators::{Finding, Indicators};
use crate::project::Contribution;

/// A viral load older than this says nothing about the year's end, in days.
const VALID_DAYS: i32 = 365;

/// What is known of a person's HIV care, moving forward through the history.
#[derive(Debug, Default)]
pub(super) struct Care {
    next: usize,
    known: bool,
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

    fn suppressed(&self, end: Day) -> bool {
        self.load
            .is_some_and(|(day, suppressed)| suppressed && end.since(day) <= VALID_DAYS)
    }
}

impl Projector<'_> {
    /// One stage for a person active in `city` on the year's last day.
    pub(super) fn cascade(
        &self,
        period: Quarter,
        end: Day,
        city: CityCode,
        care: &Care,
        out: &mut Vec<Contribution>,
    ) {
        if !care.known {
            return;
        }
        let treatment = self.indicators.treatment().number();
        let treated = self.service_episodes().any(|(episode, service)| {
            service == treatment && episode.from <= end && end < episode.until
        });
        let stage = match (treated, care.suppressed(end)) {
            (false, _) => Stage::KnowsStatus,
            (true, false) => Stage::OnTreatment,
            (true, true) => Stage::Suppressed,
        };
        let cell = Cell::new(Tab::Cascade, city, 0, None);
        out.push(Contribution {
            period,
            cell: cell.with_item(stage.item()),
        });
    }
}

#[cfg(test)]
mod tests;

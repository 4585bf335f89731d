//! Linkage: the days from a person's first positive HIV test to treatment, once in a life.
//!
//! The first is the first in the history's order, so a late report never replaces a test that was counted. A test effective
//! from 1 October of Y-1 to 30 September of Y is counted in the fourth quarter of Y, as known on 31 December, when 92 days
//! have passed; in the city of the test. Treatment begins with the first event of treatment that is no exit; one before
//! the test counts as within 7 days, because the person was in treatment already.

use crypto::day::Quarter;
use privacy::cell::item::Delay;
use privacy::cell::{Cell, Tab};

use super::{Projector, fourth};
use crate::contribution::Contribution;
use crate::definitions::Finding;
use crate::history::Event;

impl Projector<'_> {
    /// Of the history's events those that the walk looked at.
    pub(super) fn linkage(&self, events: &[Event], out: &mut Vec<Contribution>) {
        let taken = || {
            let ranges = self.walk.taken.iter();
            ranges.flat_map(|range| events.get(range.clone()).unwrap_or_default())
        };
        let test = taken().find(|event| event.finding == Some(Finding::Positive));
        let Some(test) = test else { return };
        let period = fourth(Quarter::of(test.effective).next());
        let end = period.last_day();
        let days = taken()
            .take_while(|event| event.effective <= end)
            .filter(|event| event.service == self.indicators.treatment() && event.is_contact())
            .map(|event| event.day.since(test.day))
            .min();
        let city = self.cities.at(test.city, period);
        let cell = Cell::new(Tab::Linkage, city, 0, None);
        out.push(Contribution {
            period,
            cell: cell.with_item(Delay::of(days).item()),
        });
    }
}

#[cfg(test)]
mod tests;

//! Cohorts: what became of those who began, read once, when everybody's 180 days and 90 days of grace are over.
//!
//! The cohort of year Y is the episodes that opened (effective day) from 1 April of Y-1 to 31 March of Y; it is read as of
//! 31 December of Y and counted in that quarter. What an episode that is over by then says rests on events effective by then
//! alone, because the walk is causal; all others are "still there", whatever comes later: also somebody who was last seen early
//! and whose recorded cover runs past the year's end. Services whose own cover and grace last longer have no cohort. Time is the days from enrolment to the
//! last sign, both true days. An exit other than a drop-out is a competing end, not a loss: also when it ended a service only
//! and nothing came after it.

use crypto::day::{Day, Quarter};
use privacy::cell::item::{Ending, Outcome};
use privacy::cell::{Cell, CityCode, Tab};

use super::{Projector, fourth};
use crate::contribution::{CAPS, Contribution};
use crate::episode::{End, Episode, Subject};
use crate::kind::Exit;

/// The quarter in which the cohort of an episode that opened on this effective day is read: the fourth of a year.
pub(super) fn read_in(opened: Day) -> Quarter {
    // January to March belong to their own year's cohort, April to December to the next year's.
    fourth(Quarter::of(opened).next().next().next())
}

/// What the cohort says about an episode as of a day.
pub(super) fn outcome(episode: &Episode, as_of: Day) -> Outcome {
    let ending = match episode.end {
        Some((_, end)) if episode.until <= as_of => ending(episode, end),
        _ => Ending::StillThere,
    };
    Outcome::of(ending, episode.last_sign.day.since(episode.enrolled))
}

fn ending(episode: &Episode, end: End) -> Ending {
    match (end, episode.subject, episode.last_sign.exit) {
        (End::Exited(exit), ..) => exit.into(),
        // Nobody came after a planned exit from the last service: that exit is the end.
        (End::DroppedOut, Subject::Programme, Some(exit)) if exit != Exit::DroppedOut => {
            exit.into()
        }
        (End::DroppedOut, ..) => Ending::DroppedOut,
        (End::Lapsed, ..) => Ending::Lapsed,
    }
}

impl From<Exit> for Ending {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Completed => Self::Completed,
            Exit::Transferred => Self::Transferred,
            Exit::Died => Self::Died,
            Exit::Imprisoned => Self::Imprisoned,
            Exit::Moved => Self::Moved,
            Exit::Withdrew => Self::Withdrew,
            Exit::DroppedOut => Self::DroppedOut,
        }
    }
}

impl Projector<'_> {
    /// The first programme episode of each cohort year.
    pub(super) fn cohorts(&self, out: &mut Vec<Contribution>) {
        let begin = out.len();
        for episode in &self.walk.found.list {
            if episode.subject != Subject::Programme {
                continue;
            }
            let period = read_in(episode.from);
            let year = out[begin..].iter().filter(|row| row.period == period);
            if year.count() < CAPS.cohorts_per_year {
                let cell = Cell::new(Tab::Cohort, CityCode::OTHER, 0, None);
                let item = outcome(episode, period.last_day()).item();
                out.push(Contribution {
                    period,
                    cell: cell.with_item(item),
                });
            }
        }
    }

    /// The first episode of a service in a cohort year, for the two services that opened first; ties by the keyed hash.
    pub(super) fn service_cohorts(&mut self, person: i64, out: &mut Vec<Contribution>) {
        let mut openings = std::mem::take(&mut self.openings);
        openings.clear();
        for (place, episode) in self.walk.found.list.iter().enumerate() {
            if let Subject::Service(service) = episode.subject
                && self.indicators.rule(service).is_mature()
            {
                openings.push((episode.from, service.number(), place));
            }
        }
        let tie = |day: Day, service: u8| {
            let tab = Tab::ServiceCohort.number();
            self.tie(person, tab, day.number(), u16::from(service))
        };
        openings.sort_unstable_by(|left, right| {
            let same_day = || match left.1 == right.1 {
                true => left.2.cmp(&right.2),
                false => tie(left.0, left.1).cmp(&tie(right.0, right.1)),
            };
            left.0.cmp(&right.0).then_with(same_day)
        });
        let begin = out.len();
        for (day, service, place) in &openings {
            let period = read_in(*day);
            let episode = &self.walk.found.list[*place];
            let year = || out[begin..].iter().filter(|row| row.period == period);
            let again = year().any(|row| row.cell.service() == *service);
            if !again && year().count() < CAPS.service_cohorts_per_year {
                let other = CityCode::OTHER;
                let cell = Cell::new(Tab::ServiceCohort, other, *service, None);
                let item = outcome(episode, period.last_day()).item();
                out.push(Contribution {
                    period,
                    cell: cell.with_item(item),
                });
            }
        }
        self.openings = openings;
    }
}

#[cfg(test)]
mod tests;

//! A **generated** pilot: nobody in it exists. About 3,000 clients active at any time in four cities, 13 services in use.
//!
//! People come evenly over five years, stay for a while (a third of them briefly), use one to three services, keep their
//! appointments every four weeks, give up a service early or all at once, leave in planned ways, and some come back. Cities,
//! groups and services are drawn evenly, so that the mean cell of a level is what its accuracy is stated against. Sizes were
//! chosen to be those of the pilot that the accuracy targets were set for; a test keeps them there.

use crypto::day::Day;
use indicators::history::History;
use indicators::kind::{EventKind, Exit};
use indicators::{Indicators, ServiceNumber};

use crate::people::{Dice, Person, service};

/// The services in use; the catalogue has cells for others too, which stay empty.
pub(crate) const SERVICES: [&str; 13] = [
    "nsp",
    "oat-methadone",
    "oat-buprenorphine",
    "hts",
    "art",
    "sti",
    "condoms",
    "iec",
    "hbv",
    "hcv",
    "tb",
    "naloxone",
    "prep",
];
/// People who ever come, and the days over which they first come.
const COMERS: u32 = 7_500;
const DAYS: i32 = 1_826;
/// Days between appointments.
const EVERY: i32 = 28;

/// Everybody's history from 2022-01-01 to 2026-12-31. The same every time.
pub(crate) fn people(indicators: &Indicators) -> Vec<(i64, History)> {
    let codes = SERVICES.map(|code| service(indicators, code));
    let first: Day = "2022-01-01".parse().expect("a day");
    (1..=COMERS)
        .map(|number| {
            let mut dice = Dice::of(u64::from(number));
            let city = 1 + dice.below(4).unsigned_abs() as u16;
            let group = 1 + dice.below(6).unsigned_abs() as u8;
            let mut life = Life {
                person: Person::new(number, city, group),
                last: first.plus(DAYS - 1),
                codes,
                dice,
            };
            let came = life.dice.below(DAYS);
            life.live(first.plus(came));
            life.person.history()
        })
        .collect()
}

struct Life {
    person: Person,
    /// Nothing is known of later days.
    last: Day,
    codes: [ServiceNumber; 13],
    dice: Dice,
}

impl Life {
    /// One stay, and another where the person comes back.
    fn live(&mut self, came: Day) {
        let mut came = came;
        loop {
            let days = if self.dice.falls(0.30) {
                self.dice.wait(120.0)
            } else {
                self.dice.wait(985.0)
            };
            let left = came.plus(days.min(1_400));
            self.stay(came, left);
            came = left.plus(120 + self.dice.below(300));
            if came > self.last || !self.dice.falls(0.25) {
                return;
            }
        }
    }

    fn stay(&mut self, came: Day, left: Day) {
        let planned = self.dice.falls(0.22);
        let wanted = match self.dice.below(100) {
            0..40 => 1,
            40..79 => 2,
            _ => 3,
        };
        let start = self.dice.below(13);
        for turn in 0..wanted {
            // Steps of 1, 2 or 5 places: three different services.
            let place = (start + [0, 2, 5][turn as usize] + 13) % 13;
            let code = self.codes[place as usize];
            let days = left.since(came).max(0);
            if self.dice.falls(0.37) && days > 40 {
                let until = came.plus(20 + self.dice.below(days - 20));
                self.episode(code, came, until, false);
                // Half of them take the service up again while they stay.
                let again = until.plus(110 + self.dice.below(60));
                if again < left && self.dice.falls(0.8) {
                    self.episode(code, again, left, planned);
                }
            } else {
                self.episode(code, came, left, planned);
            }
        }
    }

    /// Appointments from one day to another; each says when the next is.
    fn episode(&mut self, code: ServiceNumber, from: Day, until: Day, planned: bool) {
        let mut day = from;
        let mut kind = EventKind::Enrolled;
        while day <= until && day <= self.last {
            let next = day.plus(EVERY).min(until);
            self.person.add(day, code, kind, Some(next));
            kind = EventKind::Contact;
            day = day.plus(EVERY);
        }
        if until > self.last {
            return;
        }
        if planned {
            let ways = [
                Exit::Completed,
                Exit::Completed,
                Exit::Transferred,
                Exit::Moved,
                Exit::Imprisoned,
            ];
            let reason = ways[self.dice.below(5) as usize];
            self.person
                .add(until, code, EventKind::Exited(reason), None);
        } else if self.dice.falls(0.2) {
            let reason = EventKind::Exited(Exit::DroppedOut);
            self.person.add(until, code, reason, None);
        }
    }
}

//! The bounding code: one person's history in, that person's contributions out, never more than the caps.
//!
//! Pure and per person: the choice depends on the person's own events, the indicator file, the registry's fixed dates and a
//! keyed hash; never on another person, the order of arrival or a rank. Causal: contributions of a quarter depend only on
//! events effective by its last day, so a late report (effective in the first open quarter) cannot change a closed one.
//! Contributions that only need time to pass (still active next quarter, drop-out on a known day) are written at once, up
//! to the last `E` + grace + 1.
//!
//! The yearly tables (`cohort`, `cascade`, `linkage`) are written into the fourth quarter of their year.
//!
//! Withdrawn reports have counted in the quarters that were closed by then, and count in no later one (`versions.rs`).
//!
//! Where a person may give more than a cap allows, the earliest days of the calendar year stay; ties go to the smaller
//! keyed hash. Source: contribution bounding for zCDP with a person as unit (the project's design, section 6).

use crypto::day::{Day, Quarter};
use crypto::digest;

mod care;
mod cascade;
mod cohort;
mod linkage;
mod versions;

use crate::contribution::{CAPS, Contribution};
use privacy::cell::{Cell, CityCode, GroupCode, Tab};

use crate::definitions::Indicators;
use crate::episode::{End, Episode, Subject, Walk};
use crate::history::{Event, History};

use care::Care;

/// From which quarter each registered city has cells of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CityPeriods(Vec<Option<Quarter>>);

impl CityPeriods {
    /// From `(code, first quarter)` of every registered city.
    pub fn new(cities: impl IntoIterator<Item = (CityCode, Quarter)>) -> Self {
        let mut periods = Vec::new();
        for (code, from) in cities {
            let place = usize::from(code.number());
            if periods.len() <= place {
                periods.resize(place + 1, None);
            }
            periods[place] = Some(from);
        }
        Self(periods)
    }

    /// The city under which a quarter shows `code`: itself, or "other" before its first quarter.
    #[must_use]
    pub fn at(&self, code: CityCode, period: Quarter) -> CityCode {
        match self.0.get(usize::from(code.number())) {
            Some(Some(from)) if *from <= period => code,
            _ => CityCode::OTHER,
        }
    }
}

/// Projects people one after another and reuses its memory between them.
pub struct Projector<'a> {
    indicators: &'a Indicators,
    cities: &'a CityPeriods,
    key: &'a [u8; 32],
    walk: Walk,
    flows: Vec<Flow>,
    kept: Vec<Flow>,
    services: Vec<(u64, u8)>,
    /// Opening day, service and place in the list of each service episode.
    openings: Vec<(Day, u8, usize)>,
}

/// Something that happens on one day in one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Flow {
    day: Day,
    tie: u64,
    service: u8,
    city: CityCode,
}

/// The contributions of one person, sorted.
#[must_use]
pub fn project(
    person: i64,
    history: &History,
    indicators: &Indicators,
    cities: &CityPeriods,
    key: &[u8; 32],
) -> Vec<Contribution> {
    let mut out = Vec::new();
    Projector::new(indicators, cities, key).project(person, history, &mut out);
    out
}

impl<'a> Projector<'a> {
    /// `key` breaks ties: 32 secret bytes that never change while the database lives.
    #[must_use]
    pub fn new(indicators: &'a Indicators, cities: &'a CityPeriods, key: &'a [u8; 32]) -> Self {
        Self {
            indicators,
            cities,
            key,
            walk: Walk::default(),
            flows: Vec::new(),
            kept: Vec::new(),
            services: Vec::new(),
            openings: Vec::new(),
        }
    }

    /// Appends one person's contributions to `out`, sorted among themselves. `person` is the database's random number.
    pub fn project(&mut self, person: i64, history: &History, out: &mut Vec<Contribution>) {
        let begin = out.len();
        let turns = history.turns();
        if turns.is_empty() {
            self.version(person, &history.true_today(), out);
        } else {
            self.versions(person, history, &turns, out);
        }
        out[begin..].sort_unstable();
    }

    /// What these events contribute when nothing else was ever reported, in no order.
    fn version(&mut self, person: i64, events: &[Event], out: &mut Vec<Contribution>) {
        self.walk.run(events, self.indicators);
        self.first(out);
        self.drop_outs(person, out);
        self.re_engagements(person, out);
        self.silent_transfers(person, out);
        self.linkage(events, out);
        self.cohorts(out);
        self.service_cohorts(person, out);
        self.stocks(person, events, out);
    }

    /// Events after a recorded death in the history projected last.
    #[must_use]
    pub const fn after_death(&self) -> u32 {
        self.walk.found.after_death
    }

    fn service_episodes(&self) -> impl Iterator<Item = (&Episode, u8)> {
        self.walk
            .found
            .list
            .iter()
            .filter_map(|episode| match episode.subject {
                Subject::Service(service) => Some((episode, service.number())),
                Subject::Programme => None,
            })
    }

    /// The first event ever opens the first service episode of the list, because the list is in order of opening.
    fn first(&self, out: &mut Vec<Contribution>) {
        if let Some((episode, _)) = self.service_episodes().next() {
            let period = Quarter::of(episode.from);
            let city = self.cities.at(episode.first_city, period);
            out.push(Contribution {
                period,
                cell: Cell::new(Tab::First, city, 0, None),
            });
        }
    }

    fn drop_outs(&mut self, person: i64, out: &mut Vec<Contribution>) {
        let mut flows = std::mem::take(&mut self.flows);
        flows.extend(
            self.service_episodes()
                .filter(|(episode, _)| matches!(episode.end, Some((_, End::DroppedOut))))
                .map(|(episode, service)| {
                    self.flow(person, Tab::DropOut, episode.until, service, episode.city)
                }),
        );
        self.emit(Tab::DropOut, CAPS.flows_per_year, flows, out);
    }

    /// Returns that lasted to the end of their quarter. Whether one did is known by then, so the choice stays causal.
    fn re_engagements(&mut self, person: i64, out: &mut Vec<Contribution>) {
        let mut flows = std::mem::take(&mut self.flows);
        for (episode, service) in self
            .service_episodes()
            .filter(|(episode, _)| episode.re_engaged)
        {
            let end = Quarter::of(episode.from).last_day();
            if self
                .service_episodes()
                .any(|(other, number)| number == service && other.from <= end && end < other.until)
            {
                flows.push(self.flow(
                    person,
                    Tab::ReEngaged,
                    episode.from,
                    service,
                    episode.first_city,
                ));
            }
        }
        self.emit(Tab::ReEngaged, CAPS.flows_per_year, flows, out);
    }

    fn silent_transfers(&mut self, person: i64, out: &mut Vec<Contribution>) {
        let mut flows = std::mem::take(&mut self.flows);
        flows.extend(self.walk.found.silent_transfers.iter().map(|found| {
            self.flow(
                person,
                Tab::SilentTransfer,
                found.day,
                found.service.number(),
                found.city,
            )
        }));
        self.emit(
            Tab::SilentTransfer,
            CAPS.silent_transfers_per_year,
            flows,
            out,
        );
    }

    fn flow(&self, person: i64, tab: Tab, day: Day, service: u8, city: CityCode) -> Flow {
        Flow {
            day,
            tie: self.tie(person, tab.number(), day.number(), u16::from(service)),
            service,
            city,
        }
    }

    /// Keeps the earliest of a year, at most the caps, and writes them.
    fn emit(&mut self, tab: Tab, cap: usize, mut flows: Vec<Flow>, out: &mut Vec<Contribution>) {
        flows.sort_unstable();
        self.kept.clear();
        for flow in flows.drain(..) {
            let period = Quarter::of(flow.day);
            let of_year = |kept: &&Flow| Quarter::of(kept.day).year() == period.year();
            let year = self.kept.iter().filter(of_year).count();
            let service = self
                .kept
                .iter()
                .filter(of_year)
                .filter(|kept| kept.service == flow.service)
                .count();
            if year < cap && service < CAPS.flows_per_service_year {
                self.kept.push(flow);
                let city = self.cities.at(flow.city, period);
                out.push(Contribution {
                    period,
                    cell: Cell::new(tab, city, flow.service, None),
                });
            }
        }
        self.flows = flows;
    }

    /// Active on the last day of each quarter, from the first event to the last episode's end.
    fn stocks(&mut self, person: i64, events: &[Event], out: &mut Vec<Contribution>) {
        let span = self
            .service_episodes()
            .fold(None, |span: Option<(Day, Day)>, (episode, _)| {
                let (from, until) = span.unwrap_or((episode.from, episode.until));
                Some((from.min(episode.from), until.max(episode.until)))
            });
        let Some((from, until)) = span else { return };
        let mut place = Place::default();
        let mut care = Care::default();
        let mut period = Quarter::of(from);
        loop {
            let end = period.last_day();
            if end >= until {
                return;
            }
            let city = self.stock(person, period, end, events, &mut place, out);
            if let Some(city) = city.filter(|_| period.of_year() == 4) {
                care.advance(events, end, self.indicators);
                self.cascade(period, end, city, &care, out);
            }
            if period.next() == period {
                return;
            }
            period = period.next();
        }
    }

    /// One quarter's stocks; the city under which the person is active, `None` when not active.
    fn stock(
        &mut self,
        person: i64,
        period: Quarter,
        end: Day,
        events: &[Event],
        place: &mut Place,
        out: &mut Vec<Contribution>,
    ) -> Option<CityCode> {
        let mut services = std::mem::take(&mut self.services);
        services.clear();
        services.extend(
            self.service_episodes()
                .filter(|(episode, _)| episode.from <= end && end < episode.until)
                .map(|(_, service)| (0, service)),
        );
        let mut found = None;
        if !services.is_empty() {
            place.advance(events, end);
            let city = self.cities.at(place.city, period);
            found = Some(city);
            let group = place.group.map_or(GroupCode::UNKNOWN, |(_, group)| group);
            out.push(Contribution {
                period,
                cell: Cell::new(Tab::Active, city, 0, Some(group)),
            });
            if services.len() > CAPS.services_per_quarter {
                for (tie, service) in &mut services {
                    *tie = self.tie(
                        person,
                        Tab::Service.number(),
                        end.number(),
                        u16::from(*service),
                    );
                }
                services.sort_unstable();
                services.truncate(CAPS.services_per_quarter);
            }
            out.extend(services.iter().map(|(_, service)| Contribution {
                period,
                cell: Cell::new(Tab::Service, city, *service, None),
            }));
        }
        self.services = services;
        found
    }

    /// 64 bits that nobody without the key can predict; `what`, `day` and `item` keep choices independent.
    fn tie(&self, person: i64, what: u8, day: i32, item: u16) -> u64 {
        let mut input = [0; 15];
        input[..8].copy_from_slice(&person.to_le_bytes());
        input[8] = what;
        input[9..13].copy_from_slice(&day.to_le_bytes());
        input[13..].copy_from_slice(&item.to_le_bytes());
        let hash = digest::keyed(self.key, &input);
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        u64::from_le_bytes(first)
    }
}

/// The fourth quarter of the same year, in which yearly tables are read.
fn fourth(quarter: Quarter) -> Quarter {
    Quarter::from_number(quarter.year() * 4 + 3).unwrap_or(quarter)
}

/// Where a person was last seen and which group was last on record, moving forward through the history.
#[derive(Debug, Default)]
struct Place {
    next: usize,
    seen: Option<Day>,
    city: CityCode,
    group: Option<(Day, GroupCode)>,
}

impl Place {
    /// Takes events effective by `end`. The latest true day counts; of two cities on one day the later in the history's order.
    fn advance(&mut self, events: &[Event], end: Day) {
        while let Some(event) = events.get(self.next).filter(|event| event.effective <= end) {
            self.next += 1;
            if let Some(group) = event
                .group
                .filter(|_| self.group.is_none_or(|(day, _)| event.day >= day))
            {
                self.group = Some((event.day, group));
            }
            if !event.is_contact() || self.seen.is_some_and(|seen| event.day < seen) {
                continue;
            }
            self.seen = Some(event.day);
            self.city = event.city;
        }
    }
}

#[cfg(test)]
mod tests;

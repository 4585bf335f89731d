//! Episodes: from the first event of a service (or of any service, for the programme) to its end.
//!
//! Pure: one person's history and the indicator file in, episodes out; nobody else's rows, no clock. The walk is *causal*
//! in effective days: what it says about days up to `t` depends only on events effective by `t`, so a late report never
//! changes a closed quarter. Rules and sources are in `data/indicators.json`, boundary cases in
//! `data/indicator-vectors.json`.
//!
//! Limits: `E` is the latest recorded cover, so an event never shortens cover given before; time to the end runs from
//! `enrolled` to the last sign, both true days.

use std::ops::Range;

use crypto::day::{Day, Quarter};
use privacy::cell::CityCode;

use crate::definitions::{Indicators, Lapse, Rule, ServiceNumber};
use crate::history::{Event, History};
use crate::kind::{EventKind, Exit};

/// What an episode is an episode of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One service.
    Service(ServiceNumber),
    /// The programme: any service at any provider.
    Programme,
}

/// How an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Nobody came within the grace, or the provider gave the person up.
    DroppedOut,
    /// Activity ended where that is no loss.
    Lapsed,
    /// A recorded exit other than `dropped_out`.
    Exited(Exit),
}

/// The latest sign of a person in an episode: a contact, or an exit said where the person was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Its true day.
    pub day: Day,
    /// The exit's reason; `None` for a contact. Of both on one day the exit is the later.
    pub exit: Option<Exit>,
}

/// One episode of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// Of what.
    pub subject: Subject,
    /// Day of its first event.
    pub enrolled: Day,
    /// Day of its latest event that is no exit.
    pub last_contact: Day,
    /// Its last sign. In the programme that may be the exit from a service which ended nothing else.
    pub last_sign: Sign,
    /// Day and way of its end; `None` while it goes on.
    pub end: Option<(Day, End)>,
    /// True when it began after a drop-out from the same subject.
    pub re_engaged: bool,
    /// First effective day on which it is active.
    pub(crate) from: Day,
    /// First effective day on which it is no longer active; never before `from`.
    pub(crate) until: Day,
    /// City of the first event.
    pub(crate) first_city: CityCode,
    /// City of the latest contact.
    pub(crate) city: CityCode,
}

impl Episode {
    fn contacted(&mut self, day: Day) {
        if day > self.last_sign.day {
            self.last_sign = Sign { day, exit: None };
        }
    }

    fn left(&mut self, day: Day, reason: Exit) {
        if day >= self.last_sign.day {
            self.last_sign = Sign {
                day,
                exit: Some(reason),
            };
        }
    }
}

/// A change of site inside an episode that no transfer announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilentTransfer {
    /// The service.
    pub service: ServiceNumber,
    /// Effective day of the first contact at the new site.
    pub day: Day,
    /// City of the new site.
    pub city: CityCode,
}

/// Everything the walk finds in one history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Episodes {
    /// Episodes in order of opening; on one event the service's before the programme's.
    pub list: Vec<Episode>,
    /// Silent transfers in order.
    pub silent_transfers: Vec<SilentTransfer>,
    /// Events dated after a recorded death: kept, and for somebody to look at.
    pub after_death: u32,
}

/// The episodes of one person as known on `as_of`: later events are not looked at, later ends are still open, and what was
/// withdrawn by the end of that quarter is not there.
#[must_use]
pub fn episodes(history: &History, indicators: &Indicators, as_of: Day) -> Episodes {
    let events = history.standing(Quarter::of(as_of));
    let known = events.partition_point(|event| event.effective <= as_of);
    let mut walk = Walk::default();
    walk.run(&events[..known], indicators);
    let mut found = walk.found;
    for episode in &mut found.list {
        if episode.until > as_of {
            episode.end = None;
        }
    }
    found
}

/// The state machine; kept between people so that its memory is reused.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) found: Episodes,
    services: Vec<State>,
    died: Option<Death>,
    /// Which events of the history were looked at: all but those between a recorded death and the contact that outweighs it.
    pub(crate) taken: Vec<Range<usize>>,
}

/// A recorded death, and the first day after it on which somebody saw the person all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    day: Day,
    seen: Option<Day>,
}

impl Death {
    /// Recorded on that day.
    #[must_use]
    pub const fn on(day: Day) -> Self {
        Self { day, seen: None }
    }

    /// Takes an event; true when it is a contact on the second later day: nobody who comes on two days is dead. Which
    /// provider erred is not decided here.
    #[must_use]
    pub fn is_outweighed(&mut self, day: Day, contact: bool) -> bool {
        if day <= self.day || !contact {
            return false;
        }
        *self.seen.get_or_insert(day) != day
    }
}

/// How the subject's previous episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    Never,
    DroppedOut,
    Other,
}

/// Where one subject stands.
#[derive(Clone, Copy, Debug)]
struct State {
    subject: Subject,
    rule: Rule,
    /// The open episode's place in the list.
    open: Option<usize>,
    /// `E`.
    expected: Day,
    /// Effective day of the open episode's latest event.
    seen: Day,
    /// Site of the latest contact, 0 unknown.
    site: u32,
    past: Past,
    /// True day of the latest exit.
    exited: Option<Day>,
}

impl State {
    fn new(subject: Subject, rule: Rule, day: Day) -> Self {
        Self {
            subject,
            rule,
            open: None,
            expected: day,
            seen: day,
            site: 0,
            past: Past::Never,
            exited: None,
        }
    }

    /// First day on which the open episode is over by itself.
    fn runs_out(&self) -> Day {
        self.expected.plus(self.rule.grace + 1).max(self.seen)
    }

    /// Ends the open episode if it ran out before an event of `day`, effective on `effective`.
    fn settle(&mut self, list: &mut [Episode], day: Day, effective: Day) {
        let over = self.runs_out();
        if over < effective || day > self.expected.plus(self.rule.grace) {
            self.run_out(list, over.min(effective));
        }
    }

    fn run_out(&mut self, list: &mut [Episode], over: Day) {
        let (end, past) = match self.rule.lapse {
            Lapse::DropOut => (End::DroppedOut, Past::DroppedOut),
            Lapse::Lapsed => (End::Lapsed, Past::Other),
        };
        self.close(list, over, (over, end), past);
    }

    fn close(&mut self, list: &mut [Episode], until: Day, end: (Day, End), past: Past) {
        if let Some(episode) = self.open.take().and_then(|open| list.get_mut(open)) {
            episode.until = until;
            episode.end = Some(end);
            self.past = past;
        }
    }

    /// Takes a contact; true when the episode was open and the site changed silently.
    fn contact(&mut self, list: &mut Vec<Episode>, event: &Event) -> bool {
        self.settle(list, event.day, event.effective);
        let cover = event
            .covered_until
            .unwrap_or_else(|| event.day.plus(self.rule.default_cover))
            .max(event.day);
        let Some(episode) = self.open.and_then(|open| list.get_mut(open)) else {
            self.begin(list, event, cover);
            return false;
        };
        self.expected = self.expected.max(cover);
        self.seen = self.seen.max(event.effective);
        episode.contacted(event.day);
        if event.day < episode.last_contact {
            return false;
        }
        episode.last_contact = event.day;
        episode.city = event.city;
        let moved = event.site != 0 && self.site != 0 && event.site != self.site;
        if event.site != 0 {
            self.site = event.site;
        }
        moved
    }

    fn begin(&mut self, list: &mut Vec<Episode>, event: &Event, cover: Day) {
        let stale = cover.plus(self.rule.grace) < event.effective
            || self.exited.is_some_and(|exit| event.day <= exit);
        if self.past != Past::Never && stale {
            return;
        }
        (self.open, self.expected, self.seen, self.site) =
            (Some(list.len()), cover, event.effective, event.site);
        list.push(Episode {
            subject: self.subject,
            enrolled: event.day,
            last_contact: event.day,
            last_sign: Sign {
                day: event.day,
                exit: None,
            },
            end: None,
            re_engaged: self.past == Past::DroppedOut,
            from: event.effective,
            until: event.effective,
            first_city: event.city,
            city: event.city,
        });
    }

    /// Takes an exit reported for this service; false when it speaks of another site than that of the latest contact.
    fn exit(&mut self, list: &mut [Episode], event: &Event, reason: Exit) -> bool {
        self.settle(list, event.day, event.effective);
        let Some(last_contact) = self
            .open
            .and_then(|open| list.get(open))
            .map(|episode| episode.last_contact)
        else {
            return true;
        };
        if reason.is_local() && event.site != 0 && self.site != 0 && event.site != self.site {
            return false;
        }
        if event.day >= last_contact || reason == Exit::Died {
            self.leave(list, event, reason);
        }
        true
    }

    fn leave(&mut self, list: &mut [Episode], event: &Event, reason: Exit) {
        let (end, past) = match reason {
            Exit::DroppedOut => (End::DroppedOut, Past::DroppedOut),
            other => (End::Exited(other), Past::Other),
        };
        self.sign(list, event.day, reason);
        self.close(list, event.effective, (event.day, end), past);
        self.exited = Some(
            self.exited
                .map_or(event.day, |earlier| earlier.max(event.day)),
        );
    }

    fn sign(&self, list: &mut [Episode], day: Day, reason: Exit) {
        if let Some(episode) = self.open.and_then(|open| list.get_mut(open)) {
            episode.left(day, reason);
        }
    }

    fn is_active(&self, day: Day) -> bool {
        self.open.is_some() && self.runs_out() > day
    }
}

impl Walk {
    /// Walks one history from its first event; results of an earlier walk are dropped.
    pub(crate) fn run(&mut self, events: &[Event], indicators: &Indicators) {
        self.found.list.clear();
        self.found.silent_transfers.clear();
        self.found.after_death = 0;
        self.services.clear();
        self.died = None;
        self.taken.clear();
        let Some(first) = events.first() else { return };
        let mut programme = State::new(Subject::Programme, indicators.programme(), first.day);
        self.taken.push(0..0);
        for (index, event) in events.iter().enumerate() {
            if !self.lives(index, event) {
                continue;
            }
            match event.kind {
                EventKind::Exited(reason) => self.exit(&mut programme, event, reason, indicators),
                _ => self.contact(&mut programme, event, indicators),
            }
        }
        self.services.push(programme);
        for state in &mut self.services {
            let over = state.runs_out();
            state.run_out(&mut self.found.list, over);
        }
    }

    /// False for an event after a recorded death. From the contact that outweighs the death on, the person is alive again; what was
    /// said until then stays, because closed quarters have seen it.
    fn lives(&mut self, index: usize, event: &Event) -> bool {
        if let Some(death) = &mut self.died {
            self.found.after_death += u32::from(event.day > death.day);
            if !death.is_outweighed(event.day, event.is_contact()) {
                return false;
            }
            self.died = None;
            self.taken.push(index..index);
        }
        if let Some(range) = self.taken.last_mut() {
            range.end = index + 1;
        }
        true
    }

    fn state(&mut self, event: &Event, indicators: &Indicators) -> usize {
        let subject = Subject::Service(event.service);
        self.services
            .iter()
            .position(|state| state.subject == subject)
            .unwrap_or_else(|| {
                self.services.push(State::new(
                    subject,
                    indicators.rule(event.service),
                    event.day,
                ));
                self.services.len() - 1
            })
    }

    fn contact(&mut self, programme: &mut State, event: &Event, indicators: &Indicators) {
        let place = self.state(event, indicators);
        if self.services[place].contact(&mut self.found.list, event) {
            let transfer = SilentTransfer {
                service: event.service,
                day: event.effective,
                city: event.city,
            };
            self.found.silent_transfers.push(transfer);
        }
        programme.contact(&mut self.found.list, event);
    }

    fn exit(
        &mut self,
        programme: &mut State,
        event: &Event,
        reason: Exit,
        indicators: &Indicators,
    ) {
        let place = self.state(event, indicators);
        let list = &mut self.found.list;
        let here = self.services[place].exit(list, event, reason);
        if !here && reason == Exit::Transferred {
            self.confirm_transfer(event);
        }
        let list = &mut self.found.list;
        programme.settle(list, event.day, event.effective);
        if programme.open.is_some() {
            // An exit is an event at a provider: the 90 days run from it too.
            programme.expected = programme.expected.max(event.day);
            programme.seen = programme.seen.max(event.effective);
            if here {
                programme.sign(list, event.day, reason);
            }
        }
        if reason == Exit::Died {
            self.died = Some(Death::on(event.day));
            for state in &mut self.services {
                state.settle(list, event.day, event.effective);
                state.leave(list, event, reason);
            }
        }
        if reason.ends_programme()
            && !self
                .services
                .iter()
                .any(|state| state.is_active(event.effective))
        {
            programme.leave(list, event, reason);
        }
    }

    /// The old site confirmed on the very day of the first contact elsewhere: nothing about that transfer was silent.
    fn confirm_transfer(&mut self, event: &Event) {
        let same =
            |found: &SilentTransfer| found.service == event.service && found.day == event.effective;
        if let Some(place) = self.found.silent_transfers.iter().rposition(same) {
            self.found.silent_transfers.remove(place);
        }
    }
}

#[cfg(test)]
mod tests;

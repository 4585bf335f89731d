//! The provider's clients, as a terminal sees them.
//!
//! A set of opened entries, keyed by entry id: inserting in any order, or twice,
//! gives the same roster, because everything is computed from the entries in
//! one order (day; enrolled, contact, result, exited; id). Overdue lists come
//! from the recorded appointment or last day of cover and the definition file;
//! a contact never shortens cover given before.
//!
//! A record goes on under another pseudonym only by an entry that staff made, and
//! until another takes it back. A pseudonym is continued at most once and
//! continues at most one: of two entries that contradict each other the earlier
//! one counts (day, then id), and none closes a ring. Limits: the roster knows this
//! provider's contacts only, so a client who is overdue here may be active
//! elsewhere; reports that came late are judged by their own day.

use crate::rules::Rules;
use crypto::day::Day;
use crypto::id::EntryId;
use crypto::pseudonym::{Pseudonym, alias};
use crypto::report::ServiceCode;
use crypto::roster::{EntryKind, RosterEntry};
use crypto::sorted::Set;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod standing;

pub use standing::Standing;
pub(crate) use standing::{event_kind, placed};
use standing::{service_of, walk};

/// Day, rank of the kind, id: the one order of a client's entries.
type Place = (Day, u8, EntryId);

/// Opened entries by client.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(
    from = "Vec<(EntryId, RosterEntry)>",
    into = "Vec<(EntryId, RosterEntry)>"
)]
pub struct Roster {
    clients: BTreeMap<Pseudonym, BTreeMap<Place, RosterEntry>>,
    /// Everything that was said of continued records, in order.
    said: BTreeMap<Place, Link>,
    /// Entries that were taken back.
    separated: Set<EntryId>,
    /// Events that were entered by mistake: shown to nobody, and no standing rests on them.
    withdrawn: Set<EntryId>,
    /// What of it counts: pseudonym before to the one after.
    after: BTreeMap<Pseudonym, Pseudonym>,
    /// Pseudonym after to the entry that says so.
    before: BTreeMap<Pseudonym, Link>,
    /// Read to its end since it was opened; never stored.
    read: bool,
}

impl PartialEq for Roster {
    /// By what was entered: everything else follows from it.
    fn eq(&self, other: &Self) -> bool {
        self.clients == other.clients
    }
}

impl Eq for Roster {}

/// A record that goes on under another pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The entry that says so.
    pub entry: EntryId,
    /// The pseudonym before.
    pub previous: Pseudonym,
    /// The pseudonym after.
    pub now: Pseudonym,
}

/// A line of the overdue list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The client.
    pub pseudonym: Pseudonym,
    /// The service.
    pub service: ServiceCode,
    /// The contact that was expected.
    pub expected: Day,
    /// Days since then, at least 1.
    pub days: i32,
    /// Whether the client counts as a drop-out here.
    pub lost: bool,
    /// The last answer about follow-up, when there is one.
    pub consent: Option<bool>,
}

/// A line of the list of those who are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The client.
    pub pseudonym: Pseudonym,
    /// The service.
    pub service: ServiceCode,
    /// When.
    pub expected: Day,
}

impl Overdue {
    /// The client's name here.
    #[must_use]
    pub fn alias(&self) -> String {
        alias(&self.pseudonym)
    }
}

impl Roster {
    /// Whether the service's log was read to its end since this was opened. What is kept may be days old, or an older copy that
    /// somebody put back: until then nothing is done that a client of whom it does not know would pay for.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.read
    }

    pub(crate) const fn mark_read(&mut self) {
        self.read = true;
    }

    /// Takes an entry; false when its id is here already.
    pub fn insert(&mut self, id: EntryId, entry: RosterEntry) -> bool {
        let place = (entry.day, rank(&entry.kind), id);
        let link = match &entry.kind {
            EntryKind::Continued { previous } => {
                let (previous, now) = (*previous, entry.pseudonym);
                let link = Link {
                    entry: id,
                    previous,
                    now,
                };
                self.said.insert(place, link).is_none()
            }
            EntryKind::Separated { entry } => self.separated.insert(*entry),
            EntryKind::Withdrawn { entry } => {
                self.withdrawn.insert(*entry);
                false
            }
            _ => false,
        };
        let entries = self.clients.entry(entry.pseudonym).or_default();
        let new = entries.insert(place, entry).is_none();
        if link {
            self.link();
        }
        new
    }

    /// Forgets an entry of a client that was never sent; false when it is not here. What joins or separates records stays.
    pub(crate) fn remove(&mut self, id: &EntryId) -> bool {
        let at = self.clients.iter().find_map(|(pseudonym, entries)| {
            let place = entries.keys().find(|(_, _, one)| one == id)?;
            Some((*pseudonym, *place))
        });
        let Some((pseudonym, place)) = at else {
            return false;
        };
        let Some(entries) = self.clients.get_mut(&pseudonym) else {
            return false;
        };
        let removed = entries.remove(&place);
        if entries.is_empty() {
            self.clients.remove(&pseudonym);
        }
        // A withdrawal that is taken back: what it hid is there again, unless another one hides it.
        if let Some(EntryKind::Withdrawn { entry }) = removed.map(|entry| entry.kind) {
            let all = self.clients.values().flatten();
            let hides = |kind: &EntryKind| matches!(kind, EntryKind::Withdrawn { entry: one } if *one == entry);
            if !all.into_iter().any(|(_, one)| hides(&one.kind)) {
                self.withdrawn.remove(&entry);
            }
        }
        true
    }

    /// Reads anew which records go on under which pseudonym.
    fn link(&mut self) {
        self.after.clear();
        self.before.clear();
        let said = std::mem::take(&mut self.said);
        for link in said.values() {
            let stands = !self.separated.contains(&link.entry);
            if stands && self.fits(&link.previous, &link.now) {
                self.after.insert(link.previous, link.now);
                self.before.insert(link.now, *link);
            }
        }
        self.said = said;
    }

    /// Whether this provider has met the client.
    #[must_use]
    pub fn knows(&self, pseudonym: &Pseudonym) -> bool {
        self.clients.contains_key(pseudonym)
    }

    /// How many clients, a rotated one counted once.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clients().count()
    }

    /// Whether there is no client.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The clients by their pseudonyms of today.
    pub fn clients(&self) -> impl Iterator<Item = &Pseudonym> {
        self.clients.keys().filter(|p| !self.after.contains_key(*p))
    }

    /// Whether the record of this pseudonym goes on under another.
    #[must_use]
    pub fn superseded(&self, pseudonym: &Pseudonym) -> bool {
        self.after.contains_key(pseudonym)
    }

    /// The entry that continued an earlier record under this pseudonym, if one
    /// did and was not taken back.
    #[must_use]
    pub fn continuation(&self, pseudonym: &Pseudonym) -> Option<&Link> {
        self.before.get(pseudonym)
    }

    /// Whether the record of `previous` is here and could go on under `now`:
    /// neither is continued elsewhere, `now` continues no other, and no ring comes
    /// of it.
    #[must_use]
    pub fn may_continue(&self, previous: &Pseudonym, now: &Pseudonym) -> bool {
        self.knows(previous) && self.fits(previous, now)
    }

    fn fits(&self, previous: &Pseudonym, now: &Pseudonym) -> bool {
        !self.superseded(previous)
            && !self.before.contains_key(now)
            && !self.chain(previous).any(|earlier| earlier == *now)
    }

    /// A pseudonym and those before it, the latest first.
    fn chain(&self, pseudonym: &Pseudonym) -> impl Iterator<Item = Pseudonym> {
        std::iter::successors(Some(*pseudonym), |now| {
            self.before.get(now).map(|link| link.previous)
        })
    }

    /// The events under one pseudonym that were not withdrawn, with the ids of their entries, in order.
    #[must_use]
    pub fn events(&self, pseudonym: &Pseudonym) -> Vec<(EntryId, &RosterEntry)> {
        let entries = self.clients.get(pseudonym).into_iter().flatten();
        entries
            .filter(|(place, entry)| self.stands(place) && event_kind(&entry.kind).is_some())
            .map(|(place, entry)| (place.2, entry))
            .collect()
    }

    fn stands(&self, place: &Place) -> bool {
        !self.withdrawn.contains(&place.2)
    }

    /// A client's entries in order, those under earlier pseudonyms included, without events that were withdrawn.
    #[must_use]
    pub fn history(&self, pseudonym: &Pseudonym) -> Vec<&RosterEntry> {
        let entries = self.entries(pseudonym).into_iter();
        entries.map(|(_, entry)| entry).collect()
    }

    /// The same with their ids.
    #[must_use]
    pub fn entries(&self, pseudonym: &Pseudonym) -> Vec<(EntryId, &RosterEntry)> {
        let mut all: Vec<(&Place, &RosterEntry)> = self
            .chain(pseudonym)
            .filter_map(|one| self.clients.get(&one))
            .flatten()
            .filter(|(place, _)| self.stands(place))
            .collect();
        all.sort_by_key(|(place, _)| **place);
        let ids = all.into_iter().map(|((_, _, id), entry)| (*id, entry));
        ids.collect()
    }

    /// Entries of these ids, as far as they are here.
    #[must_use]
    pub fn find(&self, ids: &BTreeSet<EntryId>) -> BTreeMap<EntryId, &RosterEntry> {
        let all = self.clients.values().flatten();
        all.filter(|((_, _, id), _)| ids.contains(id))
            .map(|((_, _, id), entry)| (*id, entry))
            .collect()
    }

    /// The client's last answer about follow-up.
    #[must_use]
    pub fn consent(&self, pseudonym: &Pseudonym) -> Option<bool> {
        last_consent(&self.history(pseudonym))
    }

    /// Where a client stands in one service at the end of `as_of`; `Never` for
    /// a service that the rules do not define.
    #[must_use]
    pub fn standing(
        &self,
        pseudonym: &Pseudonym,
        service: &ServiceCode,
        as_of: Day,
        rules: &Rules,
    ) -> Standing {
        match rules.of(service) {
            Some(rule) => walk(
                &ordered(self.history(pseudonym), rules),
                service,
                rule,
                as_of,
            ),
            None => Standing::Never,
        }
    }

    /// Who was expected and has not come, longest first. Clients who left, and
    /// activities that merely ended, are not on it.
    #[must_use]
    pub fn overdue(&self, as_of: Day, rules: &Rules) -> Vec<Overdue> {
        let mut lines: Vec<Overdue> = self
            .standings(as_of, rules)
            .filter_map(|one| {
                let (expected, lost) = match one.standing {
                    Standing::Late { expected } => (expected, false),
                    Standing::Lost { expected, .. } => (expected, true),
                    _ => return None,
                };
                Some(Overdue {
                    pseudonym: one.pseudonym,
                    service: one.service.clone(),
                    expected,
                    days: as_of.since(expected),
                    lost,
                    consent: one.consent,
                })
            })
            .collect();
        lines.sort_by(|a, b| {
            b.days
                .cmp(&a.days)
                .then_with(|| a.pseudonym.cmp(&b.pseudonym))
        });
        lines
    }

    /// Who is expected from `as_of` to `days` later, soonest first.
    #[must_use]
    pub fn due(&self, as_of: Day, days: i32, rules: &Rules) -> Vec<Due> {
        let mut lines: Vec<Due> = self
            .standings(as_of, rules)
            .filter_map(|one| match one.standing {
                Standing::Active { expected } => Some(Due {
                    pseudonym: one.pseudonym,
                    service: one.service.clone(),
                    expected,
                }),
                _ => None,
            })
            .filter(|line| (0..=days).contains(&line.expected.since(as_of)))
            .collect();
        lines.sort_by_key(|line| (line.expected, line.pseudonym));
        lines
    }

    /// Every client in every service that they have had and that the rules define.
    fn standings<'a>(&'a self, as_of: Day, rules: &'a Rules) -> impl Iterator<Item = Stands<'a>> {
        self.clients().flat_map(move |pseudonym| {
            let history = ordered(self.history(pseudonym), rules);
            let consent = last_consent(&history);
            let services: BTreeSet<&ServiceCode> =
                history.iter().filter_map(|e| service_of(&e.kind)).collect();
            services.into_iter().filter_map(move |service| {
                let rule = rules.of(service)?;
                Some(Stands {
                    pseudonym: *pseudonym,
                    service,
                    standing: walk(&history, service, rule, as_of),
                    consent,
                })
            })
        })
    }
}

/// A client in one service.
struct Stands<'a> {
    pseudonym: Pseudonym,
    service: &'a ServiceCode,
    standing: Standing,
    consent: Option<bool>,
}

impl From<Vec<(EntryId, RosterEntry)>> for Roster {
    fn from(entries: Vec<(EntryId, RosterEntry)>) -> Self {
        let mut roster = Self::default();
        for (id, entry) in entries {
            roster.insert(id, entry);
        }
        roster
    }
}

impl From<Roster> for Vec<(EntryId, RosterEntry)> {
    fn from(roster: Roster) -> Self {
        let entries = roster.clients.into_values().flatten();
        entries.map(|((_, _, id), entry)| (id, entry)).collect()
    }
}

fn rank(kind: &EntryKind) -> u8 {
    match kind {
        EntryKind::Enrolled { .. } => 0,
        EntryKind::Visit { .. } => 1,
        EntryKind::Result { .. } => 2,
        EntryKind::Exited { .. } => 3,
        EntryKind::Consent { .. } => 4,
        EntryKind::Attempt { .. } | EntryKind::Note { .. } => 5,
        EntryKind::Continued { .. } => 6,
        EntryKind::Separated { .. } => 7,
        EntryKind::Withdrawn { .. } => 8,
    }
}

fn last_consent(history: &[&RosterEntry]) -> Option<bool> {
    history.iter().rev().find_map(|entry| match &entry.kind {
        EntryKind::Consent { given } => Some(*given),
        EntryKind::Enrolled { consent, .. } => Some(*consent),
        _ => None,
    })
}

/// Entries in the order that the definitions file gives to one day, which is finer than that in which they are kept.
fn ordered<'a>(mut history: Vec<&'a RosterEntry>, rules: &Rules) -> Vec<&'a RosterEntry> {
    let rank = |kind: &EntryKind| event_kind(kind).map_or(u8::MAX, |kind| rules.rank(kind));
    history.sort_by_key(|entry| (entry.day, rank(&entry.kind)));
    history
}

#[cfg(test)]
mod tests;

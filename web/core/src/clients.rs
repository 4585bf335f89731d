//! A client as a page shows one.

use crypto::day::Day;
use crypto::id::EntryId;
use crypto::pseudonym::{Pseudonym, alias};
use crypto::report::ServiceCode;
use crypto::roster::{Attempt, EntryKind, RosterEntry};
use std::collections::BTreeSet;
use terminal::roster::Standing;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{Core, Counter};
use crate::fault::{Fault, value};
use crate::view::{Again, Client, Given, Line, Standing as Stands};

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// A client of this provider, by the id that a list or a scan gave.
    ///
    /// # Errors
    /// `closed`, `input`, `not-found`.
    #[wasm_bindgen(unchecked_return_type = "Client")]
    pub fn client(&self, id: &str) -> Result<JsValue, JsValue> {
        let counter = self.counter()?;
        let pseudonym: Pseudonym = id.parse().map_err(|_| Fault::named("input"))?;
        if !counter.state.local.roster.knows(&pseudonym) {
            return Err(Fault::named("not-found").into());
        }
        Ok(value(&counter.client(&pseudonym, self.day()?)))
    }
}

impl Counter {
    /// Everything that is known of a client.
    pub(crate) fn client(&self, pseudonym: &Pseudonym, today: Day) -> Client {
        let roster = &self.state.local.roster;
        let history = roster.entries(pseudonym);
        let services = history.iter().filter_map(|(_, it)| service(&it.kind));
        let services: BTreeSet<&ServiceCode> = services.collect();
        let standings = services.into_iter().filter_map(|service| {
            let standing = roster.standing(pseudonym, service, today, &self.rules);
            stands(service, standing)
        });
        let events = roster.events(pseudonym).into_iter();
        let own: BTreeSet<EntryId> = events.map(|(id, _)| id).collect();
        let shown = |(id, entry): &(EntryId, &RosterEntry)| Line {
            withdrawable: own.contains(id),
            ..line(id, entry)
        };
        Client {
            id: pseudonym.to_string(),
            alias: alias(pseudonym),
            known: roster.knows(pseudonym),
            claims: None,
            consent: roster.consent(pseudonym),
            standings: standings.collect(),
            again: again(&history, today),
            history: history.iter().rev().map(&shown).collect(),
        }
    }
}

/// A visit like those of the latest day that has one.
fn again(history: &[(EntryId, &RosterEntry)], today: Day) -> Option<Again> {
    let visit = |it: &RosterEntry| matches!(it.kind, EntryKind::Visit { .. });
    let last = history.iter().rev().find(|(_, it)| visit(it))?.1.day;
    let mut all: Vec<(Given, Option<i32>)> = Vec::new();
    for (_, entry) in history.iter().filter(|(_, it)| it.day == last) {
        let EntryKind::Visit {
            service,
            quantity,
            covered_until,
            ..
        } = &entry.kind
        else {
            continue;
        };
        let service = service.to_string();
        let quantity = quantity.map(std::num::NonZeroU16::get);
        all.retain(|(it, _)| it.service != service);
        let ahead = covered_until.map(|until| until.since(last));
        all.push((Given { service, quantity }, ahead));
    }
    // The appointment is that of what is given again, and of nothing that was entered anew since.
    let ahead = all.iter().filter_map(|(_, ahead)| *ahead).max();
    let until = ahead.map(|days| today.plus(days).to_string());
    let services = all.into_iter().map(|(given, _)| given).collect();
    Some(Again { services, until })
}

/// The service that an entry is about.
pub(crate) const fn service(kind: &EntryKind) -> Option<&ServiceCode> {
    match kind {
        EntryKind::Enrolled { service, .. }
        | EntryKind::Visit { service, .. }
        | EntryKind::Result { service, .. }
        | EntryKind::Exited { service, .. } => Some(service),
        _ => None,
    }
}

fn stands(service: &ServiceCode, standing: Standing) -> Option<Stands> {
    let (state, day, reason) = match standing {
        Standing::Never => return None,
        Standing::Active { expected } => ("active", expected, None),
        Standing::Late { expected } => ("late", expected, None),
        Standing::Lost { expected, .. } => ("lost", expected, None),
        Standing::Lapsed { on } => ("lapsed", on, None),
        Standing::Exited { on, reason } => ("exited", on, Some(reason.to_string())),
    };
    Some(Stands {
        service: service.to_string(),
        state: state.to_owned(),
        day: day.to_string(),
        reason,
    })
}

/// An entry as a page shows it.
pub(crate) fn line(id: &EntryId, entry: &RosterEntry) -> Line {
    let plain = |kind: &str| Line {
        id: id.to_string(),
        day: entry.day.to_string(),
        kind: kind.to_owned(),
        service: service(&entry.kind).map(ToString::to_string),
        site: None,
        quantity: None,
        until: None,
        detail: None,
        withdrawable: false,
    };
    match &entry.kind {
        EntryKind::Enrolled {
            site,
            covered_until,
            ..
        } => Line {
            site: Some(site.to_string()),
            until: covered_until.map(|day| day.to_string()),
            ..plain("enrolled")
        },
        EntryKind::Visit {
            site,
            quantity,
            covered_until,
            ..
        } => Line {
            site: Some(site.to_string()),
            quantity: quantity.map(std::num::NonZeroU16::get),
            until: covered_until.map(|day| day.to_string()),
            ..plain("visit")
        },
        _ => Line {
            detail: detail(&entry.kind),
            ..plain(word(&entry.kind))
        },
    }
}

const fn word(kind: &EntryKind) -> &'static str {
    match kind {
        EntryKind::Enrolled { .. } => "enrolled",
        EntryKind::Visit { .. } => "visit",
        EntryKind::Result { .. } => "result",
        EntryKind::Exited { .. } => "exited",
        EntryKind::Attempt { .. } => "attempt",
        EntryKind::Consent { .. } => "consent",
        EntryKind::Note { .. } => "note",
        EntryKind::Continued { .. } => "continued",
        EntryKind::Separated { .. } => "separated",
        EntryKind::Withdrawn { .. } => "withdrawn",
    }
}

fn detail(kind: &EntryKind) -> Option<String> {
    match kind {
        EntryKind::Result { code, .. } => Some(code.to_string()),
        EntryKind::Exited { reason, .. } => Some(reason.to_string()),
        EntryKind::Attempt { outcome } => Some(attempt(*outcome).to_owned()),
        EntryKind::Consent { given } => Some(if *given { "yes" } else { "no" }.to_owned()),
        EntryKind::Note { text } => Some(text.as_str().to_owned()),
        EntryKind::Continued { previous } => Some(alias(previous)),
        _ => None,
    }
}

const fn attempt(outcome: Attempt) -> &'static str {
    match outcome {
        Attempt::Reached => "reached",
        Attempt::NotReached => "not_reached",
        Attempt::Declined => "declined",
    }
}

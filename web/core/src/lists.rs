//! The lists of the day, what waits, and synchronising.

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Day;
use crypto::pseudonym::{Pseudonym, alias};
use crypto::roster::{EntryKind, RosterEntry};
use terminal::admin;
use terminal::bind::Now;
use terminal::later::{Obstacle, Visit};
use terminal::local::Synced as Done;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::clients::{line, service};
use crate::core::{Core, Counter};
use crate::fault::{Fault, value};
use crate::view::{Held, Queued, Row, Sum, Summary, Synced, Today, Waiting};

/// Days of the list of those who are expected, after today.
const AHEAD: i32 = 6;

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// The lists of the day, from what this device knows.
    ///
    /// # Errors
    /// `closed`.
    #[wasm_bindgen(unchecked_return_type = "Today")]
    pub fn today(&self) -> Result<JsValue, JsValue> {
        Ok(value(&self.counter()?.today(self.day()?)))
    }

    /// What has not been sent.
    ///
    /// # Errors
    /// `closed`.
    #[wasm_bindgen(unchecked_return_type = "Waiting")]
    pub fn waiting(&self) -> Result<JsValue, JsValue> {
        Ok(value(&self.counter()?.waiting()))
    }

    /// The entries that were not acknowledged, oldest first.
    ///
    /// # Errors
    /// `closed`.
    #[wasm_bindgen(unchecked_return_type = "Queued[]")]
    pub fn queue(&self) -> Result<JsValue, JsValue> {
        Ok(value(&self.counter()?.queue()))
    }

    /// Deletes an entry that was not acknowledged, for good; false when it was meanwhile.
    ///
    /// # Errors
    /// `closed`, `input`, `storage`.
    #[wasm_bindgen(js_name = deleteEntry)]
    pub async fn delete_entry(&mut self, id: &str) -> Result<bool, JsValue> {
        let id = id.parse().map_err(|_| Fault::named("input"))?;
        let gone = self.counter_mut()?.state.local.take_back(&id);
        self.save().await?;
        Ok(gone)
    }

    /// What was entered today, by everybody of this provider, as far as this device knows.
    ///
    /// # Errors
    /// `closed`.
    #[wasm_bindgen(unchecked_return_type = "Summary")]
    pub fn summary(&self) -> Result<JsValue, JsValue> {
        Ok(value(&self.counter()?.summary(self.day()?)))
    }

    /// Deletes a visit whose client is not known, for good.
    ///
    /// # Errors
    /// `closed`, `input`, `storage`.
    #[wasm_bindgen(js_name = deleteHeld)]
    pub async fn delete_held(&mut self, id: &str) -> Result<bool, JsValue> {
        let id = id.parse().map_err(|_| Fault::named("input"))?;
        let gone = self.counter_mut()?.state.local.later.delete(&id);
        self.save().await?;
        Ok(gone)
    }

    /// Tries again what was refused or had an obstacle, with the next synchronisation.
    ///
    /// # Errors
    /// `closed`, `storage`.
    #[wasm_bindgen(js_name = tryAgain)]
    pub async fn try_again(&mut self) -> Result<(), JsValue> {
        let local = &mut self.counter_mut()?.state.local;
        local.retry_refused();
        local.later.retry();
        Ok(self.save().await?)
    }

    /// Sends what waits and reads what is new: list of withdrawn cards, envelopes, visits of unknown clients, entries, registry.
    ///
    /// # Errors
    /// `closed`, `network` and what the service refuses; what was done stays done.
    #[wasm_bindgen(unchecked_return_type = "Synced")]
    pub async fn sync(&mut self) -> Result<JsValue, JsValue> {
        Ok(value(&self.synchronise().await?))
    }
}

impl Core {
    async fn synchronise(&mut self) -> Result<Synced, Fault> {
        let (counter, host, rng) = self.at_work()?;
        let (today, seconds) = (host.today()?, host.seconds());
        let registry = admin::registry(&counter.session).await?;
        counter.learn(&registry);
        if counter.session.data_key().is_none() {
            self.save().await?;
            return Ok(self.counter()?.synced(Done::default(), 0));
        }
        let (session, state) = (&counter.session, &mut counter.state);
        // An old list is better than none: verdicts say how old it is.
        if let Ok(list) = state.local.refresh(session, today).await {
            counter.status = Some(list);
        }
        state.envelopes.sync(session, seconds).await?;
        let now = Now {
            status: counter.status.as_ref(),
            today,
            seconds,
        };
        let bound = state
            .local
            .bind(session, &now, &mut state.envelopes, rng)
            .await;
        self.save().await?;
        let bound = bound?;
        let counter = self.counter_mut()?;
        let done = counter.state.local.sync(&counter.session).await;
        self.save().await?;
        self.save_envelopes().await?;
        self.put_outside().await?;
        Ok(self.counter()?.synced(done?, bound))
    }
}

impl Counter {
    fn synced(&self, done: Done, bound: usize) -> Synced {
        Synced {
            sent: count(done.sent),
            received: count(done.received),
            bound: count(bound),
            alarm: !self.state.local.notices().is_empty(),
            waiting: self.waiting(),
        }
    }

    fn waiting(&self) -> Waiting {
        let local = &self.state.local;
        let (entries, reports) = local.waiting();
        Waiting {
            entries: count(entries),
            reports: count(reports),
            refused: count(local.refused()),
            withdrawals: count(local.withdrawals.waiting()),
            later: local.later.visits().map(held).collect(),
        }
    }

    fn today(&self, today: Day) -> Today {
        let roster = &self.state.local.roster;
        let overdue = roster.overdue(today, &self.rules).into_iter();
        let overdue = overdue.map(|line| Row {
            days: line.days,
            lost: line.lost,
            consent: line.consent,
            attempts: self.attempts(&line.pseudonym, line.expected),
            ..self.row(&line.pseudonym, line.service.to_string(), line.expected)
        });
        let due = roster.due(today, AHEAD, &self.rules).into_iter();
        let due =
            due.map(|line| self.row(&line.pseudonym, line.service.to_string(), line.expected));
        Today {
            overdue: overdue.collect(),
            due: due.collect(),
            seen: self.seen(today),
        }
    }

    fn queue(&self) -> Vec<Queued> {
        let local = &self.state.local;
        let ids = local.queued().map(|(id, _)| id).collect();
        let entries = local.roster.find(&ids);
        let queued = local.queued().map(|(id, refused)| {
            let entry = entries.get(&id);
            Queued {
                id: id.to_string(),
                refused,
                line: entry.map(|it| line(&id, it)),
                alias: entry.map(|it| alias(&it.pseudonym)),
            }
        });
        queued.collect()
    }

    /// Entries of today, by client.
    fn entered(&self, today: Day) -> BTreeMap<Pseudonym, Vec<&RosterEntry>> {
        let roster = &self.state.local.roster;
        let mut entered = BTreeMap::new();
        for pseudonym in roster.clients() {
            let mut history = roster.history(pseudonym);
            history.retain(|it| it.day == today && service(&it.kind).is_some());
            if !history.is_empty() {
                entered.insert(*pseudonym, history);
            }
        }
        entered
    }

    /// Everybody who was seen today, once.
    fn seen(&self, today: Day) -> Vec<Row> {
        let entered = self.entered(today).into_iter();
        let rows = entered.map(|(pseudonym, history)| {
            let services = history.iter().filter_map(|it| service(&it.kind));
            let services: BTreeSet<String> = services.map(ToString::to_string).collect();
            let first = services.first().cloned().unwrap_or_default();
            Row {
                services: services.into_iter().collect(),
                ..self.row(&pseudonym, first, today)
            }
        });
        rows.collect()
    }

    fn summary(&self, today: Day) -> Summary {
        let entered = self.entered(today);
        let enrols = |it: &&RosterEntry| matches!(it.kind, EntryKind::Enrolled { .. });
        let enrolled = entered.values().filter(|it| it.iter().any(enrols)).count();
        let services = self.rules.services().filter_map(|code| {
            let all = entered.values().flatten();
            let of: Vec<_> = all.filter(|it| service(&it.kind) == Some(code)).collect();
            let pieces = of.iter().map(|it| pieces(&it.kind)).sum();
            (!of.is_empty()).then(|| Sum {
                service: code.to_string(),
                visits: count(of.len()),
                quantity: pieces,
            })
        });
        Summary {
            people: count(entered.len()),
            enrolled: count(enrolled),
            services: services.collect(),
        }
    }

    fn attempts(&self, pseudonym: &Pseudonym, since: Day) -> u32 {
        let history = self.state.local.roster.history(pseudonym);
        let tried =
            |it: &&&RosterEntry| it.day >= since && matches!(it.kind, EntryKind::Attempt { .. });
        count(history.iter().filter(tried).count())
    }

    fn row(&self, pseudonym: &Pseudonym, service: String, day: Day) -> Row {
        let history = self.state.local.roster.history(pseudonym);
        let site = history.iter().rev().find_map(|it| match &it.kind {
            EntryKind::Enrolled { site, .. } | EntryKind::Visit { site, .. } => Some(site),
            _ => None,
        });
        Row {
            id: pseudonym.to_string(),
            alias: alias(pseudonym),
            service,
            services: Vec::new(),
            day: day.to_string(),
            days: 0,
            lost: false,
            consent: None,
            attempts: 0,
            site: site.map(ToString::to_string),
        }
    }
}

fn pieces(kind: &EntryKind) -> u32 {
    match kind {
        EntryKind::Visit { quantity, .. } => quantity.map_or(0, |it| it.get().into()),
        _ => 0,
    }
}

fn held(visit: &Visit) -> Held {
    let events = visit.events();
    let enrols = |kind: &crypto::report::Kind| matches!(kind, crypto::report::Kind::Enrolled);
    Held {
        id: visit.id().to_string(),
        day: events
            .first()
            .map(|it| it.day.to_string())
            .unwrap_or_default(),
        services: events.iter().map(|it| it.service.to_string()).collect(),
        enrols: events.iter().any(|it| enrols(&it.kind)),
        obstacle: visit.obstacle().map(|it| word(it).to_owned()),
    }
}

const fn word(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Refused => "refused",
        Obstacle::NotActive => "inactive",
        Obstacle::Superseded => "superseded",
        Obstacle::Value => "value",
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

//! What was done for a client: visits, enrolments, exits, attempts; taking back.

use std::num::NonZeroU16;

use crypto::day::Day;
use crypto::id::EntryId;
use crypto::pseudonym::Pseudonym;
use crypto::report::{AgeBand, ExitReason, Gender, Group, Kind, MAX_COVER_DAYS, Site};
use crypto::rng::Random;
use crypto::roster::{Attempt, EntryKind, RosterEntry};
use terminal::report::Event;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{Core, Counter};
use crate::fault::{Fault, read, value};
use crate::view::{Enrolment, Given, Leaving, Recorded, Visit};

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// Records a visit of the client whose card was scanned last.
    ///
    /// # Errors
    /// `closed`, `nobody` without a card, `input`, `not-offered`, `value`, `too-many`, `storage`.
    #[wasm_bindgen(unchecked_return_type = "Recorded")]
    pub async fn record(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Visit")] visit: JsValue,
    ) -> Result<JsValue, JsValue> {
        let visit: Visit = read(&visit)?;
        let events = visit.events(self.day()?, &Kind::Contact)?;
        Ok(value(&self.keep(events).await?))
    }

    /// Enrols the client whose card was scanned last, in each of the services.
    ///
    /// # Errors
    /// As [`Core::record`].
    #[wasm_bindgen(js_name = enrolClient, unchecked_return_type = "Recorded")]
    pub async fn enrol_client(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Enrolment")] enrolment: JsValue,
    ) -> Result<JsValue, JsValue> {
        let enrolment: Enrolment = read(&enrolment)?;
        let events = enrolment.events(self.day()?)?;
        Ok(value(&self.keep(events).await?))
    }

    /// Records that the client whose card was scanned last leaves a service.
    ///
    /// # Errors
    /// As [`Core::record`].
    #[wasm_bindgen(unchecked_return_type = "Recorded")]
    pub async fn exit(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Leaving")] leaving: JsValue,
    ) -> Result<JsValue, JsValue> {
        let leaving: Leaving = read(&leaving)?;
        let reason: ExitReason = leaving.reason.parse().map_err(|_| Fault::named("input"))?;
        let given = Given {
            service: leaving.service,
            quantity: None,
        };
        let visit = Visit {
            site: leaving.site,
            services: vec![given],
            until: None,
        };
        let events = visit.events(self.day()?, &Kind::Exited(reason))?;
        Ok(value(&self.keep(events).await?))
    }

    /// Notes that somebody tried to reach a client: `reached`, `not_reached` or `declined`.
    ///
    /// # Errors
    /// `closed`, `input`, `storage`.
    #[wasm_bindgen(unchecked_return_type = "Recorded")]
    pub async fn attempt(&mut self, client: &str, outcome: &str) -> Result<JsValue, JsValue> {
        let bad = || Fault::named("input");
        let pseudonym: Pseudonym = client.parse().map_err(|_| bad())?;
        let outcome = match outcome {
            "reached" => Attempt::Reached,
            "not_reached" => Attempt::NotReached,
            "declined" => Attempt::Declined,
            _ => return Err(bad().into()),
        };
        Ok(value(&self.tried(pseudonym, outcome).await?))
    }

    /// Staff who know the client say yes to what the card claims: the earlier record goes on.
    ///
    /// # Errors
    /// `nobody`, `no-claim`, `storage`.
    pub async fn confirm(&mut self) -> Result<(), JsValue> {
        Ok(self.continued().await?)
    }

    /// Withdraws an event of the client whose card was scanned last, entered by mistake, by the id of its line: one that waits is
    /// forgotten with its report, one that was sent leaves the record everywhere and every count to come. `undefined` when it was
    /// forgotten: there is nothing to take back.
    ///
    /// # Errors
    /// `closed`, `nobody` without a card, `input`, `no-event` when it is none or was withdrawn, `storage`.
    #[wasm_bindgen(unchecked_return_type = "Recorded | undefined")]
    pub async fn withdraw(&mut self, entry: &str) -> Result<JsValue, JsValue> {
        let entry: EntryId = entry.parse().map_err(|_| Fault::named("input"))?;
        let recorded = self.void(&entry).await?;
        Ok(recorded.map_or(JsValue::UNDEFINED, |recorded| value(&recorded)))
    }

    /// Takes back what was recorded and has not been sent; false when it was sent.
    ///
    /// # Errors
    /// `closed`, `input`, `storage`.
    #[wasm_bindgen(js_name = takeBack)]
    pub async fn take_back(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Recorded")] recorded: JsValue,
    ) -> Result<bool, JsValue> {
        let recorded: Recorded = read(&recorded)?;
        Ok(self.forget(&recorded).await?)
    }
}

impl Core {
    async fn keep(&mut self, events: Vec<Event>) -> Result<Recorded, Fault> {
        let (counter, _, rng) = self.at_work()?;
        let recorded = counter.keep(events, rng)?;
        self.save().await?;
        Ok(recorded)
    }

    async fn tried(&mut self, client: Pseudonym, outcome: Attempt) -> Result<Recorded, Fault> {
        let today = self.day()?;
        let (counter, _, rng) = self.at_work()?;
        let entry = |kind| RosterEntry {
            pseudonym: client,
            day: today,
            kind,
        };
        let local = &mut counter.state.local;
        let tried = local.enter(&counter.session, entry(EntryKind::Attempt { outcome }), rng)?;
        let mut ids = vec![tried.to_string()];
        if outcome == Attempt::Declined {
            let answer = entry(EntryKind::Consent { given: false });
            ids.push(local.enter(&counter.session, answer, rng)?.to_string());
        }
        self.save().await?;
        Ok(Recorded { ids, later: false })
    }

    async fn void(&mut self, entry: &EntryId) -> Result<Option<Recorded>, Fault> {
        let today = self.day()?;
        let (counter, _, rng) = self.at_work()?;
        let recorded = counter.void(entry, today, rng)?;
        self.save().await?;
        Ok(recorded)
    }

    async fn continued(&mut self) -> Result<(), Fault> {
        let today = self.day()?;
        let (counter, _, rng) = self.at_work()?;
        let here = counter.here.as_ref().and_then(|it| it.person.as_ref());
        let person = here.ok_or_else(|| Fault::named("nobody"))?;
        let local = &mut counter.state.local;
        local.confirm(&counter.session, person, today, rng)?;
        self.save().await
    }

    async fn forget(&mut self, recorded: &Recorded) -> Result<bool, Fault> {
        let bad = |_| Fault::named("input");
        let ids = recorded.ids.iter().map(|id| id.parse::<EntryId>());
        let ids = ids.collect::<Result<Vec<_>, _>>().map_err(bad)?;
        let local = &mut self.counter_mut()?.state.local;
        let gone = |id: &EntryId| match recorded.later {
            true => local.later.delete(id),
            false => local.take_back(id),
        };
        let gone = ids.iter().map(gone).filter(|gone| *gone).count();
        self.save().await?;
        Ok(gone == ids.len())
    }
}

impl Counter {
    fn keep(&mut self, events: Vec<Event>, rng: &mut Random) -> Result<Recorded, Fault> {
        let here = self.here.as_ref().ok_or_else(|| Fault::named("nobody"))?;
        let local = &mut self.state.local;
        let Some(person) = &here.person else {
            let id = local.record_later(here.card.expose(), here.first, events, rng)?;
            return Ok(Recorded {
                ids: vec![id.to_string()],
                later: true,
            });
        };
        let mut ids = Vec::with_capacity(events.len());
        for event in &events {
            match local.record(&self.session, person, event, rng) {
                Ok(id) => ids.push(id),
                Err(error) => {
                    // All of a visit, or nothing.
                    for id in &ids {
                        local.take_back(id);
                    }
                    return Err(error.into());
                }
            }
        }
        Ok(Recorded {
            ids: ids.iter().map(ToString::to_string).collect(),
            later: false,
        })
    }
}

impl Counter {
    fn void(
        &mut self,
        entry: &EntryId,
        today: Day,
        rng: &mut Random,
    ) -> Result<Option<Recorded>, Fault> {
        let here = self.here.as_ref().and_then(|it| it.person.as_ref());
        let person = here.ok_or_else(|| Fault::named("nobody"))?;
        let local = &mut self.state.local;
        let events = local.roster.events(person.pseudonym());
        if !events.iter().any(|(id, _)| id == entry) {
            return Err(Fault::named("no-event"));
        }
        if local.take_back(entry) {
            return Ok(None);
        }
        let id = local.withdraw(&self.session, person, entry, today, rng)?;
        Ok(Some(Recorded {
            ids: vec![id.to_string()],
            later: false,
        }))
    }
}

impl Visit {
    fn events(&self, day: Day, kind: &Kind) -> Result<Vec<Event>, Fault> {
        let bad = || Fault::named("input");
        let site: Site = self.site.parse().map_err(|_| bad())?;
        let until = self.until.as_ref().map(|text| text.parse::<Day>());
        let until = until.transpose().map_err(|_| bad())?;
        let ahead = until.map(|until| until.since(day));
        if self.services.is_empty()
            || ahead.is_some_and(|days| !(0..=MAX_COVER_DAYS).contains(&days))
        {
            return Err(bad());
        }
        let event = |given: &Given| {
            Ok(Event {
                site: site.clone(),
                service: given.service.parse().map_err(|_| bad())?,
                kind: kind.clone(),
                day,
                covered_until: until,
                group: None,
                quantity: given.quantity.and_then(NonZeroU16::new),
                consent: false,
            })
        };
        self.services.iter().map(event).collect()
    }
}

impl Enrolment {
    fn events(&self, day: Day) -> Result<Vec<Event>, Fault> {
        let bad = || Fault::named("input");
        let gender = self.gender.as_ref().map(|it| it.parse::<Gender>());
        let age = self.age.as_ref().map(|it| it.parse::<AgeBand>());
        let gender = gender.transpose().map_err(|_| bad())?;
        let age = age.transpose().map_err(|_| bad())?;
        let told = gender.is_some() || age.is_some();
        let group = told.then_some(Group { gender, age });
        let mut events = self.visit.events(day, &Kind::Enrolled)?;
        for event in &mut events {
            event.group = group;
            event.consent = self.consent;
        }
        Ok(events)
    }
}

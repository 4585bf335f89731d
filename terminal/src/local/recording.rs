//! What is entered for the client in front of the terminal, and taking it back.

use super::Local;
use crate::error::Error;
use crate::present::Person;
use crate::report::{self, Event};
use crate::session::Session;
use crate::transport::Transport;
use crypto::day::Day;
use crypto::id::EntryId;
use crypto::pseudonym::Pseudonym;
use crypto::rng::Rng;
use crypto::roster::{EntryKind, RosterEntry};

impl Local {
    /// Records one event of the client in front of the terminal: seals and
    /// queues a roster entry and a report. Returns the entry's id.
    ///
    /// # Errors
    /// `NotOffered` when the site does not offer the service; `NoProvider`, `NoDataKey`, `Value`.
    pub fn record(
        &mut self,
        session: &Session<impl Transport>,
        person: &Person,
        event: &Event,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        self.may_record(event)?;
        self.take_down(session, person, event, rng)
    }

    /// The same of what was recorded before, whatever is offered since.
    pub(crate) fn take_down(
        &mut self,
        session: &Session<impl Transport>,
        person: &Person,
        event: &Event,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        let id = EntryId::random(rng);
        let made = report::make(
            session.provider_and_key()?,
            person,
            (&id, event),
            session.bundle(),
            rng,
        )?;
        self.enter_as(session, id, event.entry(person), rng)?;
        self.pairs.push((id, made.id));
        self.reports.push(made);
        Ok(id)
    }

    /// Takes back an event that somebody of this provider entered by mistake for
    /// the client in front of the terminal ([`crate::roster::Roster::events`]): it leaves the
    /// record at every terminal, and the statistics count it in no measurement to
    /// come. Nobody takes this back: what happened all the same is recorded again.
    /// Returns the new entry's id.
    ///
    /// # Errors
    /// `NoEvent` when the entry is no event of this client here, or is withdrawn
    /// already; also when it was made before the client's identity was rotated:
    /// the statistics know the person by the secret of that time. `NoProvider`,
    /// `NoDataKey`, `Value`.
    pub fn withdraw(
        &mut self,
        session: &Session<impl Transport>,
        person: &Person,
        entry: &EntryId,
        day: Day,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        let id = EntryId::random(rng);
        let events = self.roster.events(person.pseudonym());
        let found = events.iter().find(|(known, _)| known == entry);
        let (_, event) = found.ok_or(Error::NoEvent)?;
        let made = report::withdraw(
            session.provider_and_key()?,
            person,
            &id,
            (entry, event),
            session.bundle(),
            rng,
        )?;
        let said = RosterEntry {
            pseudonym: *person.pseudonym(),
            day,
            kind: EntryKind::Withdrawn { entry: *entry },
        };
        self.enter_as(session, id, said, rng)?;
        self.pairs.push((id, made.id));
        self.reports.push(made);
        Ok(id)
    }

    /// Takes back what was recorded by mistake and has not been sent: its entry and
    /// its report leave the queues and the roster, as if they had never been. False
    /// when the entry was sent already, or may have been.
    pub fn take_back(&mut self, id: &EntryId) -> bool {
        if !self.entries.remove(*id) {
            return false;
        }
        self.roster.remove(id);
        if let Some(at) = self.pairs.iter().position(|(entry, _)| entry == id) {
            let (_, report) = self.pairs.swap_remove(at);
            self.reports.remove(report);
        }
        true
    }

    /// Staff say yes to what the card claims: the record that its previous secret
    /// names goes on under its own. Returns the entry's id, by which it can be
    /// [`Self::separate`]d.
    ///
    /// # Errors
    /// `NoClaim` when the card claims nothing, or the roster has learnt meanwhile
    /// that the record goes on elsewhere; `NoProvider`, `NoDataKey`, `Value`.
    pub fn confirm(
        &mut self,
        session: &Session<impl Transport>,
        person: &Person,
        day: Day,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        let pseudonym = *person.pseudonym();
        let claim = person.claim().copied();
        let previous = claim
            .filter(|before| self.roster.may_continue(before, &pseudonym))
            .ok_or(Error::NoClaim)?;
        let entry = RosterEntry {
            pseudonym,
            day,
            kind: EntryKind::Continued { previous },
        };
        self.enter(session, entry, rng)
    }

    /// Takes a [`Self::confirm`] back: the two records are two clients' again.
    ///
    /// # Errors
    /// `NoClaim` when no record of this client was continued; `NoProvider`,
    /// `NoDataKey`, `Value`.
    pub fn separate(
        &mut self,
        session: &Session<impl Transport>,
        pseudonym: &Pseudonym,
        day: Day,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        let link = self.roster.continuation(pseudonym).ok_or(Error::NoClaim)?;
        let entry = RosterEntry {
            pseudonym: *pseudonym,
            day,
            kind: EntryKind::Separated { entry: link.entry },
        };
        self.enter(session, entry, rng)
    }
}

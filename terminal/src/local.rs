//! What a terminal knows and owes: the roster, the cursor and the queues.
//!
//! Recording works without a network: an event becomes a roster entry and a
//! report, both sealed at once and queued, and the local roster shows it. A
//! synchronisation sends what waits and then reads what is new; it can be
//! broken off at any point and called again. Save the state file after
//! recording, before anything is sent, and after synchronising: then a state
//! that does not remember what it has sent is an older copy, and is told
//! ([`Notice::Forgotten`]).

use crate::calls;
use crate::drain::drain;
use crate::error::Error;
use crate::holders::Holders;
use crate::invited::Invited;
use crate::present::Person;
use crate::queue::{Queue, QueuedEntry, QueuedReport};
use crate::report::{self, Event};
use crate::roster::Roster;
use crate::session::Session;
use crate::status::KeptList;
use crate::told::Told;
use crate::transport::Transport;
use crate::withdraw::Withdrawals;
use crypto::b64::B64;
use crypto::day::Day;
use crypto::id::{EntryId, ProviderId};
use crypto::provider::DataKey;
use crypto::pseudonym::Pseudonym;
use crypto::rng::Rng;
use crypto::roster::staff::{StaffAct, StaffEntry};
use crypto::roster::{self as entries, EntryKind, Line, RosterEntry};
use crypto::status::CheckedStatusList;
use crypto::witness::{RosterChain, Witness};
use serde::{Deserialize, Serialize};
use std::fmt;
use wire::{LoggedEntry, MOST_ENTRIES};

/// Roster, cursor and queues of one terminal.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Local {
    /// The provider's clients, as far as read.
    pub roster: Roster,
    /// The newest status list, for offline verdicts.
    pub status: KeptList,
    /// Cards to be withdrawn.
    pub withdrawals: Withdrawals,
    /// Who has the provider's data key.
    pub holders: Holders,
    /// The invitations that were drawn here.
    pub invited: Invited,
    /// The provider's log as far as it was read.
    read: RosterChain,
    /// What colleagues' entries told of other logs.
    told: Told,
    /// Own entries that were read and are not remembered.
    forgotten: u32,
    /// Entries on their way.
    entries: Queue<QueuedEntry>,
    /// Reports on their way.
    reports: Queue<QueuedReport>,
}

/// What a synchronisation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Items the server acknowledged.
    pub sent: usize,
    /// Items the server refuses for themselves; kept aside.
    pub refused: usize,
    /// Entries read that were new here.
    pub received: usize,
    /// Entries that do not open with the data key, or are of a later version.
    pub unreadable: usize,
    /// Entries whose authors were shown another roster or another log of keys
    /// than this terminal: an alarm. See [`Local::alarm`].
    pub forked: usize,
    /// Entries that this terminal made and does not remember. See [`Notice::Forgotten`].
    pub forgotten: usize,
}

/// What a person is to be told until somebody has looked into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// See [`Local::alarm`].
    Forked,
    /// So many entries came back that this terminal made and does not remember: an older copy of what it keeps was put back, or
    /// somebody works with another copy of it. Nothing counts twice by that. What only the newer copy knew is gone: what was
    /// recorded there and never sent, and cards that it would have withdrawn.
    Forgotten(u32),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forked => f.write_str(
                "the server showed a colleague's terminal another roster, or another log of keys, than this one:                  record nothing, compare fingerprints, tell the operator",
            ),
            Self::Forgotten(entries) => write!(
                f,
                "this terminal made {entries} entries that it does not remember: an older copy of what it keeps was put back;                  withdraw again what cards were killed since, and record again what was never sent. If nobody put a copy back,                  somebody else uses one: have this terminal revoked",
            ),
        }
    }
}

impl Local {
    /// Records one event of the client in front of the terminal: seals and
    /// queues a roster entry and a report. Returns the entry's id.
    ///
    /// # Errors
    /// `NoProvider`, `NoDataKey`, `Value`.
    pub fn record(
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
        self.reports.push(made);
        Ok(id)
    }

    /// Takes back an event that somebody of this provider entered by mistake for
    /// the client in front of the terminal ([`Roster::events`]): it leaves the
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
        self.reports.push(made);
        Ok(id)
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

    /// Enters something that concerns the provider alone (a note, a moved
    /// record): no report is made.
    ///
    /// # Errors
    /// `NoProvider`, `NoDataKey`, `Value`.
    pub fn enter(
        &mut self,
        session: &Session<impl Transport>,
        entry: RosterEntry,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        let id = EntryId::random(rng);
        self.enter_as(session, id, entry, rng)?;
        Ok(id)
    }

    fn enter_as(
        &mut self,
        session: &Session<impl Transport>,
        id: EntryId,
        entry: RosterEntry,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        self.seal(session, id, &entry.clone().into(), rng)?;
        self.roster.insert(id, entry);
        Ok(())
    }

    /// Enters a line about staff.
    pub(crate) fn enter_line(
        &mut self,
        session: &Session<impl Transport>,
        line: StaffEntry,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        let id = EntryId::random(rng);
        self.seal(session, id, &line.clone().into(), rng)?;
        self.holders.insert(id, line);
        Ok(())
    }

    /// Enters who made the data key, where it was made here and no line says so yet.
    pub(crate) fn tell_founder(
        &mut self,
        session: &Session<impl Transport>,
        day: Day,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        let founding = *session.founding().ok_or(Error::NoDataKey)?;
        let own = founding.key == session.staff_key().public();
        if !own || self.holders.tells(&founding) {
            return Ok(());
        }
        let name = session.handle().as_str().to_owned();
        let line = StaffEntry {
            key: founding.key,
            name: name.try_into().map_err(|_| Error::Value)?,
            role: session.role().code(),
            invited: founding.invited,
            on: founding.on,
            day,
            act: StaffAct::Founded,
        };
        self.enter_line(session, line, rng)
    }

    /// Seals a line and queues it.
    fn seal(
        &mut self,
        session: &Session<impl Transport>,
        id: EntryId,
        line: &Line,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        let (provider, key) = session.provider_and_key()?;
        let witness = Witness {
            trust: session.trust().mark(),
            roster: self.read.mark(&provider),
            author: session.author().tag(&id),
        };
        let sealed =
            entries::seal(key, &provider, &id, line, &witness, rng).map_err(|_| Error::Value)?;
        self.entries.push(QueuedEntry {
            id,
            sealed: B64(sealed),
        });
        Ok(())
    }

    /// Fetches the status list and keeps it, if it may take the place of the kept
    /// one ([`CheckedStatusList::take`]); then sends the withdrawals that it does
    /// not show, as far as the network allows.
    ///
    /// # Errors
    /// `StatusList` when it may not; transport errors. The kept list stays in
    /// either case.
    pub async fn refresh(
        &mut self,
        session: &Session<impl Transport>,
        today: Day,
    ) -> Result<CheckedStatusList, Error> {
        let list = self.status.refresh(session, today).await?;
        // What was not sent waits for the next time: the list is taken all the same.
        let _ = self.withdrawals.send(session, Some(&list), today).await;
        Ok(list)
    }

    /// Sends what waits, then reads what is new. Reports beyond this terminal's
    /// balance go on waiting ([`Self::waiting`]) and keep nobody from reading.
    ///
    /// # Errors
    /// Transport errors; what was done stays done.
    pub async fn sync(&mut self, session: &Session<impl Transport>) -> Result<Synced, Error> {
        let mut synced = match self.send(session).await {
            Err(Error::Limited { .. }) => Synced::default(),
            other => other?,
        };
        self.receive(session, &mut synced).await?;
        Ok(synced)
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// Transport errors; what was acknowledged has left the queue.
    pub async fn send(&mut self, session: &Session<impl Transport>) -> Result<Synced, Error> {
        let (entries, aside) = drain(&mut self.entries, session).await?;
        let (reports, aside_reports) = drain(&mut self.reports, session).await?;
        Ok(Synced {
            sent: entries + reports,
            refused: aside + aside_reports,
            ..Synced::default()
        })
    }

    /// Sends the entries that wait, all of them.
    ///
    /// # Errors
    /// `Conflict` when the server refuses one for itself; transport errors.
    pub(crate) async fn send_entries(
        &mut self,
        session: &Session<impl Transport>,
    ) -> Result<(), Error> {
        let (_, aside) = drain(&mut self.entries, session).await?;
        (aside == 0).then_some(()).ok_or(Error::Conflict)
    }

    async fn receive(
        &mut self,
        session: &Session<impl Transport>,
        synced: &mut Synced,
    ) -> Result<(), Error> {
        let (provider, key) = session.provider_and_key()?;
        loop {
            let before = self.read.mark(&provider).seq;
            let page = calls::roster(session, before, MOST_ENTRIES).await?;
            let full = page.entries.len() >= MOST_ENTRIES;
            // Without gaps: a number that is skipped would hide an entry from this terminal for ever.
            let numbers = page.entries.iter().map(|entry| entry.seq);
            let last = before + page.entries.len() as u64;
            if !numbers.eq(before + 1..=last) || page.next != last {
                return Err(Error::Answer);
            }
            for sent in &page.entries {
                self.take(session, (&provider, key), sent, synced);
            }
            if !full {
                break;
            }
        }
        if let Some(founding) = session.founding() {
            self.holders.agree(founding, &session.staff_key().public());
        }
        self.roster.mark_read();
        synced.forked += self.told.settle(session).await?;
        Ok(())
    }

    /// Takes the next entry, and hears what its author was shown.
    fn take<T>(
        &mut self,
        session: &Session<T>,
        (provider, key): (&ProviderId, &DataKey),
        sent: &LoggedEntry,
        synced: &mut Synced,
    ) {
        match entries::open(key, provider, &sent.id, &sent.sealed) {
            Ok((line, witness)) => {
                // An author's place in the roster lies before the entry itself.
                let same = self.read.holds(provider, &witness.roster);
                if !self.told.hear(session.trust(), witness.trust, same) {
                    synced.forked += 1;
                }
                // What is recorded here is known before it is sent.
                let new = match line {
                    Line::Client(entry) => self.roster.insert(sent.id, entry),
                    Line::Staff(line) => self.holders.insert(sent.id, line),
                };
                if new {
                    synced.received += 1;
                    if session.author().made(&sent.id, &witness) {
                        synced.forgotten += 1;
                        self.forgotten = self.forgotten.saturating_add(1);
                    }
                }
            }
            Err(_) => synced.unreadable += 1,
        }
        self.read.push(provider, &sent.id, &sent.sealed);
    }

    /// Whether a colleague's terminal was ever shown another roster, or another
    /// log of keys, than this one: somebody shows each of them its own. Or whether
    /// the server or a colleague ever contradicted who made the data key and who has
    /// it. Record nothing, compare fingerprints, tell the operator.
    #[must_use]
    pub fn alarm(&self) -> bool {
        self.told.alarm || self.holders.alarm
    }

    /// What a person is to be told, the worse first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let forked = self.alarm().then_some(Notice::Forked);
        let forgotten = Some(Notice::Forgotten(self.forgotten)).filter(|_| self.forgotten > 0);
        forked.into_iter().chain(forgotten).collect()
    }

    /// Somebody knows why this terminal had forgotten its entries. Save the state file afterwards.
    pub const fn explained(&mut self) {
        self.forgotten = 0;
    }

    /// How many entries and reports wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        (self.entries.len(), self.reports.len())
    }

    /// How many items the server refused for themselves.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.entries.refused() + self.reports.refused()
    }

    /// Queues again what was refused.
    pub fn retry_refused(&mut self) {
        self.entries.retry_refused();
        self.reports.retry_refused();
    }
}

//! What a terminal knows and owes: the roster, the cursor and the queues.
//!
//! Recording works without a network: an event becomes a roster entry and a
//! report, both sealed at once and queued, and the local roster shows it. A
//! synchronisation sends what waits and then reads what is new; it can be
//! broken off at any point and called again. Save the state file after
//! recording, before anything is sent, and after synchronising: then a state
//! that does not remember what it has sent is an older copy, and is told
//! ([`Notice::Forgotten`]).

use crate::acks::Acks;
use crate::calls;
use crate::drain::drain;
use crate::error::Error;
use crate::holders::Holders;
use crate::invited::Invited;
use crate::later::Later;
use crate::notice::Notice;
use crate::queue::{Queue, QueuedEntry, QueuedReport};
use crate::roster::Roster;
use crate::session::Session;
use crate::status::KeptList;
use crate::told::Told;
use crate::transport::Transport;
use crate::withdraw::Withdrawals;
use crypto::b64::B64;
use crypto::day::Day;
use crypto::id::{EntryId, ProviderId, SubmissionId};
use crypto::provider::DataKey;
use crypto::rng::Rng;
use crypto::roster::staff::{StaffAct, StaffEntry};
use crypto::roster::{self as entries, Line, RosterEntry};
use crypto::status::CheckedStatusList;
use crypto::witness::{RosterChain, Witness};
use serde::{Deserialize, Serialize};
use wire::{LoggedEntry, MOST_ENTRIES, RegisteredProvider};

mod offered;
mod recording;

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
    /// Entries that the server acknowledged and that were not read back yet.
    acks: Acks,
    /// Reports on their way.
    reports: Queue<QueuedReport>,
    /// Of what was recorded here and is not sent yet: which report belongs to which entry.
    #[serde(default)]
    pairs: Vec<(EntryId, SubmissionId)>,
    /// The own provider as the registry said last, so that its sites are known without a network.
    #[serde(default)]
    pub own: Option<RegisteredProvider>,
    /// The own provider as the registry said before something else was offered: for what was begun then.
    #[serde(skip)]
    before: Option<RegisteredProvider>,
    /// Visits of cards that could not be presented yet.
    #[serde(default)]
    pub later: Later,
    /// Notes that were taken while this was closed were changed, left out or added.
    #[serde(default)]
    pub(crate) altered: bool,
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
    /// Own entries that the server acknowledged and does not show where it said: an alarm.
    /// See [`Notice::Dropped`]. They wait to be sent again.
    pub dropped: usize,
}

impl Local {
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
    /// balance and entries beyond a limit of the day go on waiting ([`Self::waiting`]) and keep nobody from reading.
    ///
    /// # Errors
    /// Transport errors; what was done stays done.
    pub async fn sync(&mut self, session: &Session<impl Transport>) -> Result<Synced, Error> {
        let mut synced = match self.send(session).await {
            Err(error) if error.is_a_limit() => Synced::default(),
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
        let entries = self.send_entries(session).await;
        // Entries beyond a limit keep no report from going.
        if let Err(error) = &entries
            && !error.is_a_limit()
        {
            return entries.map(|_| Synced::default());
        }
        let (reports, aside_reports) = drain(&mut self.reports, session, |_, ()| ()).await?;
        let (entries, aside) = entries?;
        Ok(Synced {
            sent: entries + reports,
            refused: aside + aside_reports,
            dropped: self.acks.again(),
            ..Synced::default()
        })
    }

    /// Sends the entries that wait; those that are acknowledged are kept until they were read back.
    async fn send_entries(
        &mut self,
        session: &Session<impl Transport>,
    ) -> Result<(usize, usize), Error> {
        let (provider, _) = session.provider_and_key()?;
        let read = self.read.mark(&provider).seq;
        // From here on nothing can be taken back: the service may have it.
        self.pairs.clear();
        self.acks.queue_again(&mut self.entries);
        let acks = &mut self.acks;
        let keep = |entry, seq| acks.keep(read, entry, seq);
        drain(&mut self.entries, session, keep).await
    }

    /// Sends the entries that wait, and reads the log until it shows every line about staff.
    ///
    /// # Errors
    /// `Directory` and `Dropped` while there is an alarm; `Conflict` when the server refuses such a line for itself;
    /// transport errors.
    pub(crate) async fn write_and_read_back(
        &mut self,
        session: &Session<impl Transport>,
    ) -> Result<(), Error> {
        self.send_entries(session).await?;
        self.receive(session, &mut Synced::default()).await?;
        self.agrees()?;
        let waits = |id: &EntryId| self.entries.find(*id).is_some();
        match self.holders.ids().any(waits) {
            true => Err(Error::Conflict),
            false => Ok(()),
        }
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
        synced.dropped += self.acks.end();
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
        synced.dropped += self.acks.read_back(&mut self.entries, sent);
        self.read.push(provider, &sent.id, &sent.sealed);
    }

    /// Whether a colleague's terminal was ever shown another roster, or another
    /// log of keys, than this one: somebody shows each of them its own. Or whether
    /// the server or a colleague ever contradicted who made the data key and who has
    /// it; or whether the server did not keep what it had acknowledged. Record nothing, compare fingerprints, tell the operator.
    #[must_use]
    pub fn alarm(&self) -> bool {
        self.told.alarm || self.holders.alarm || self.acks.alarm
    }

    /// Passes when there is no alarm.
    ///
    /// # Errors
    /// `Directory`, `Dropped`.
    pub(crate) fn agrees(&self) -> Result<(), Error> {
        match self.alarm() {
            true if self.acks.alarm => Err(Error::Dropped),
            true => Err(Error::Directory),
            false => Ok(()),
        }
    }

    /// What a person is to be told, the worse first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        let forked = (self.told.alarm || self.holders.alarm).then_some(Notice::Forked);
        let dropped = self.acks.alarm.then_some(Notice::Dropped);
        let forgotten = Some(Notice::Forgotten(self.forgotten)).filter(|_| self.forgotten > 0);
        let altered = self.altered.then_some(Notice::Altered);
        let all = forked.into_iter().chain(dropped).chain(forgotten);
        all.chain(altered).collect()
    }

    /// Somebody knows why this terminal had forgotten its entries, or why notes were altered. Save the state file afterwards.
    pub const fn explained(&mut self) {
        self.forgotten = 0;
        self.altered = false;
    }

    /// How many entries and reports wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let entries = self.entries.len() + self.acks.again();
        (entries, self.reports.len())
    }

    /// The entries that were not acknowledged, and whether the server refused them for themselves; oldest first.
    pub fn queued(&self) -> impl Iterator<Item = (EntryId, bool)> {
        self.entries
            .items()
            .map(|(item, refused)| (item.id, refused))
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

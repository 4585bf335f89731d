//! One counter: a member of staff signed in at a terminal of one site's provider.

use crypto::day::Day;
use crypto::id::EntryId;
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use terminal::Error;
use terminal::envelopes::EnvelopesSynced;
use terminal::error::StateError;
use terminal::local::Local;
use terminal::present::{Context, Person};
use terminal::replace::Replacement;
use terminal::report::Event;
use terminal::state::Open;
use tokio::time::Instant;
use wire::rows::{Row, RowKind};

use super::error::ReplayError;
use super::plan::Reason;
use super::withdrawn;
use crate::{Session, StateFile};

/// A counter.
pub struct Desk {
    session: Session,
    file: StateFile,
    state: Open,
    status: CheckedStatusList,
    since: Instant,
    rng: Random,
}

impl Desk {
    /// Opens the counter: reads the roster, the status list and the envelopes that changed.
    ///
    /// # Errors
    /// [`ReplayError`] when a call fails, or when the list may not take the place of the one that is kept.
    pub async fn open(
        session: Session,
        file: StateFile,
        mut state: Open,
        today: Day,
        rng: Random,
    ) -> Result<Self, ReplayError> {
        state
            .local
            .sync(&session)
            .await
            .map_err(ReplayError::at("reading the roster"))?;
        let status = state
            .local
            .refresh(&session, today)
            .await
            .map_err(ReplayError::at("reading the status list"))?;
        let failed = |error: StateError| ReplayError::at("reading the envelopes")(error.into());
        state
            .load_envelopes(&file.envelopes())
            .await
            .map_err(failed)?;
        let mut desk = Self {
            session,
            file,
            state,
            status,
            since: Instant::now(),
            rng,
        };
        desk.sync_envelopes()
            .await
            .map_err(ReplayError::at("reading the envelopes"))?;
        Ok(desk)
    }

    /// Fetches the envelopes that changed. Presentations do so themselves when what is kept is old.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn sync_envelopes(&mut self) -> Result<EnvelopesSynced, Error> {
        let seconds = self.seconds();
        self.state.envelopes.sync(&self.session, seconds).await
    }

    /// Seconds of the clock by which the age of the envelopes is measured.
    fn seconds(&self) -> u64 {
        self.since.elapsed().as_secs()
    }

    /// Its session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What calls of colleagues need.
    pub(super) const fn parts(&mut self) -> (&Session, &mut Open, &mut Random) {
        (&self.session, &mut self.state, &mut self.rng)
    }

    /// What it knows.
    #[must_use]
    pub fn local(&self) -> &Local {
        &self.state.local
    }

    /// Writes what the terminal keeps.
    ///
    /// # Errors
    /// [`ReplayError`] when the file cannot be written.
    pub async fn save(&mut self) -> Result<(), ReplayError> {
        self.state
            .save(&self.file, &mut self.rng)
            .await
            .map_err(ReplayError::at("writing a terminal's state"))?;
        let failed =
            |error: StateError| ReplayError::at("writing a terminal's state")(error.into());
        self.state
            .save_envelopes(&self.file.envelopes(), &mut self.rng)
            .await
            .map_err(failed)
    }

    /// Presents cards; `first` brings new cards to life.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn meet(
        &mut self,
        cards: &[&str],
        first: bool,
        today: Day,
    ) -> Result<Vec<Result<Person, Error>>, Error> {
        let context = context(&self.status, &self.state.local, today, self.seconds());
        let (kept, rng) = (&mut self.state.envelopes, &mut self.rng);
        if first {
            return terminal::issue::activate_many(&self.session, cards, &context, kept, rng).await;
        }
        let met =
            terminal::present::present_many(&self.session, cards, &context, kept, rng).await?;
        Ok(met
            .into_iter()
            .map(|one| one.and_then(terminal::present::Presentation::person))
            .collect())
    }

    /// Shows one card without recording anything.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn look(
        &mut self,
        card: &str,
        today: Day,
    ) -> Result<terminal::present::Presentation, Error> {
        let context = context(&self.status, &self.state.local, today, self.seconds());
        let (kept, rng) = (&mut self.state.envelopes, &mut self.rng);
        terminal::present::present(&self.session, card, &context, kept, rng).await
    }

    /// Fetches the status list again, and the envelopes that changed.
    ///
    /// # Errors
    /// As the terminal's own call; the list before goes on then.
    pub async fn refresh(&mut self, today: Day) -> Result<(), Error> {
        self.status = self.state.local.refresh(&self.session, today).await?;
        self.sync_envelopes().await.map(drop)
    }

    /// Gives the holder of an old card a new one. Whoever does this has the client in front of them: what the new
    /// card claims is confirmed at once.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn replace(&mut self, cards: &Replacement<'_>, today: Day) -> Result<Person, Error> {
        let context = context(&self.status, &self.state.local, today, self.seconds());
        let (kept, rng) = (&mut self.state.envelopes, &mut self.rng);
        let person = terminal::replace::replace(&self.session, cards, &context, kept, rng).await?;
        if person.claim().is_some() {
            let local = &mut self.state.local;
            local.confirm(&self.session, &person, today, rng)?;
        }
        Ok(person)
    }

    /// Records what a row says of the client at the counter; queued until [`Desk::send`]. Answers why not, when the row
    /// withdraws another that is not there or not the only one.
    ///
    /// # Errors
    /// [`ReplayError`] when what it says cannot be sealed.
    pub fn record(&mut self, person: &Person, row: &Row) -> Result<Option<Reason>, ReplayError> {
        let kind = match &row.kind {
            RowKind::Event(kind) => kind,
            RowKind::Withdrawn(kind) => return self.take_back(person, row, kind.as_ref()),
        };
        let event = Event {
            site: row.site.clone(),
            service: row.service.clone(),
            kind: kind.clone(),
            day: row.day,
            covered_until: row.covered_until,
            group: row.group,
            quantity: None,
            consent: true,
        };
        self.enter(person, &event).map(|()| None)
    }

    /// Records an event for the client at the counter; queued until [`Desk::send`].
    ///
    /// # Errors
    /// [`ReplayError`] when the event cannot be sealed.
    pub fn enter(&mut self, person: &Person, event: &Event) -> Result<(), ReplayError> {
        self.state
            .local
            .record(&self.session, person, event, &mut self.rng)
            .map(|_| ())
            .map_err(ReplayError::at("recording an event"))
    }

    fn take_back(
        &mut self,
        person: &Person,
        row: &Row,
        kind: Option<&Kind>,
    ) -> Result<Option<Reason>, ReplayError> {
        let events = self.state.local.roster.events(person.pseudonym());
        let entry = match withdrawn::find(&events, row, kind) {
            Ok(entry) => entry,
            Err(reason) => return Ok(Some(reason)),
        };
        self.withdraw(person, &entry, row.day)
            .map(|_| None)
            .map_err(ReplayError::at("withdrawing an event"))
    }

    /// Takes back an event that was entered for the client at the counter by mistake; queued until [`Desk::send`]. Answers the
    /// new entry's id.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub fn withdraw(
        &mut self,
        person: &Person,
        entry: &EntryId,
        day: Day,
    ) -> Result<EntryId, Error> {
        let local = &mut self.state.local;
        local.withdraw(&self.session, person, entry, day, &mut self.rng)
    }

    /// Sends what is queued.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn send(&mut self) -> Result<(), Error> {
        self.state.local.send(&self.session).await.map(|_| ())
    }
}

fn context<'a>(
    status: &'a CheckedStatusList,
    local: &'a Local,
    today: Day,
    seconds: u64,
) -> Context<'a> {
    Context {
        status: Some(status),
        roster: &local.roster,
        today,
        seconds,
        locker: false,
        withdrawals: &local.withdrawals,
    }
}

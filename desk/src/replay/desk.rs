//! One counter: a member of staff signed in at a terminal of one site's provider.

use crypto::day::Day;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use terminal::Error;
use terminal::local::Local;
use terminal::present::{Context, Person};
use terminal::report::Event;
use terminal::state::Open;
use wire::rows::Row;

use super::error::ReplayError;
use crate::{Session, StateFile};

/// A counter.
pub struct Desk {
    session: Session,
    file: StateFile,
    state: Open,
    status: CheckedStatusList,
    rng: Random,
}

impl Desk {
    /// Opens the counter: reads the roster and the status list.
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
        Ok(Self {
            session,
            file,
            state,
            status,
            rng,
        })
    }

    /// Its session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
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
            .map_err(ReplayError::at("writing a terminal's state"))
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
        let context = context(&self.status, &self.state.local, today);
        if first {
            return terminal::issue::activate_many(&self.session, cards, &context, &mut self.rng)
                .await;
        }
        let met =
            terminal::present::present_many(&self.session, cards, &context, &mut self.rng).await?;
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
        let context = context(&self.status, &self.state.local, today);
        terminal::present::present(&self.session, card, &context, &mut self.rng).await
    }

    /// Fetches the status list again.
    ///
    /// # Errors
    /// As the terminal's own call; the list before goes on then.
    pub async fn refresh(&mut self, today: Day) -> Result<(), Error> {
        self.status = self.state.local.refresh(&self.session, today).await?;
        Ok(())
    }

    /// Gives the holder of `old` the card `new`.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn replace(&mut self, old: &str, new: &str, today: Day) -> Result<Person, Error> {
        let context = context(&self.status, &self.state.local, today);
        terminal::replace::replace(&self.session, old, new, &context, &mut self.rng).await
    }

    /// Records a row's event for the client at the counter; queued until [`Desk::send`].
    ///
    /// # Errors
    /// [`ReplayError`] when the event cannot be sealed.
    pub fn record(&mut self, person: &Person, row: &Row) -> Result<(), ReplayError> {
        let event = Event {
            site: row.site.clone(),
            service: row.service.clone(),
            kind: row.kind.clone(),
            day: row.day,
            covered_until: row.covered_until,
            group: row.group,
            consent: true,
        };
        self.state
            .local
            .record(&self.session, person, &event, &mut self.rng)
            .map(|_| ())
            .map_err(ReplayError::at("recording an event"))
    }

    /// Sends what is queued.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn send(&mut self) -> Result<(), Error> {
        self.state.local.send(&self.session).await.map(|_| ())
    }
}

fn context<'a>(status: &'a CheckedStatusList, local: &'a Local, today: Day) -> Context<'a> {
    Context {
        status: Some(status),
        roster: &local.roster,
        today,
        locker: false,
        withdrawals: &local.withdrawals,
    }
}

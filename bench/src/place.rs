//! A programme with one provider and its clients, set up as everybody sets one up: over HTTP, by the terminal's own code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use analytics::keys::AnalyticsKeys;
use axum::Router;
use crypto::day::{Day, Month, Quarter};
use crypto::report::{Kind, Site};
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use desk::replay::{Desk, Keeper, hire};
use desk::{Connection, Options, Session};
use privacy::budget::Budget;
use server::datadir::DataDir;
use server::error::Failure;
use server::forward::Forwarder;
use server::found::{self, Choices};
use server::open;
use server::options::{Address, LimitChoice, StoreArgs};
use server::service::{self, Rooms, Running};
use server::settings::Settings;
use terminal::present::Person;
use wire::Role;
use wire::rows::{Row, RowKind};

use crate::progress::Progress;

/// Cards that come to life in one call.
const BATCH: usize = 64;
/// The provider's site.
const SITE: &str = "medan/counter";
/// Days a card is good.
const CARD_DAYS: i32 = 730;

/// A founded programme, both roles open.
pub struct Place {
    /// The identity role.
    pub identity: Arc<identity::App>,
    /// The statistics role.
    pub analytics: Arc<analytics::App>,
    folder: PathBuf,
    passphrase: SecretBytes,
}

/// The provider's counter and its clients.
pub struct Clients {
    /// An operator's session.
    pub operator: Session,
    /// The counter.
    pub desk: Desk,
    /// Text of every card.
    pub cards: Vec<String>,
    /// The clients, in the order of their cards.
    pub people: Vec<Person>,
    /// The site.
    pub site: Site,
    /// Today.
    pub today: Day,
}

impl Place {
    /// Founds a programme whose first quarter may close today; on SQLite unless a database is named.
    ///
    /// # Errors
    /// [`Failure`] when keys or databases cannot be made.
    pub async fn found(
        folder: &Path,
        database: Option<String>,
        rng: &mut Random,
    ) -> Result<Self, Failure> {
        let dir = DataDir::new(&folder.join("payung-data"));
        let passphrase = SecretBytes::new(hire::password(rng).into_bytes());
        let first = closing_quarter(open::clock(&dir)?.today());
        let choices = Choices {
            start: Some(first.first_day()),
            budget: Budget::Default,
            store: StoreArgs {
                database: database.map(Address::made),
                ..StoreArgs::default()
            },
            settings: Settings::default(),
        };
        let root = SecretBytes::new(hire::password(rng).into_bytes());
        found::found(&dir, &choices, &passphrase, &root, rng).await?;
        let limits = open::limits(LimitChoice::Bulk);
        Ok(Self {
            identity: open::identity(&dir, &choices.store, &passphrase, limits).await?,
            analytics: open::analytics(&dir, &choices.store, &passphrase).await?,
            folder: dir.path().to_owned(),
            passphrase,
        })
    }

    fn rooms(&self) -> Rooms {
        Rooms::All(Arc::clone(&self.identity), Arc::clone(&self.analytics))
    }

    /// Serves on a free port of the loopback.
    ///
    /// # Errors
    /// [`Failure`] when there is none.
    pub async fn serve(&self) -> Result<Running, Failure> {
        Running::start(self.rooms(), ([127, 0, 0, 1], 0).into()).await
    }

    /// The service's router, to be called in this process; nothing is delivered by itself.
    ///
    /// # Errors
    /// [`Failure`] when the forwarder or the description of the interface cannot be made.
    pub fn router(&self) -> Result<Router, Failure> {
        let nowhere = Forwarder::new(Arc::clone(&self.identity), "http://127.0.0.1:9")?;
        service::router(&self.rooms(), Some(Arc::new(nowhere)), None)
    }

    /// Opens a counter and enrols `count` clients there, each with a card, an envelope, a roster entry and a report.
    ///
    /// # Errors
    /// [`Failure`] of any step.
    pub async fn enrol(
        &self,
        count: usize,
        progress: &dyn Progress,
        rng: &mut Random,
    ) -> Result<Clients, Failure> {
        let running = self.serve().await?;
        let clients = self.enrol_at(&running.url(), count, progress, rng).await;
        running.stop().await?;
        clients
    }

    async fn enrol_at(
        &self,
        url: &str,
        count: usize,
        progress: &dyn Progress,
        rng: &mut Random,
    ) -> Result<Clients, Failure> {
        let connection =
            Connection::open(url, &Options::default()).map_err(|e| Failure::of("the server", e))?;
        let today = self.identity.clock.today();
        let actor = identity::Actor::CommandLine;
        let invitation =
            identity::access::invitation::invite(&self.identity, actor, Role::Operator, None)
                .await
                .map_err(|e| Failure::of("inviting the operator", e))?;
        let operator = hire::operator(&connection, invitation.text(), today, rng)
            .await
            .map_err(Failure::said)?;
        let site: Site = SITE.parse().map_err(|e| Failure::of("the site", e))?;
        let desk = self.counter(&connection, &operator, &site, rng).await?;
        let expiry = Month::of(today.plus(CARD_DAYS));
        let cards = terminal::issue::issue(desk.session(), count, expiry, rng)
            .await
            .map_err(|e| Failure::of("making the cards", e))?;
        let mut clients = Clients {
            operator,
            desk,
            cards: cards.iter().map(crypto::card::Card::to_text).collect(),
            people: Vec::new(),
            site,
            today,
        };
        clients.come_to_life(progress).await?;
        Ok(clients)
    }

    async fn counter(
        &self,
        connection: &Connection,
        operator: &Session,
        site: &Site,
        rng: &mut Random,
    ) -> Result<Desk, Failure> {
        let mut keeper =
            Keeper::open(&self.folder, self.passphrase.clone(), rng).map_err(Failure::said)?;
        let sites = BTreeSet::from([site.clone()]);
        let today = self.identity.clock.today();
        hire::desks(connection, operator, &sites, true, &mut keeper, today, rng)
            .await
            .map_err(Failure::said)?
            .remove(site)
            .ok_or_else(|| Failure::new("the site has no counter"))
    }

    /// The statistics role's keys.
    #[must_use]
    pub fn keys(&self) -> Arc<AnalyticsKeys> {
        Arc::clone(&self.analytics.keys)
    }

    /// Closes both databases.
    pub async fn close(self) {
        self.identity.store.close().await;
        self.analytics.store.close().await;
    }
}

impl Clients {
    async fn come_to_life(&mut self, progress: &dyn Progress) -> Result<(), Failure> {
        let failed = |e: terminal::error::Error| Failure::of("enrolling clients", e);
        let row = self.row()?;
        progress.begin("enrolling clients", self.cards.len() as u64);
        for batch in self.cards.chunks(BATCH) {
            let texts: Vec<&str> = batch.iter().map(String::as_str).collect();
            let met = self
                .desk
                .meet(&texts, true, self.today)
                .await
                .map_err(failed)?;
            for person in met {
                let person = person.map_err(failed)?;
                self.desk.record(&person, &row).map_err(Failure::said)?;
                self.people.push(person);
            }
            self.desk.send().await.map_err(failed)?;
            progress.step(batch.len() as u64);
        }
        progress.end();
        Ok(())
    }

    fn row(&self) -> Result<Row, Failure> {
        Ok(Row {
            line: 2,
            person: String::new(),
            day: self.today,
            site: self.site.clone(),
            service: service()?,
            kind: RowKind::Event(Kind::Enrolled),
            covered_until: None,
            group: None,
        })
    }
}

/// The service that clients are enrolled in.
pub(crate) fn service() -> Result<crypto::report::ServiceCode, Failure> {
    "art".parse().map_err(|e| Failure::of("the service", e))
}

/// The last quarter that is certainly old enough to close.
pub(crate) fn closing_quarter(today: Day) -> Quarter {
    Quarter::of(today).previous().previous()
}

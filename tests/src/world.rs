//! A founded programme with its server, as a newcomer would have it after `init` and `serve`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use crypto::day::Day;
use crypto::report::Site;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use desk::replay::{Keeper, Stage, hire};
use desk::{Connection, Options};
use identity::Beat;
use privacy::budget::Budget;
use server::datadir::DataDir;
use server::found::{self, Choices};
use server::open;
use server::options::{Address, LimitChoice, StoreArgs};
use server::service::{Beside, Rooms, Running};
use server::settings::Settings;
use store::Room;
use store::clock::{Clock, FixedClock};
use store::fixture::{self, TestDatabase};
use tempfile::TempDir;
use wire::Role;
use zones::Zone;

/// A programme.
pub struct World {
    /// `sqlite` or `postgres`, for messages.
    pub name: &'static str,
    /// The data folder.
    pub dir: DataDir,
    /// Where the databases lie.
    pub store: StoreArgs,
    /// The passphrase of the key files.
    pub passphrase: SecretBytes,
    /// The identity role.
    pub identity: Arc<identity::App>,
    /// The statistics role.
    pub analytics: Arc<analytics::App>,
    /// Randomness.
    pub rng: Random,
    running: Running,
    folder: TempDir,
    _database: Option<TestDatabase>,
}

impl World {
    /// One world on SQLite and, when a server is named, one on PostgreSQL.
    pub async fn each(start: &str) -> Vec<Self> {
        Self::each_at(start, Beat::NONE).await
    }

    /// The same, writing at a beat.
    pub async fn each_at(start: &str, beat: Beat) -> Vec<Self> {
        let mut all = vec![Self::found(start, beat, None).await];
        if let Some(database) = fixture::postgres(Room::Identity).await {
            all.push(Self::found(start, beat, Some(database)).await);
        }
        all
    }

    /// A world on SQLite.
    pub async fn sqlite(start: &str) -> Self {
        Self::found(start, Beat::NONE, None).await
    }

    /// The same at a day of the test's own: noon of its first day, until the clock is moved.
    pub async fn each_standing(start: &str) -> Vec<(Self, Arc<FixedClock>)> {
        let clock = || Arc::new(FixedClock::at(start.parse().unwrap()));
        let one = clock();
        let world = Self::found_by(start, Beat::NONE, None, one.clone()).await;
        let mut all = vec![(world, one)];
        if let Some(database) = fixture::postgres(Room::Identity).await {
            let one = clock();
            let world = Self::found_by(start, Beat::NONE, Some(database), one.clone()).await;
            all.push((world, one));
        }
        all
    }

    async fn found(start: &str, beat: Beat, database: Option<TestDatabase>) -> Self {
        Self::found_by(start, beat, database, open::clock_in(Zone::utc())).await
    }

    async fn found_by(
        start: &str,
        beat: Beat,
        database: Option<TestDatabase>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::new(&folder.path().join("payung-data"));
        let mut rng = Random::os();
        let passphrase = SecretBytes::new(hire::password(&mut rng).into_bytes());
        let store = place(database.as_ref());
        let start: Day = start.parse().unwrap();
        let choices = Choices {
            start: Some(start),
            budget: Budget::Default,
            store: store.clone(),
            settings: Settings::default(),
        };
        let root = SecretBytes::new(hire::password(&mut rng).into_bytes());
        found::found_at(&dir, &choices, (&passphrase, &root), &clock, &mut rng)
            .await
            .unwrap();
        let (identity, analytics, running) = serve(&dir, &store, &passphrase, beat, clock).await;
        let name = if store.database.is_some() {
            "postgres"
        } else {
            "sqlite"
        };
        Self {
            name,
            dir,
            store,
            passphrase,
            identity,
            analytics,
            rng,
            running,
            folder,
            _database: database,
        }
    }

    /// Where the server answers.
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// A connection of a terminal.
    pub fn connection(&self) -> Connection {
        Connection::open(&self.url(), &Options::default()).unwrap()
    }

    /// An invitation made by the holder of the data folder.
    pub async fn invitation(&self, role: Role) -> String {
        let actor = identity::Actor::CommandLine;
        identity::access::invitation::invite(&self.identity, actor, role, None)
            .await
            .unwrap()
            .text()
            .to_owned()
    }

    /// Opens a counter at each site, with an operator behind them.
    pub async fn stage(&mut self, sites: &[&str]) -> Stage {
        let connection = self.connection();
        self.stage_over(&connection, sites).await
    }

    /// The same over a connection of the caller's choice.
    pub async fn stage_over(&mut self, connection: &Connection, sites: &[&str]) -> Stage {
        let invitation = self.invitation(Role::Operator).await;
        let today = self.identity.clock.today();
        let operator = hire::operator(connection, &invitation, today, &mut self.rng)
            .await
            .unwrap();
        let mut keeper =
            Keeper::open(self.dir.path(), self.passphrase.clone(), &mut self.rng).unwrap();
        let sites: BTreeSet<Site> = sites.iter().map(|site| site.parse().unwrap()).collect();
        let desks = hire::desks(
            connection,
            &operator,
            &sites,
            true,
            &mut keeper,
            today,
            &mut self.rng,
        )
        .await
        .unwrap();
        Stage {
            operator,
            desks,
            keeper,
            today,
            rng: self.rng.clone(),
        }
    }

    /// Stops the server; the folder stays until the result is dropped.
    pub async fn stop(self) -> TempDir {
        self.running.stop().await.unwrap();
        self.folder
    }
}

/// Where the databases of a world lie.
fn place(database: Option<&TestDatabase>) -> StoreArgs {
    let url = database.map(|one| match &one.location {
        store::Location::Postgres(url) => url.clone(),
        store::Location::SqliteFile(_) => panic!("a PostgreSQL fixture"),
    });
    StoreArgs {
        database: url.map(Address::made),
        ..StoreArgs::default()
    }
}

async fn serve(
    dir: &DataDir,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    beat: Beat,
    clock: Arc<dyn Clock>,
) -> (Arc<identity::App>, Arc<analytics::App>, Running) {
    let limits = identity::Limits {
        beat,
        ..open::limits(LimitChoice::Bulk)
    };
    let identity = open::identity_at(dir, store, passphrase, limits, Arc::clone(&clock))
        .await
        .unwrap();
    let analytics = open::analytics_at(dir, store, passphrase, clock)
        .await
        .unwrap();
    let rooms = Rooms::All(Arc::clone(&identity), Arc::clone(&analytics));
    let beside = Beside {
        folder: Some(dir.clone()),
        devices: None,
    };
    let running = Running::start_beside(rooms, SocketAddr::from(([127, 0, 0, 1], 0)), beside)
        .await
        .unwrap();
    (identity, analytics, running)
}

//! Intake by length of history: reports of people who had 0, 10 and 33 events before, beside the same number of reports only
//! decrypted, opened and inserted.
//!
//! On SQLite, and on the server that `PAYUNG_TEST_POSTGRES` names. The sides take turns, so that what else the machine does
//! meets all of them; a figure is the median over the rounds. `payung bench` has the ratios to reach; this shows where the time
//! of one room goes, and its slope.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::intake::{Header, Opened};
use analytics::keys::AnalyticsKeys;
use analytics::setup::{self, Founding};
use analytics::{App, intake};
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::envelope::IdentitySecret;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use crypto::sign::ReportKey;
use crypto::statistics::{self, ElGamal};
use privacy::budget::Budget;
use rand::Rng as _;
use sqlx::QueryBuilder;
use store::clock::FixedClock;
use store::fixture::{TestDatabase, databases};
use store::{Room, execute, on};
use tokio::task::JoinSet;
use wire::{Deliver, DeliverItem, RegistryProvider, RegistrySite, TellRegistry};

/// Reports in a delivery, as the forwarder sends them.
const BATCH: usize = 256;
/// Deliveries in a round.
const DELIVERIES: usize = 4;
/// Rounds that count, after one that warms.
const ROUNDS: usize = 7;
/// People of each length of history.
const PEOPLE: usize = 1_500;
/// Events before the first measured report.
const BEFORE: [usize; 3] = [0, 10, 33];
const SERVICES: [&str; 3] = ["nsp", "art", "oat-methadone"];
const TABLE: &str = "CREATE TABLE bare_report (person BIGINT NOT NULL, report BYTEA NOT NULL, day BIGINT NOT NULL, \
     PRIMARY KEY (person, report))";
const TABLE_SQLITE: &str = "CREATE TABLE bare_report (person INTEGER NOT NULL, report BLOB NOT NULL, day INTEGER NOT NULL, \
     PRIMARY KEY (person, report)) STRICT, WITHOUT ROWID";

/// Pseudonyms, as reports carry them.
type People = Vec<ElGamal>;

struct Bench {
    app: App,
    database: TestDatabase,
    rng: Random,
}

const PROVIDER: ProviderId = ProviderId::from_bytes([6; 16]);

fn report_key() -> ReportKey {
    DataKey::from_bytes([6; 32]).report_key().unwrap()
}

fn header() -> Header {
    Header {
        epoch: 1,
        complete: None,
    }
}

fn start() -> Day {
    "2026-01-01".parse().unwrap()
}

impl Bench {
    async fn new(database: TestDatabase) -> Self {
        let mut rng = Random::seeded([1; 32]);
        let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
        let app = App {
            store: database.store.clone(),
            clock: Arc::new(FixedClock::at("2026-12-31".parse().unwrap())),
            rng: rng.clone(),
            keys: Arc::new(keys),
            log_dir: std::env::temp_dir(),
        };
        let facts = Founding {
            start: Some(start()),
            budget: Budget::Default,
        };
        setup::set_up(&app, facts).await.unwrap();
        let table = if database.name == "sqlite" {
            TABLE_SQLITE
        } else {
            TABLE
        };
        let mut tx = app.store.write().await.unwrap();
        execute!(&mut tx, table).unwrap();
        tx.commit().await.unwrap();
        let told = TellRegistry {
            providers: vec![RegistryProvider {
                provider: PROVIDER,
                report_key: Fixed(report_key().public()),
            }],
            sites: vec![RegistrySite {
                provider: PROVIDER,
                city: "medan".to_owned(),
                site: "medan/a".to_owned(),
                entered: start(),
            }],
        };
        analytics::registry::tell(&app, &told).await.unwrap();
        Self { app, database, rng }
    }

    /// People, each with this many events, booked without the cost of sealing and opening them.
    async fn people(&mut self, events: usize) -> People {
        let (elgamal, _) = self.app.keys.public();
        let person = |_| {
            let secret = IdentitySecret::random(&mut Random::os());
            statistics::encrypt(&secret, &elgamal, &mut Random::os())
        };
        let people: People = (0..PEOPLE).map(person).collect();
        let key = &self.app.keys.elgamal;
        let elements = people.iter().map(|one| {
            let element = statistics::decrypt(key, one).unwrap();
            *element.as_bytes()
        });
        let elements: Vec<[u8; 32]> = elements.collect();
        for _ in 0..events {
            self.happen(&elements).await;
        }
        people
    }

    /// One event of each.
    async fn happen(&mut self, elements: &[[u8; 32]]) {
        let opened = |element: &[u8; 32]| {
            Ok(Opened {
                element: *element,
                report: self.report(),
                received: start(),
            })
        };
        let opened: Vec<_> = elements.iter().map(opened).collect();
        let mut tx = self.app.store.write().await.unwrap();
        let taken = intake::take(&mut tx, &self.app, header(), &opened).await;
        assert!(taken.unwrap().iter().all(|taken| *taken));
        tx.commit().await.unwrap();
    }

    fn report(&mut self) -> Report {
        Report {
            id: ReportId::random(&mut self.rng),
            provider: PROVIDER,
            site: "medan/a".parse().unwrap(),
            service: SERVICES[self.rng.gen_range(0..3)].parse().unwrap(),
            kind: Kind::Contact.into(),
            day: self.day(),
            covered_until: None,
            group: None,
        }
    }

    fn day(&mut self) -> Day {
        start().plus(self.rng.gen_range(0..360))
    }

    fn delivery(&mut self, people: &People) -> Vec<DeliverItem> {
        let (_, hpke) = self.app.keys.public();
        let key = report_key();
        let mut items = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            let report = self.report();
            let person = &people[self.rng.gen_range(0..PEOPLE)];
            items.push(DeliverItem {
                provider: PROVIDER,
                elgamal: Fixed(*person.as_bytes()),
                body: B64(report.seal(&key, &hpke, &mut self.rng).unwrap()),
                received: start(),
            });
        }
        items
    }

    /// What the deliveries of a round take, `at_once` under way at a time.
    async fn accept(&mut self, people: &People, at_once: usize) -> Spent {
        let mut waiting: Vec<Deliver> = (0..DELIVERIES)
            .map(|_| Deliver {
                epoch: 1,
                complete: None,
                items: self.delivery(people),
            })
            .collect();
        let watch = Watch::start();
        let mut tasks = JoinSet::new();
        while let Some(deliver) = waiting.pop() {
            if tasks.len() == at_once {
                tasks.join_next().await.unwrap().unwrap();
            }
            let app = self.app.clone();
            tasks.spawn(async move {
                let answers = intake::accept(&app, deliver).await.unwrap();
                assert!(answers.into_iter().all(|taken| taken));
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        watch.spent()
    }

    /// The same reports only opened (`insert` is false), or opened and inserted, one durable transaction a delivery.
    async fn bare(&mut self, people: &People, insert: bool) -> Spent {
        let waiting: Vec<_> = (0..DELIVERIES).map(|_| self.delivery(people)).collect();
        let watch = Watch::start();
        for items in waiting {
            let keys = intake::report_keys(&self.app, 1).await.unwrap();
            let opened = intake::open_all(&self.app.keys, keys, items).await.unwrap();
            if !insert {
                continue;
            }
            let mut tx = self.app.store.write().await.unwrap();
            on!(&mut tx, |t| {
                let mut query = QueryBuilder::new("INSERT INTO bare_report (person, report, day) ");
                query.push_values(&opened, |mut row, one| {
                    let one = one.as_ref().unwrap();
                    let person = i64::from_le_bytes(*one.element.first_chunk().unwrap());
                    row.push_bind(person)
                        .push_bind(one.report.id.as_bytes().to_vec())
                        .push_bind(i64::from(one.report.day.number()));
                });
                query.build().execute(&mut **t).await.map(drop)
            })
            .unwrap();
            tx.commit().await.unwrap();
        }
        watch.spent()
    }
}

/// What a round takes: time on the wall, and of this process on processors (Linux; a server's is not in it).
#[derive(Clone, Copy)]
struct Spent {
    elapsed: Duration,
    processor: Duration,
}

struct Watch(Instant, Duration);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), processor())
    }

    fn spent(self) -> Spent {
        Spent {
            elapsed: self.0.elapsed(),
            processor: processor() - self.1,
        }
    }
}

/// Processor time of this process: user and system ticks of ten milliseconds, counted behind the bracket of its name.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.filter_map(|one| one.parse::<u32>().ok()).sum();
    Duration::from_millis(10) * ticks
}

/// Microseconds a report, the median of the rounds.
fn median(rounds: &[Spent], of: fn(&Spent) -> Duration) -> f64 {
    let mut rounds: Vec<Duration> = rounds.iter().map(of).collect();
    rounds.sort_unstable();
    rounds[rounds.len() / 2].as_secs_f64() * 1e6 / (BATCH * DELIVERIES) as f64
}

async fn measure(database: TestDatabase) {
    let mut bench = Bench::new(database).await;
    let mut groups = Vec::new();
    for events in BEFORE {
        groups.push((events, bench.people(events).await));
    }
    let mut sides: Vec<(String, Vec<Spent>)> = Vec::new();
    let mut add = |round: usize, name: String, spent| {
        if !sides.iter().any(|side| side.0 == name) {
            sides.push((name.clone(), Vec::new()));
        }
        let side = sides.iter_mut().find(|side| side.0 == name).unwrap();
        if round > 0 {
            side.1.push(spent);
        }
    };
    for round in 0..=ROUNDS {
        let people = &groups[0].1;
        add(round, "opened".to_owned(), bench.bare(people, false).await);
        add(round, "bare".to_owned(), bench.bare(people, true).await);
        for at_once in [1, 2] {
            for (events, people) in &groups {
                let name = format!("{events} events, {at_once} at once");
                add(round, name, bench.accept(people, at_once).await);
            }
        }
    }
    for (name, rounds) in sides {
        println!(
            "{:<9} {name:<22} {:>7.1} us a report, {:>7.1} us of processors",
            bench.database.name,
            median(&rounds, |round| round.elapsed),
            median(&rounds, |round| round.processor),
        );
    }
    for one in bench.app.store.transactions() {
        println!("{:<9} {one:?}", bench.database.name);
    }
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for database in databases(Room::Analytics).await {
            measure(database).await;
        }
    });
}

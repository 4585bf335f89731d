//! Intake beside its floor: the same sealed reports, once through `accept`, once only decrypted, opened and inserted.
//!
//! The figure to reach: `accept` takes at least 70 % as many reports a second as the floor, in the same run.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::keys::AnalyticsKeys;
use analytics::query::{self, EventRow};
use analytics::setup::{self, Facts};
use analytics::{App, intake};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::envelope::IdentitySecret;
use crypto::id::ReportId;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use crypto::statistics::ElGamal;
use indicators::Indicators;
use indicators::history::{Event, EventKind};
use privacy::budget::Budget;
use privacy::cell::CityCode;
use rand::Rng as _;
use store::Room;
use store::clock::FixedClock;
use store::fixture::{TestDatabase, sqlite};
use tokio::runtime::Runtime;
use wire::{Deliver, DeliverItem, RegistrySite};

/// Reports in a batch.
const BATCH: usize = 512;
/// People they belong to.
const PEOPLE: usize = 3_000;

struct Bench {
    app: App,
    _database: TestDatabase,
    people: Vec<ElGamal>,
    rng: Random,
}

impl Bench {
    async fn new() -> Self {
        let database = sqlite(Room::Analytics).await;
        let mut rng = Random::seeded([1; 32]);
        let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
        let (elgamal, _) = keys.public();
        let person = |_| {
            crypto::statistics::encrypt(
                &IdentitySecret::random(&mut Random::os()),
                &elgamal,
                &mut Random::os(),
            )
        };
        let people = (0..PEOPLE).map(person).collect();
        let app = App {
            store: database.store.clone(),
            clock: Arc::new(FixedClock::at("2026-12-31".parse().unwrap())),
            rng: rng.clone(),
            keys: Arc::new(keys),
            log_dir: std::env::temp_dir(),
        };
        setup::set_up(
            &app,
            Facts {
                start: Some(start()),
                budget: Budget::Default,
            },
        )
        .await
        .unwrap();
        Self {
            app,
            _database: database,
            people,
            rng,
        }
    }

    fn batch(&mut self) -> Vec<DeliverItem> {
        let (_, hpke) = self.app.keys.public();
        (0..BATCH)
            .map(|_| {
                let report = Report {
                    id: ReportId::random(&mut self.rng),
                    site: "medan/a".parse().unwrap(),
                    service: ["nsp", "art", "oat-methadone"][self.rng.gen_range(0..3)]
                        .parse()
                        .unwrap(),
                    kind: Kind::Contact,
                    day: start().plus(self.rng.gen_range(0..360)),
                    covered_until: None,
                    group: None,
                };
                let person = self.people[self.rng.gen_range(0..PEOPLE)];
                DeliverItem {
                    elgamal: Fixed(*person.as_bytes()),
                    body: B64(report.seal(&hpke, &mut self.rng).unwrap()),
                }
            })
            .collect()
    }
}

fn start() -> Day {
    "2026-01-01".parse().unwrap()
}

/// Everything that cannot be left out: decrypt, open, one row each, one transaction.
async fn bare(app: &App, items: Vec<DeliverItem>, indicators: &Indicators) {
    let rows: Vec<EventRow> = intake::open_all(&app.keys, items)
        .await
        .unwrap()
        .into_iter()
        .map(|opened| {
            let opened = opened.unwrap();
            let person = i64::from_le_bytes(opened.element[..8].try_into().unwrap());
            let event = Event {
                report: *opened.report.id.as_bytes(),
                day: opened.report.day,
                effective: opened.report.day,
                service: indicators.find(&opened.report.service).unwrap().number,
                kind: EventKind::Contact,
                covered_until: None,
                site: 1,
                city: CityCode::OTHER,
                group: None,
                finding: None,
            };
            EventRow {
                person,
                event,
                detail: None,
            }
        })
        .collect();
    let mut tx = app.store.write().await.unwrap();
    query::insert_events(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
}

fn accept(runtime: &Runtime, rounds: u64) -> Duration {
    let mut bench = runtime.block_on(Bench::new());
    let mut spent = Duration::ZERO;
    for _ in 0..rounds {
        let registry = vec![RegistrySite {
            city: "medan".to_owned(),
            site: "medan/a".to_owned(),
        }];
        let deliver = Deliver {
            registry,
            items: bench.batch(),
        };
        let begin = Instant::now();
        let acks = runtime
            .block_on(intake::accept(&bench.app, deliver))
            .unwrap();
        spent += begin.elapsed();
        assert!(acks.into_iter().all(|ack| ack));
    }
    spent
}

fn floor(runtime: &Runtime, rounds: u64) -> Duration {
    let mut bench = runtime.block_on(Bench::new());
    let indicators = Indicators::shipped().unwrap();
    let mut spent = Duration::ZERO;
    for _ in 0..rounds {
        let items = bench.batch();
        let begin = Instant::now();
        runtime.block_on(bare(&bench.app, items, &indicators));
        spent += begin.elapsed();
    }
    spent
}

fn intake_rate(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("reports");
    group
        .throughput(Throughput::Elements(BATCH as u64))
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    group.bench_function("bare decrypt and insert", |bencher| {
        bencher.iter_custom(|rounds| floor(&runtime, rounds));
    });
    group.bench_function("accept", |bencher| {
        bencher.iter_custom(|rounds| accept(&runtime, rounds));
    });
    group.finish();
}

criterion_group!(benches, intake_rate);
criterion_main!(benches);

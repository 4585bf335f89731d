//! Kill -9 at random points of intake and of closing, 200 times, on both databases: nothing acknowledged is lost, nothing
//! counted twice, no budget debited twice, no quarter noised twice.
//!
//! The child is this test binary again: it delivers batches of reports, two at once, and closes quarters, says on standard
//! output what was acknowledged, and is killed. It goes on where the database stands. At the end one child runs to completion and the
//! database is compared with a fresh one that was never disturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use analytics::App;
use analytics::keys::AnalyticsKeys;
use analytics::setup::{self, Founding};
use crypto::b64::{B64, Fixed};
use crypto::day::{Day, Quarter};
use crypto::envelope::IdentitySecret;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use privacy::budget::Budget;
use rand::Rng;
use store::clock::FixedClock;
use store::{Location, Room, Store, fixture};
use wire::{Deliver, DeliverItem, RegistryProvider, RegistrySite, TellRegistry};

const PROVIDER: ProviderId = ProviderId::from_bytes([6; 16]);
const KILLS: usize = 200;
const BATCHES: u32 = 160;
const PER_BATCH: u32 = 20;
const PEOPLE: u32 = 60;
const FIRST: &str = "1990Q1";
const QUARTERS: i32 = 40;
/// Microseconds that a child lives at most: about two closings of a year's end.
const LONGEST_LIFE: u64 = 250_000;
const FOLDER: &str = "PAYUNG_CRASH_FOLDER";
const DATABASE: &str = "PAYUNG_CRASH_DATABASE";

fn location(folder: &Path, url: Option<String>) -> Location {
    url.map_or_else(
        || Location::in_folder(folder, Room::Analytics),
        Location::Postgres,
    )
}

async fn app(folder: &Path, location: &Location) -> App {
    let (keys, _) = AnalyticsKeys::generate(&mut Random::seeded([1; 32])).unwrap();
    let app = App {
        store: Store::open(location, Room::Analytics).await.unwrap(),
        clock: Arc::new(FixedClock::at("2026-01-15".parse().unwrap())),
        rng: Random::os(),
        keys: Arc::new(keys),
        log_dir: folder.join("release-log"),
    };
    std::fs::create_dir_all(&app.log_dir).unwrap();
    let start: Day = "1990-01-01".parse().unwrap();
    setup::set_up(
        &app,
        Founding {
            start: Some(start),
            budget: Budget::Default,
        },
    )
    .await
    .unwrap();
    tell(&app).await;
    app
}

/// Batch `number`: always the same people, reports and days, freshly encrypted.
fn batch(app: &App, number: u32) -> Deliver {
    let mut rng = Random::os();
    let (elgamal, hpke) = app.keys.public();
    let key = DataKey::from_bytes([6; 32]).report_key().unwrap();
    let start: Day = "1990-01-01".parse().unwrap();
    let items = (0..PER_BATCH).map(|place| {
        let index = number * PER_BATCH + place;
        let person = index % PEOPLE;
        let mut secret = [7_u8; 32];
        secret[..4].copy_from_slice(&person.to_be_bytes());
        let mut id = [0_u8; 16];
        id[..4].copy_from_slice(&index.to_be_bytes());
        // Visits spread over the programme's first ten years; late ones go to the open quarter.
        let day = start.plus(i32::try_from(index / PEOPLE * 68 + person % 40).unwrap());
        let report = Report {
            id: ReportId::from_bytes(id),
            provider: PROVIDER,
            site: format!("medan/s{}", person % 3).parse().unwrap(),
            service: if person.is_multiple_of(2) {
                "nsp"
            } else {
                "art"
            }
            .parse()
            .unwrap(),
            kind: Kind::Contact.into(),
            day,
            covered_until: None,
            group: None,
        };
        let secret = IdentitySecret::from_bytes(secret);
        let pair = crypto::statistics::encrypt(&secret, &elgamal, &mut rng);
        DeliverItem {
            provider: PROVIDER,
            elgamal: Fixed(*pair.as_bytes()),
            body: B64(report.seal(&key, &hpke, &mut rng).unwrap()),
            received: app.today(),
        }
    });
    Deliver {
        epoch: 1,
        complete: Some(app.today()),
        items: items.collect(),
    }
}

/// The provider and where it is.
async fn tell(app: &App) {
    let key = DataKey::from_bytes([6; 32]).report_key().unwrap();
    let site = |n| RegistrySite {
        provider: PROVIDER,
        city: "medan".to_owned(),
        site: format!("medan/s{n}"),
        entered: app.today(),
    };
    let told = TellRegistry {
        providers: vec![RegistryProvider {
            provider: PROVIDER,
            report_key: Fixed(key.public()),
        }],
        sites: (0..3).map(site).collect(),
    };
    analytics::registry::tell(app, &told).await.unwrap();
}

async fn known_events(app: &App) -> i64 {
    let mut tx = app.store.read().await.unwrap();
    let (count,) = store::fetch_one!(&mut tx, (i64,), tests::EVENTS).unwrap();
    count
}

/// Delivers a batch; says so when it was taken.
async fn deliver(app: &App, number: u32) {
    let acks = analytics::intake::accept(app, batch(app, number))
        .await
        .unwrap();
    assert!(acks.iter().all(|ack| *ack));
    println!("batch {number}");
}

/// Delivers two batches at once, and closes one quarter after every four, from where the database stands. A pair of which
/// one batch is there already goes again.
async fn work(app: &App) {
    analytics::close::heal(app).await.unwrap();
    println!("ready");
    let mut next = u32::try_from(known_events(app).await).unwrap() / PER_BATCH / 2 * 2;
    let first: Quarter = FIRST.parse().unwrap();
    loop {
        let closed = i32::try_from(
            analytics::stored::list(&app.store, &app.log_dir)
                .await
                .unwrap()
                .len(),
        )
        .unwrap();
        if next >= BATCHES && closed >= QUARTERS {
            println!("done");
            return;
        }
        if next < BATCHES && (closed >= QUARTERS || i64::from(next) < i64::from(closed + 1) * 4) {
            tokio::join!(deliver(app, next), deliver(app, next + 1));
            next += 2;
        } else {
            let period = Quarter::from_number(first.number() + closed).unwrap();
            let done = analytics::close::close(app, period).await.unwrap();
            println!("release {period} {}", crypto::hex::encode(&done.hash));
        }
    }
}

/// Runs only as the child of the tests below.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(folder) = setting(FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let app = app(&folder, &location(&folder, setting(DATABASE))).await;
    work(&app).await;
}

#[allow(
    clippy::disallowed_methods,
    reason = "how the parent tells its child where to work"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What a child acknowledged before it was killed.
#[derive(Default)]
struct Acknowledged {
    batches: BTreeSet<u32>,
    releases: BTreeMap<String, String>,
    done: bool,
}

impl Acknowledged {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["batch", number] => {
                self.batches.insert(number.parse().unwrap());
            }
            ["release", period, hash] => {
                let before = self
                    .releases
                    .insert((*period).to_owned(), (*hash).to_owned());
                assert!(
                    before.is_none_or(|before| before == *hash),
                    "{period} was noised twice"
                );
            }
            ["done"] => self.done = true,
            _ => {}
        }
    }
}

/// Starts a child, lets it live for `life` after it is ready, kills it.
fn run(folder: &Path, url: Option<&str>, life: Option<Duration>, seen: &mut Acknowledged) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["crash::child", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped());
    if let Some(url) = url {
        command.env(DATABASE, url);
    }
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (ready, wait) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut heard = Vec::new();
        for line in lines.map_while(Result::ok) {
            if line.ends_with("ready") {
                ready.send(()).unwrap();
            }
            heard.push(line);
        }
        heard
    });
    wait.recv_timeout(Duration::from_secs(60))
        .expect("the child starts");
    if let Some(life) = life {
        std::thread::sleep(life);
        child.kill().unwrap();
    }
    child.wait().unwrap();
    for line in reader.join().unwrap() {
        seen.take(&line);
    }
}

async fn survives(folder: &Path, url: Option<String>) {
    let mut seen = Acknowledged::default();
    let place = location(folder, url.clone());
    drop(app(folder, &place).await);
    let mut rng = Random::os();
    for _ in 0..KILLS {
        let life = Duration::from_micros(rng.gen_range(0..LONGEST_LIFE));
        run(folder, url.as_deref(), Some(life), &mut seen);
        let app = app(folder, &place).await;
        assert!(
            known_events(&app).await >= seen.batches.len() as i64 * i64::from(PER_BATCH),
            "an acknowledged report is lost"
        );
        app.store.close().await;
    }
    assert!(
        seen.batches.len() > 10 && seen.releases.len() > 3,
        "the children got somewhere before they were killed"
    );
    run(folder, url.as_deref(), None, &mut seen);
    assert!(seen.done, "the last child finishes what the others left");
    let disturbed = app(folder, &place).await;
    check(&disturbed, &seen).await;
    disturbed.store.close().await;
}

/// The ledger has one debit per table and quarter, the log one pair of lines per release, every release the bytes that
/// were acknowledged, and every report is there once.
async fn check(app: &App, seen: &Acknowledged) {
    assert_eq!(known_events(app).await, i64::from(BATCHES * PER_BATCH));
    let releases = analytics::stored::list(&app.store, &app.log_dir)
        .await
        .unwrap();
    assert_eq!(releases.len(), usize::try_from(QUARTERS).unwrap());
    for release in &releases {
        let period = release.subject.period.to_string();
        let hash = crypto::hex::encode(&release.hash);
        assert!(
            seen.releases.get(&period).is_none_or(|told| *told == hash),
            "{period} changed after it was acknowledged"
        );
        let (_, body) = analytics::stored::newest(&app.store, &app.log_dir, release.subject.period)
            .await
            .unwrap()
            .unwrap();
        assert!(
            release::verify::verify(&body, &app.keys.release.public())
                .unwrap()
                .recomputed
        );
    }
    let view = analytics::ledger::view(&app.store, Budget::Default)
        .await
        .unwrap();
    for year in &view.years {
        assert_eq!(
            year.spent, view.planned,
            "a year of four closings costs exactly its plan"
        );
        assert!(year.tables.iter().all(|table| table.reserved.nano() == 0));
    }
    let log = std::fs::read_to_string(app.log_dir.join(analytics::log::FILE)).unwrap();
    let count = |kind: &str| {
        log.lines()
            .filter(|line| line.contains(&format!("\"kind\":\"{kind}\"")))
            .count()
    };
    assert_eq!(
        (count("reserved"), count("released")),
        (releases.len(), releases.len())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_kills_lose_and_double_nothing_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    survives(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_kills_lose_and_double_nothing_on_postgres() {
    let Some(database) = fixture::postgres(Room::Analytics).await else {
        println!("no PostgreSQL server is named: not run");
        return;
    };
    let Location::Postgres(url) = &database.location else {
        panic!("a PostgreSQL fixture")
    };
    let folder = tempfile::tempdir().unwrap();
    survives(folder.path(), Some(url.clone())).await;
}

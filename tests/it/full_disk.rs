//! A full disk: intake and closing fail with an error, what was acknowledged stays, and the same calls succeed once there
//! is room again. SQLite's own page limit plays the disk, so that the error comes from where a real one would.

use std::sync::Arc;

use analytics::App;
use analytics::close::close;
use analytics::keys::AnalyticsKeys;
use analytics::setup::{self, Founding};
use crypto::b64::{B64, Fixed};
use crypto::envelope::IdentitySecret;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use privacy::budget::Budget;
use store::clock::FixedClock;
use store::fixture::{TestDatabase, sqlite};
use store::{Pools, Room, Store};
use wire::{Deliver, DeliverItem, RegistryProvider, RegistrySite, TellRegistry};

const PROVIDER: ProviderId = ProviderId::from_bytes([6; 16]);
const BATCH: u32 = 50;

async fn role(database: &TestDatabase, folder: &std::path::Path) -> App {
    let mut rng = Random::os();
    let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
    let app = App {
        store: database.store.clone(),
        clock: Arc::new(FixedClock::at("2024-06-01".parse().unwrap())),
        rng,
        keys: Arc::new(keys),
        log_dir: folder.to_owned(),
    };
    let start = Some("2024-01-01".parse().unwrap());
    setup::set_up(
        &app,
        Founding {
            start,
            budget: Budget::Default,
        },
    )
    .await
    .unwrap();
    tell(&app).await;
    app
}

fn batch(app: &App, number: u32) -> Deliver {
    let mut rng = Random::os();
    let (elgamal, hpke) = app.keys.public();
    let key = DataKey::from_bytes([6; 32]).report_key().unwrap();
    let item = |place: u32| {
        let index = number * BATCH + place;
        let mut secret = [0_u8; 32];
        secret[..4].copy_from_slice(&index.to_be_bytes());
        let mut id = [0_u8; 16];
        id[..4].copy_from_slice(&index.to_be_bytes());
        let report = Report {
            id: ReportId::from_bytes(id),
            provider: PROVIDER,
            site: "medan/north".parse().unwrap(),
            service: "nsp".parse().unwrap(),
            kind: Kind::Contact.into(),
            day: "2024-02-02".parse().unwrap(),
            covered_until: None,
            group: None,
        };
        let pair =
            crypto::statistics::encrypt(&IdentitySecret::from_bytes(secret), &elgamal, &mut rng);
        DeliverItem {
            provider: PROVIDER,
            elgamal: Fixed(*pair.as_bytes()),
            body: B64(report.seal(&key, &hpke, &mut rng).unwrap()),
            received: app.today(),
        }
    };
    Deliver {
        epoch: 1,
        complete: Some(app.today()),
        items: (0..BATCH).map(item).collect(),
    }
}

/// The provider and where it is.
async fn tell(app: &App) {
    let key = DataKey::from_bytes([6; 32]).report_key().unwrap();
    let told = TellRegistry {
        providers: vec![RegistryProvider {
            provider: PROVIDER,
            report_key: Fixed(key.public()),
        }],
        sites: vec![RegistrySite {
            provider: PROVIDER,
            city: "medan".to_owned(),
            site: "medan/north".to_owned(),
            entered: app.today(),
        }],
    };
    analytics::registry::tell(app, &told).await.unwrap();
}

async fn pages(store: &Store, sql: &'static str) -> i64 {
    let Pools::Sqlite { write, .. } = store.pools() else {
        panic!("SQLite")
    };
    let (pages,): (i64,) = sqlx::query_as(sql).fetch_one(write).await.unwrap();
    pages
}

async fn events(app: &App) -> u32 {
    let mut tx = app.store.read().await.unwrap();
    let (count,) = store::fetch_one!(&mut tx, (i64,), tests::EVENTS).unwrap();
    u32::try_from(count).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let database = sqlite(Room::Analytics).await;
    let app = role(&database, folder.path()).await;
    assert!(pages(&app.store, "PRAGMA max_page_count = 60").await > 0);
    let mut taken = 0;
    let full = loop {
        match analytics::intake::accept(&app, batch(&app, taken)).await {
            Ok(acks) => {
                assert!(acks.iter().all(|ack| *ack));
                taken += 1;
            }
            Err(error) => break error,
        }
        assert!(taken < 200, "the disk never fills");
    };
    assert!(taken > 0 && !full.to_string().is_empty());
    assert_eq!(
        events(&app).await,
        taken * BATCH,
        "all of what was acknowledged, nothing of the rest"
    );
    let period = "2024Q1".parse().unwrap();
    // The same numbers of pages again: not even a debit fits, or the closing breaks off after it.
    let now = pages(&app.store, "PRAGMA page_count").await;
    assert!(now <= 60);
    let first = close(&app, period).await;
    pages(&app.store, "PRAGMA max_page_count = 100000").await;
    let hash = match first {
        Ok(closed) => closed.hash,
        Err(_) => close(&app, period).await.unwrap().hash,
    };
    assert!(close(&app, period).await.is_err(), "closed once");
    analytics::intake::accept(&app, batch(&app, taken))
        .await
        .unwrap();
    assert_eq!(events(&app).await, (taken + 1) * BATCH);
    let listed = analytics::stored::list(&app.store, &app.log_dir)
        .await
        .unwrap();
    assert_eq!((listed.len(), listed[0].hash), (1, hash));
    let view = analytics::ledger::view(&app.store, Budget::Default)
        .await
        .unwrap();
    let once: u64 = privacy::catalogue::plans(Budget::Default)
        .unwrap()
        .iter()
        .filter(|plan| plan.table.every == privacy::catalogue::Every::Quarter)
        .map(|plan| plan.cost.nano())
        .sum();
    assert_eq!(view.years[0].spent.nano(), once, "debited once");
}

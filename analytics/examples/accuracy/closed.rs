//! Real closings of the generated pilot, with ledger, log and signature: what [`World::draw`] measures is what they publish.

use std::sync::Arc;

use analytics::close::{WAIT_DAYS, close};
use analytics::keys::AnalyticsKeys;
use analytics::setup::{Founding, set_up};
use analytics::{App, query, registry, stored};
use crypto::day::{Day, Quarter};
use crypto::report::Site;
use crypto::rng::Random;
use privacy::budget::Budget;
use release::object::{CellRelease, Release};
use release::published::Reliability;
use release::seal::SignedRelease;
use store::clock::FixedClock;
use store::fixture::TestDatabase;

use super::*;
use crate::world::{CITIES, quarter};

/// The statistics role at the end of a quarter's wait, with the same keys every time.
fn at(database: &TestDatabase, folder: &std::path::Path, day: Day) -> App {
    let mut rng = Random::seeded([5; 32]);
    let (keys, _) = AnalyticsKeys::generate(&mut rng).expect("keys");
    App {
        store: database.store.clone(),
        clock: Arc::new(FixedClock::at(day)),
        rng,
        keys: Arc::new(keys),
        log_dir: folder.to_owned(),
    }
}

/// A founded programme with the four cities and the world's contributions.
async fn founded(world: &World, database: &TestDatabase, folder: &std::path::Path) {
    let start: Day = "2025-01-01".parse().expect("a day");
    let app = at(database, folder, start);
    let facts = Founding {
        start: Some(start),
        budget: Budget::Default,
    };
    set_up(&app, facts).await.expect("an empty database");
    let sites: Vec<Site> = CITIES[1..]
        .iter()
        .map(|city| format!("{city}/a").parse().expect("a site"))
        .collect();
    let mut tx = app.store.write().await.expect("a database");
    // One after another, so that their numbers are those of the world.
    for site in sites {
        registry::enter(&mut tx, &[site], &facts, start)
            .await
            .expect("room for them");
    }
    query::insert_contributions(&mut tx, &world.rows())
        .await
        .expect("room for them");
    tx.commit().await.expect("a database");
}

/// Closes every quarter up to `last` and reads its release as anybody would.
async fn published(database: &TestDatabase, folder: &std::path::Path, last: Quarter) -> Release {
    let mut period = quarter("2025Q1");
    while period <= last {
        let app = at(database, folder, period.last_day().plus(WAIT_DAYS));
        // No report is on its way: there is no identity role.
        let nothing = wire::Deliver {
            epoch: 1,
            complete: Some(app.today()),
            items: Vec::new(),
        };
        let delivered = analytics::intake::accept(&app, nothing).await;
        delivered.expect("an empty delivery");
        close(&app, period).await.expect("a quarter that may close");
        period = period.next();
    }
    let app = at(database, folder, last.last_day().plus(400));
    let found = stored::newest(&app.store, &app.log_dir, last).await;
    let (_, body) = found.expect("a store").expect("a release");
    let key = app.keys.release.public();
    assert!(
        release::verify::verify(&body, &key)
            .expect("a signature")
            .recomputed
    );
    let signed = SignedRelease::from_bytes(&body).expect("a release");
    signed.open().expect("a release")
}

/// Everything about a number that does not depend on the noise.
fn public(cell: &CellRelease) -> CellRelease {
    CellRelease {
        measured: cell.measured.map(|_| 0),
        estimate: Default::default(),
        lo: Default::default(),
        hi: Default::default(),
        display: 0,
        reliability: Reliability::Ok,
        ..cell.clone()
    }
}

/// The numbers of a real fourth quarter are those of a draw, with the same declared noise, and near the truth: within seven
/// standard deviations, which all of about 1,600 numbers keep but for a chance below 1e-8.
#[tokio::test(flavor = "multi_thread")]
async fn real_closings_publish_what_is_measured_here() {
    let world = pilot().await;
    let database = store::fixture::sqlite(store::Room::Analytics).await;
    let folder = tempfile::tempdir().expect("a folder");
    founded(&world, &database, folder.path()).await;
    let last = quarter("2026Q4");
    let closed = published(&database, folder.path(), last).await;
    let drawn = world.draw().await.pop().expect("a fourth quarter");
    assert_eq!(closed.tables.len(), ALL.len());
    let mut same = 0;
    for (ours, theirs) in drawn.tables.iter().zip(&closed.tables) {
        assert_eq!(ours.table, theirs.table);
        assert_eq!(ours.levels, theirs.levels);
        assert_eq!(ours.cells.len(), theirs.cells.len());
        for (one, other) in ours.cells.iter().zip(&theirs.cells) {
            assert_eq!(public(one), public(other));
            let error = other.estimate.value() - world.truth(last, &theirs.table, other);
            assert!(error.abs() < 7.0 * other.sd.value(), "{other:?}: {error}");
            same += usize::from(one.estimate == other.estimate);
        }
    }
    assert_eq!(drawn.rates.len(), closed.rates.len());
    assert!(same < 10, "noise is drawn anew: {same} numbers are equal");
}

//! Test support for closing: a set-up role on each database and contributions written straight into it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]

use std::sync::Arc;

use crypto::day::{Day, Quarter};
use crypto::rng::Random;
use privacy::budget::Budget;
use privacy::cell::{Cell, CityCode, GroupCode, Tab};
use store::clock::FixedClock;
use store::fixture::{TestDatabase, databases};
use store::{Room, Store, execute, fetch_all, fetch_one};

use crate::App;
use crate::keys::AnalyticsKeys;
use crate::setup::{self, Founding};
use crate::testing::reports::{PROVIDER, all_delivered, told};

/// A role on a throw-away database with a log folder of its own.
pub(crate) struct Role {
    pub(crate) app: Arc<App>,
    pub(crate) database: TestDatabase,
    pub(crate) folder: tempfile::TempDir,
}

/// The four cities of the pilot, codes 1 to 4 in this order.
pub(crate) const CITIES: [&str; 4] = ["medan/a", "bandung/a", "pontianak/a", "makassar/a"];

pub(crate) fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

pub(crate) fn city(number: u16) -> CityCode {
    CityCode::new(number).unwrap()
}

/// The first day on which a quarter may close.
pub(crate) fn closing_day(period: Quarter) -> Day {
    period.last_day().plus(crate::close::WAIT_DAYS)
}

/// A set-up role (start 2026-01-01, four cities) on every available database; the clock stands at the end of 2026Q1's wait.
pub(crate) async fn roles() -> Vec<Role> {
    let mut all = Vec::new();
    for database in databases(Room::Analytics).await {
        all.push(role(database, Budget::Default).await);
    }
    all
}

/// The same on SQLite alone.
pub(crate) async fn sqlite() -> Role {
    role(
        store::fixture::sqlite(Room::Analytics).await,
        Budget::Default,
    )
    .await
}

async fn role(database: TestDatabase, budget: Budget) -> Role {
    let folder = tempfile::tempdir().unwrap();
    let app = app(
        database.store.clone(),
        folder.path(),
        closing_day(quarter("2026Q1")),
    );
    let facts = Founding {
        start: Some("2026-01-01".parse().unwrap()),
        budget,
    };
    setup::set_up(&app, facts).await.unwrap();
    let mut tx = app.store.write().await.unwrap();
    let sites: Vec<_> = CITIES
        .iter()
        .map(|site| (site.parse().unwrap(), Some(PROVIDER)))
        .collect();
    // One after another: numbers of cities entered together follow their names.
    for site in sites {
        crate::registry::enter_of(&mut tx, &[site], &facts, facts.start.unwrap())
            .await
            .unwrap();
    }
    crate::registry::pin(&mut tx, &[told(PROVIDER)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    all_delivered(&app).await;
    Role {
        app: Arc::new(app),
        database,
        folder,
    }
}

/// A role over a store and a log folder, with the same keys every time.
pub(crate) fn app(store: Store, folder: &std::path::Path, today: Day) -> App {
    let mut rng = Random::seeded([5; 32]);
    let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
    App {
        store,
        clock: Arc::new(FixedClock::at(today)),
        rng,
        keys: Arc::new(keys),
        log_dir: folder.to_owned(),
    }
}

/// The same role at another day.
pub(crate) fn at(app: &App, today: Day) -> App {
    App {
        clock: Arc::new(FixedClock::at(today)),
        ..app.clone()
    }
}

/// Writes contributions `(period, cell, how many people)`, people numbered from 1 for each line.
pub(crate) async fn contribute(store: &Store, lines: &[(Quarter, Cell, i64)]) {
    const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
        INSERT INTO contribution (period, cell, person) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), i FROM n";
    let mut tx = store.write().await.unwrap();
    for (period, cell, people) in lines.iter().filter(|line| line.2 > 0) {
        let number = i64::from(period.number());
        execute!(&mut tx, ROWS, number, cell.number(), *people).unwrap();
    }
    tx.commit().await.unwrap();
}

/// The pilot: 3,000 active clients over four cities and six groups, 510 drop-outs, 200 first enrolments a city.
pub(crate) fn pilot(period: Quarter) -> Vec<(Quarter, Cell, i64)> {
    let mut lines = Vec::new();
    for number in 1..=4 {
        for group in 1..=6 {
            lines.push((
                period,
                Cell::new(Tab::Active, city(number), 0, GroupCode::new(group).ok()),
                125,
            ));
        }
        let drop_out = |service, people| {
            (
                period,
                Cell::new(Tab::DropOut, city(number), service, None),
                people,
            )
        };
        lines.extend([drop_out(1, 60), drop_out(5, 67 + i64::from(number % 2))]);
        lines.push((period, Cell::new(Tab::First, city(number), 0, None), 200));
    }
    lines
}

/// One number of a table of the database.
/// Everybody's events: each takes 36 bytes, and the codes of one person's results less than 31 together.
pub(crate) const EVENTS: &str =
    "SELECT CAST(COALESCE(SUM(length(history) / 36), 0) AS BIGINT) FROM person";

pub(crate) async fn number(store: &Store, sql: &'static str) -> i64 {
    let mut tx = store.read().await.unwrap();
    let (found,) = fetch_one!(&mut tx, (i64,), sql).unwrap();
    found
}

/// Every measurement, in order.
pub(crate) async fn measurements(store: &Store) -> Vec<(String, String, i64, i64, i64)> {
    let mut tx = store.read().await.unwrap();
    let sql =
        "SELECT tab, level, period, cell, value FROM measurement ORDER BY tab, level, period, cell";
    fetch_all!(&mut tx, _, sql).unwrap()
}

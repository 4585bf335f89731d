//! A programme without a first day: the first quarter that closes begins the series.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use crypto::day::Quarter;
use indicators::testing::day;
use privacy::budget::Budget;
use privacy::cell::Tab;
use store::Room;
use store::fixture::databases;

use crate::App;
use crate::close::{CloseError, Ready, close, prepare};
use crate::intake::Opened;
use crate::query;
use crate::setup::{self, Founding};
use crate::stored;
use crate::testing::closing::{app, at, closing_day, contribute, pilot, quarter};
use crate::testing::reports::{PROVIDER, all_delivered, header, in_time, report, take};
use release::object::Release;
use release::published::Series;
use release::seal::SignedRelease;
use release::verify;

const FACTS: Founding = Founding {
    start: None,
    budget: Budget::Default,
};

struct Programme {
    app: App,
    name: &'static str,
    _database: store::fixture::TestDatabase,
    _folder: tempfile::TempDir,
}

async fn programmes() -> Vec<Programme> {
    let mut all = Vec::new();
    for database in databases(Room::Analytics).await {
        let folder = tempfile::tempdir().unwrap();
        let app = app(database.store.clone(), folder.path(), day("2026-06-01"));
        setup::set_up(&app, FACTS).await.unwrap();
        setup::set_up(&app, FACTS).await.unwrap();
        let other = Founding {
            start: Some(day("2024-01-01")),
            ..FACTS
        };
        assert!(
            setup::set_up(&app, other).await.is_err(),
            "the start is fixed"
        );
        all_delivered(&app).await;
        all.push(Programme {
            app,
            name: database.name,
            _database: database,
            _folder: folder,
        });
    }
    all
}

async fn register(app: &App, site: &str) {
    let mut tx = app.store.write().await.unwrap();
    let sites = [(site.parse().unwrap(), Some(PROVIDER))];
    let entered = crate::registry::enter_of(&mut tx, &sites, &FACTS, app.today());
    assert_eq!(entered.await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn book(app: &App, person: u8, id: u8, site: &str, on: &str) -> bool {
    let report = report(id, site, "nsp", "contact", day(on), None);
    let one = [Ok(Opened {
        element: [person; 32],
        report,
        received: in_time(),
    })];
    let mut tx = app.store.write().await.unwrap();
    let acks = take(&mut tx, app, &header(&[]), &one).await.unwrap();
    tx.commit().await.unwrap();
    acks[0]
}

async fn release(app: &App, period: Quarter) -> Release {
    let (_, body) = stored::newest(&app.store, &app.log_dir, period)
        .await
        .unwrap()
        .unwrap();
    assert!(
        verify::verify(&body, &app.keys.release.public())
            .unwrap()
            .recomputed
    );
    SignedRelease::from_bytes(&body).unwrap().open().unwrap()
}

async fn firsts(app: &App) -> Vec<(String, u16)> {
    let rows = query::contributions(&mut app.store.read().await.unwrap())
        .await
        .unwrap();
    let rows = rows
        .into_iter()
        .filter(|row| row.0.cell.tab() == Tab::First);
    rows.map(|row| (row.0.period.to_string(), row.0.cell.city().number()))
        .collect()
}

#[tokio::test]
async fn the_first_closed_quarter_begins_the_series() {
    for Programme { app, name, .. } in &programmes().await {
        register(app, "medan/a").await;
        // Long before the series, in its first quarter, and in a city entered when reports had come.
        assert!(
            book(app, 1, 1, "medan/a", "2019-05-05").await,
            "every past day is taken"
        );
        assert!(book(app, 2, 2, "medan/a", "2024-02-10").await);
        register(app, "bandung/a").await;
        assert!(book(app, 3, 3, "bandung/a", "2024-02-11").await);
        let first = quarter("2024Q1");
        close(app, first).await.unwrap();
        let shown = release(app, first).await;
        assert_eq!(shown.start, first, "{name}");
        let froms: Vec<_> = shown
            .cities
            .iter()
            .map(|city| (city.city.as_str(), city.from))
            .collect();
        assert_eq!(
            froms,
            [("other", first), ("bandung", first), ("medan", first)]
        );
        assert!(
            shown.tables[2]
                .streams
                .iter()
                .all(|stream| stream.from == first && stream.measured.len() == 1)
        );
        assert!(matches!(
            close(app, first.previous()).await,
            Err(CloseError::BeforeStart(_))
        ));
        assert!(matches!(
            close(app, quarter("2024Q3")).await,
            Err(CloseError::PreviousOpen(_))
        ));
        // Older than the series, in it, and a city entered after the first closing.
        assert!(book(app, 4, 4, "medan/a", "2018-01-01").await);
        assert!(book(app, 5, 5, "medan/a", "2024-03-31").await);
        register(app, "makassar/a").await;
        assert!(book(app, 6, 6, "makassar/a", "2024-05-01").await);
        let expected = [
            ("2019Q2", 1),
            ("2024Q1", 1),
            ("2024Q1", 2),
            ("2024Q2", 0),
            ("2024Q2", 1),
            ("2024Q2", 1),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(period, city)| ((*period).to_owned(), *city))
            .collect();
        assert_eq!(firsts(app).await, expected, "{name}");
        close(app, first.next()).await.unwrap();
        let shown = release(app, first.next()).await;
        assert_eq!((shown.start, shown.cities.len()), (first, 3));
        assert!(
            shown.tables[2]
                .streams
                .iter()
                .all(|stream| stream.measured.len() == 2)
        );
    }
}

/// A closing that broke off after its debit has begun the series: it is finished, and no earlier quarter gets in.
#[tokio::test]
async fn a_first_closing_that_broke_off_still_begins_the_series() {
    for Programme { app, name, .. } in &programmes().await {
        let first = quarter("2024Q1");
        let Ready::Go(prepared) = prepare(app, first).await.unwrap() else {
            panic!("{name}: open")
        };
        let _ = prepared.reserve().await.unwrap();
        assert!(matches!(
            close(app, first.previous()).await,
            Err(CloseError::BeforeStart(_))
        ));
        assert!(close(app, first.next()).await.is_err());
        close(app, first).await.unwrap();
        assert_eq!(release(app, first).await.start, first, "{name}");
    }
}

/// Two hosts that begin with different quarters: one series comes of it.
#[tokio::test]
async fn two_hosts_cannot_begin_two_series() {
    for Programme { app, name, .. } in &programmes().await {
        let other = tempfile::tempdir().unwrap();
        let second = App {
            log_dir: other.path().to_owned(),
            ..app.clone()
        };
        let Ready::Go(late) = prepare(&second, quarter("2024Q3")).await.unwrap() else {
            panic!("{name}: open")
        };
        close(app, quarter("2024Q1")).await.unwrap();
        let refused = late.reserve().await;
        assert!(
            matches!(
                refused,
                Err(CloseError::PreviousOpen(_) | CloseError::RegistryChanged)
            ),
            "{name}"
        );
        assert_eq!(
            stored::list(&app.store, &app.log_dir).await.unwrap().len(),
            1
        );
    }
}

/// A city registered between preparing and debiting: nothing is debited, and the next attempt counts it.
#[tokio::test]
async fn a_registry_that_changes_while_closing_debits_nothing() {
    for Programme { app, name, .. } in &programmes().await {
        let first = quarter("2024Q1");
        let Ready::Go(prepared) = prepare(app, first).await.unwrap() else {
            panic!("{name}: open")
        };
        register(app, "medan/a").await;
        assert!(
            matches!(prepared.reserve().await, Err(CloseError::RegistryChanged)),
            "{name}"
        );
        let debits =
            crate::testing::closing::number(&app.store, "SELECT COUNT(*) FROM reservation").await;
        assert_eq!(debits, 0, "{name}");
        close(app, first).await.unwrap();
        assert_eq!(release(app, first).await.cities.len(), 2);
    }
}

/// Blocks of the running total count from the first closed quarter, not from the calendar's beginning.
#[tokio::test]
async fn running_totals_count_from_the_first_closed_quarter() {
    let Programme { app, .. } = &programmes().await[0];
    for site in crate::testing::closing::CITIES {
        register(app, site).await;
    }
    let first = quarter("2020Q3");
    let quarters: Vec<Quarter> = std::iter::successors(Some(first), |quarter| Some(quarter.next()))
        .take(21)
        .collect();
    let mut lines = pilot(first.previous());
    lines.extend(quarters.iter().flat_map(|period| pilot(*period)));
    contribute(&app.store, &lines).await;
    for (n, period) in (1..).zip(&quarters) {
        close(&at(app, closing_day(*period)), *period)
            .await
            .unwrap();
        let found = release(app, *period).await;
        let running = found.tables.iter().find(|one| one.table == "F").unwrap();
        for cell in &running.cells {
            let each = match cell.city.as_deref() {
                None => 800.0,
                Some("other") => 0.0,
                Some(_) => 200.0,
            };
            let truth = if cell.series == Series::New {
                each
            } else {
                each * f64::from(n)
            };
            assert!(
                (cell.estimate.value() - truth).abs() < 7.0 * cell.sd.value(),
                "{period} {cell:?}"
            );
        }
    }
}

//! Closing a quarter of a million people: steps 1 to 4 (compare, debit, log, count, draw, assemble, sign), again and again as
//! after a crash before the release was stored, which is the whole cost but two small writes. Also prints peak memory.
//!
//! The quarter holds 1,000,000 active people in 40 cities (2.93 million packed contributions, what some 10 million events
//! leave). Target: at most 2 s and 300 MB.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines
)]

use std::sync::Arc;

use analytics::App;
use analytics::close::{Ready, prepare};
use analytics::keys::AnalyticsKeys;
use analytics::setup::{Founding, set_up};
use criterion::{Criterion, criterion_group, criterion_main};
use crypto::day::Quarter;
use crypto::rng::Random;
use privacy::budget::Budget;
use privacy::cell::{Cell, CityCode, GroupCode, Tab};
use store::clock::FixedClock;
use store::{Room, Tx, execute};

const PEOPLE: i64 = 1_000_000;
const CITIES: u16 = 40;
const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $3)
    INSERT INTO contribution (period, cell, person) SELECT $1, $2, i FROM n";

async fn fill(tx: &mut Tx, period: Quarter) {
    let cities = i64::from(CITIES);
    for number in 1..=CITIES {
        let city = CityCode::new(number).unwrap();
        execute!(
            &mut *tx,
            "INSERT INTO city (city, code, from_period) VALUES ($1, $2, $3)",
            format!("city-{number}"),
            i64::from(number),
            i64::from(period.number())
        )
        .unwrap();
        let mut cells = Vec::new();
        for group in 1..=6 {
            cells.push((
                Cell::new(Tab::Active, city, 0, GroupCode::new(group).ok()),
                PEOPLE / cities / 6,
            ));
        }
        for service in 1..=10 {
            cells.push((
                Cell::new(Tab::Service, city, service, None),
                PEOPLE * 17 / cities / 100,
            ));
            cells.push((
                Cell::new(Tab::DropOut, city, service, None),
                PEOPLE * 17 / cities / 1000,
            ));
        }
        cells.push((
            Cell::new(Tab::First, city, 0, None),
            PEOPLE * 6 / cities / 100,
        ));
        for (cell, people) in cells {
            let number = i64::from(period.number());
            execute!(&mut *tx, ROWS, number, cell.number(), people).unwrap();
        }
    }
}

fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

/// No report is on its way: there is no identity role.
async fn all_delivered(app: &App) {
    let nothing = wire::Deliver {
        epoch: 1,
        complete: Some(app.today()),
        items: Vec::new(),
    };
    analytics::intake::accept(app, nothing).await.unwrap();
}

fn close_a_million(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let period: Quarter = "2026Q1".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (app, _database) = runtime.block_on(async {
        let database = store::fixture::sqlite(Room::Analytics).await;
        let mut rng = Random::seeded([5; 32]);
        let (keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
        let clock = Arc::new(FixedClock::at(period.last_day().plus(30)));
        let app = App {
            store: database.store.clone(),
            clock,
            rng,
            keys: Arc::new(keys),
            log_dir: folder.path().to_owned(),
        };
        set_up(
            &app,
            Founding {
                start: Some(period.first_day()),
                budget: Budget::Default,
            },
        )
        .await
        .unwrap();
        all_delivered(&app).await;
        let mut tx = app.store.write().await.unwrap();
        fill(&mut tx, period).await;
        tx.commit().await.unwrap();
        (app, database)
    });
    let before = peak_kilobytes();
    let mut group = criterion.benchmark_group("close");
    group.sample_size(10);
    group.bench_function("a million people", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let Ready::Go(prepared) = prepare(&app, period).await.unwrap() else {
                    panic!("stored")
                };
                let _ = prepared
                    .reserve()
                    .await
                    .unwrap()
                    .log()
                    .await
                    .unwrap()
                    .measure()
                    .await
                    .unwrap();
            });
        });
    });
    group.finish();
    eprintln!(
        "peak memory of the process: {} kB, {} kB before the first closing",
        peak_kilobytes(),
        before
    );
}

criterion_group!(benches, close_a_million);
criterion_main!(benches);

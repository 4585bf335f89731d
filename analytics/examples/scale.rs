//! Rows of `contribution` by the million: rows a second in, bytes a row, and the time of a closing's counts, against the
//! rows of the quarter and against the rows of all quarters (docs/scale.md).
//!
//! `scale FOLDER | postgres://ADDRESS [plain]` fills an empty database through the service's own statements and prints a
//! table. A closed quarter is written in large transactions; the newest one as reports arrive: people in random order, a
//! few thousand rows a transaction, each transaction durable. `plain` puts an unpartitioned table in the place of the
//! partitioned one, to compare. Only counts are timed; noise and signature depend on the number of cells, not of rows.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a measurement speaks to a person")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use analytics::query::{self, Owned};
use crypto::day::Quarter;
use indicators::contribution::Contribution;
use privacy::cell::{Cell, CityCode, GroupCode, Tab};
use store::{Location, Pools, Room, Store, fetch_all};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows of an ordinary quarter, and of the large last one.
const QUARTER: u64 = 1_000_000;
const LARGE: u64 = 5_000_000;
/// Sizes of the whole table, in ordinary quarters, at which to measure.
const STOPS: [u64; 3] = [1, 5, 20];
/// Rows of a transaction: as reports arrive, and when a past quarter is written.
const ARRIVING: usize = 4_000;
const PAST: usize = 100_000;
const ROUNDS: usize = 5;

/// As in `measure/draw.rs`.
const COUNT: &str = "SELECT cell, COUNT(*) FROM contribution WHERE period = $1 AND cell BETWEEN $2 AND $3 GROUP BY cell";
const BYTES_SQLITE: &str = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
const BYTES_POSTGRES: &str = "SELECT CAST(SUM(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class \
    WHERE relname LIKE 'contribution%' AND relkind = 'r'";
const PLAIN: [&str; 2] = [
    "DROP TABLE contribution",
    "CREATE TABLE contribution (period BIGINT NOT NULL, cell BIGINT NOT NULL, person BIGINT NOT NULL, \
     PRIMARY KEY (period, cell, person))",
];

/// A person's number: a fixed permutation, so that the order of arrival is not the order of the key.
fn number(index: u64) -> i64 {
    let mut mixed = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 1).cast_signed()
}

/// Three rows of each person: active in one of 40 cities and six groups, and in two of 13 services there.
fn row(period: Quarter, index: u64) -> Outcome<Owned> {
    let person = number(index / 3);
    let drawn = number(index / 3 + (1 << 40)).cast_unsigned();
    let city = CityCode::new(u16::try_from(1 + drawn % 40)?)?;
    let group = GroupCode::new(u8::try_from(1 + drawn / 64 % 6)?)?;
    let service = u8::try_from(1 + (drawn / 1024 + index % 3) % 13)?;
    let cell = match index % 3 {
        0 => Cell::new(Tab::Active, city, 0, Some(group)),
        _ => Cell::new(Tab::Service, city, service, None),
    };
    Ok((Contribution { period, cell }, person))
}

/// Writes a quarter; returns rows a second.
async fn fill(store: &Store, period: Quarter, rows: u64, size: usize) -> Outcome<f64> {
    let watch = Instant::now();
    let mut batch = Vec::with_capacity(size);
    for index in 0..rows {
        batch.push(row(period, index)?);
        if batch.len() == size || index + 1 == rows {
            batch.sort_unstable();
            let mut tx = store.write().await?;
            query::insert_contributions(&mut tx, &batch).await?;
            tx.commit().await?;
            batch.clear();
        }
    }
    Ok(rows as f64 / watch.elapsed().as_secs_f64())
}

/// Median seconds of a closing's counts of every table.
async fn closing(store: &Store, period: Quarter) -> Outcome<f64> {
    let mut spent = Vec::new();
    for _ in 0..ROUNDS {
        let watch = Instant::now();
        let mut tx = store.read().await?;
        for tab in Tab::ALL {
            let (low, high) = Cell::range(tab);
            let cells = fetch_all!(
                &mut tx,
                (i64, i64),
                COUNT,
                i64::from(period.number()),
                low,
                high
            )?;
            std::hint::black_box(cells);
        }
        spent.push(watch.elapsed().as_secs_f64());
    }
    spent.sort_by(f64::total_cmp);
    Ok(spent[ROUNDS / 2])
}

async fn bytes(store: &Store) -> Outcome<f64> {
    store.tidy().await?;
    let (bytes,): (i64,) = match store.pools() {
        Pools::Sqlite { read, .. } => sqlx::query_as(BYTES_SQLITE).fetch_one(read).await?,
        Pools::Postgres(pool) => sqlx::query_as(BYTES_POSTGRES).fetch_one(pool).await?,
    };
    Ok(bytes as f64)
}

/// What a database's own upkeep would do within minutes: statistics, and the pages' visibility.
async fn upkeep(store: &Store) -> Outcome<()> {
    if let Pools::Postgres(pool) = store.pools() {
        sqlx::query("VACUUM (ANALYZE) contribution")
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Writes one quarter as it arrives, measures, prints a line.
async fn measure(store: &Store, period: Quarter, rows: u64, before: u64) -> Outcome<()> {
    let rate = fill(store, period, rows, ARRIVING).await?;
    let fresh = closing(store, period).await?;
    upkeep(store).await?;
    let kept = closing(store, period).await?;
    let all = before + rows;
    let each = bytes(store).await? / all as f64;
    println!("| {all} | {rows} | {rate:.0} | {each:.1} | {fresh:.3} | {kept:.3} |");
    Ok(())
}

async fn open(target: &str, plain: bool) -> Outcome<Store> {
    let location = if target.starts_with("postgres://") {
        Location::Postgres(target.to_owned())
    } else {
        Location::in_folder(Path::new(target), Room::Analytics)
    };
    let store = Store::open(&location, Room::Analytics).await?;
    if let (Pools::Postgres(pool), true) = (store.pools(), plain) {
        for statement in PLAIN {
            sqlx::query(statement).execute(pool).await?;
        }
    }
    Ok(store)
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut words = std::env::args().skip(1);
    let target = words.next().ok_or("usage: scale FOLDER|ADDRESS [plain]")?;
    let store = open(&target, words.next().as_deref() == Some("plain")).await?;
    println!(
        "| rows in the table | in the quarter | rows/s arriving | bytes a row | counts, s | after upkeep, s |"
    );
    println!("|---|---|---|---|---|---|");
    let mut period: Quarter = "2020Q1".parse()?;
    let mut before = 0;
    for stop in STOPS {
        while before + QUARTER < stop * QUARTER {
            fill(&store, period, QUARTER, PAST).await?;
            (period, before) = (period.next(), before + QUARTER);
        }
        measure(&store, period, QUARTER, before).await?;
        (period, before) = (period.next(), before + QUARTER);
    }
    measure(&store, period, LARGE, before).await?;
    store.close().await;
    Ok(())
}

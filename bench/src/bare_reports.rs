//! What cannot be left out of a report: its pseudonym decrypted, its body opened and its provider's signature checked, one row
//! written, one durable transaction a delivery.
//!
//! The rows go into a table of this benchmark's own, as wide as an event, in a database of the same kind as the service's.
//! No person, no history and no contribution is kept. One delivery follows another.

use std::sync::Arc;

use analytics::keys::AnalyticsKeys;
use crypto::report::Report;
use crypto::statistics::{self, ElGamal};
use server::error::Failure;
use sqlx::QueryBuilder;
use store::{DbError, Location, Pools, Room, Store, Tx, execute, on};
use wire::DeliverItem;

/// Reports opened by one task.
const SLICE: usize = 64;
const SQLITE: &str = "CREATE TABLE bare_report (person INTEGER NOT NULL, report BLOB NOT NULL, day INTEGER NOT NULL, \
     effective_day INTEGER NOT NULL, service INTEGER NOT NULL, kind INTEGER NOT NULL, detail TEXT, covered_until INTEGER, \
     site INTEGER NOT NULL, city INTEGER NOT NULL, grouping INTEGER, PRIMARY KEY (person, report)) STRICT, WITHOUT ROWID";
const POSTGRES: &str = "CREATE TABLE bare_report (person BIGINT NOT NULL, report BYTEA NOT NULL, day BIGINT NOT NULL, \
     effective_day BIGINT NOT NULL, service BIGINT NOT NULL, kind BIGINT NOT NULL, detail TEXT, covered_until BIGINT, \
     site BIGINT NOT NULL, city BIGINT NOT NULL, grouping BIGINT, PRIMARY KEY (person, report))";
const INSERT: &str = "INSERT INTO bare_report (person, report, day, effective_day, service, kind, detail, covered_until, \
     site, city, grouping) ";

/// A database and the keys that open reports.
pub(crate) struct Bare {
    store: Store,
    keys: Arc<AnalyticsKeys>,
}

/// What is written of a report.
struct Row {
    person: i64,
    report: Report,
}

impl Bare {
    /// Opens a fresh database and makes the table.
    ///
    /// # Errors
    /// [`Failure`] when it does not open.
    pub(crate) async fn open(
        location: &Location,
        keys: Arc<AnalyticsKeys>,
    ) -> Result<Self, Failure> {
        let failed = |e: DbError| Failure::of("a second database", e);
        let store = Store::open(location, Room::Analytics)
            .await
            .map_err(failed)?;
        let table = match store.pools() {
            Pools::Sqlite { .. } => SQLITE,
            Pools::Postgres(_) => POSTGRES,
        };
        let mut tx = store.write().await.map_err(failed)?;
        execute!(&mut tx, table).map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(Self { store, keys })
    }

    /// Takes one delivery of a provider whose report key has this public half.
    ///
    /// # Errors
    /// [`Failure`] when a report does not open or the database refuses.
    pub(crate) async fn take(
        &self,
        items: Vec<DeliverItem>,
        public: [u8; 32],
    ) -> Result<(), Failure> {
        let rows = self.open_all(items, public).await?;
        let failed = |e: DbError| Failure::of("the bare insertion", e);
        let mut tx = self.store.write().await.map_err(failed)?;
        insert(&mut tx, &rows).await.map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    /// Opens every report, on all cores.
    async fn open_all(
        &self,
        items: Vec<DeliverItem>,
        public: [u8; 32],
    ) -> Result<Vec<Row>, Failure> {
        let items = Arc::new(items);
        let tasks: Vec<_> = (0..items.len().div_ceil(SLICE))
            .map(|slice| {
                let (keys, items) = (Arc::clone(&self.keys), Arc::clone(&items));
                tokio::task::spawn_blocking(move || {
                    let end = items.len().min((slice + 1) * SLICE);
                    let all = items[slice * SLICE..end].iter();
                    all.map(|item| open(&keys, &public, item))
                        .collect::<Option<Vec<_>>>()
                })
            })
            .collect();
        let mut rows = Vec::with_capacity(items.len());
        for task in tasks {
            let opened = task.await.map_err(|_| Failure::new("a task ended early"))?;
            rows.extend(opened.ok_or_else(|| Failure::new("a report does not open"))?);
        }
        Ok(rows)
    }

    /// Closes the database.
    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}

fn open(keys: &AnalyticsKeys, public: &[u8; 32], item: &DeliverItem) -> Option<Row> {
    let pair = ElGamal::from_bytes(item.elgamal.0);
    let element = statistics::decrypt(&keys.elgamal, &pair).ok()?;
    let head = element.as_bytes().first_chunk()?;
    Some(Row {
        person: i64::from_le_bytes(*head),
        report: Report::open(&keys.hpke, &item.provider, public, &item.body.0).ok()?,
    })
}

async fn insert(tx: &mut Tx, rows: &[Row]) -> Result<(), DbError> {
    on!(tx, |t| {
        let mut query = QueryBuilder::new(INSERT);
        query.push_values(rows, |mut values, row| {
            let day = i64::from(row.report.day.number());
            values
                .push_bind(row.person)
                .push_bind(row.report.id.as_bytes().to_vec())
                .push_bind(day)
                .push_bind(day)
                .push_bind(1_i64)
                .push_bind(2_i64)
                .push_bind(None::<String>)
                .push_bind(None::<i64>)
                .push_bind(1_i64)
                .push_bind(0_i64)
                .push_bind(None::<i64>);
        });
        query.build().execute(&mut **t).await.map(drop)
    })
}

//! Laying reports into the outbox: what arrives while one transaction is on its way to the disk shares the next one.
//!
//! In a service that is when the moment of reports comes (`pen.rs`). A commit waits for the disk, and the database takes one writer at a time; one commit for each report would let the disk
//! decide how many terminals a city can have. Nobody is answered before the commit that holds their reports: the state in
//! memory is a queue, never a buffer of accepted things. A caller who goes away changes nothing for the others, because
//! the transaction runs in a task of its own. When a transaction fails, everybody in it is told so and sends again; the
//! submission's id makes that harmless.

use std::collections::HashSet;
use std::sync::Arc;

use crypto::day::{Day, Quarter};
use crypto::rng::Random;
use sqlx::QueryBuilder;
use store::clock::Clock;
use store::{DbError, Store, Tx, on, retrying};

use super::outbox;
use crate::App;
use crate::memory::laying::{Prepared, Waits};
use crate::memory::together::Turn;
use crate::pen::{Pen, Phase};

/// Reports after which a transaction takes no further caller.
const FULL: usize = 1_000;
/// Rows of one statement; few lengths, so that the database keeps them prepared.
const ROWS: usize = 32;

/// Lays reports down; all of them are durable when this returns.
///
/// # Errors
/// Database errors: nothing of these reports is known to be stored then.
pub(crate) async fn lay(app: &App, reports: Vec<Prepared>) -> Result<(), DbError> {
    let begin = |turn| {
        let writer = Writer {
            store: app.store.clone(),
            rng: app.rng(),
            pen: Arc::clone(&app.pen),
            clock: Arc::clone(&app.clock),
        };
        drop(tokio::spawn(writer.run(turn)));
    };
    let done = app.laying.queue.ask(reports, begin).await;
    done.unwrap_or(Err(DbError::Unavailable))
}

/// Writes what waits.
struct Writer {
    store: Store,
    rng: Random,
    pen: Arc<Pen>,
    clock: Arc<dyn Clock>,
}

impl Writer {
    /// Writes until nothing waits.
    async fn run(self, mut turn: Turn<Waits>) {
        loop {
            let pen = self.pen.take(Phase::Reports).await;
            let mut count = 0;
            let fits = |waits: &Waits| {
                let room = count < FULL;
                count += waits.job.len();
                room
            };
            let jobs = turn.next(fits).await;
            if jobs.is_empty() {
                return;
            }
            let done = self.lay(&jobs).await;
            pen.put_down().await;
            for job in jobs {
                job.answer(done.clone());
            }
        }
    }

    async fn lay(&self, jobs: &[Waits]) -> Result<(), DbError> {
        let mut reports: Vec<&Prepared> = jobs.iter().flat_map(|waits| &waits.job).collect();
        // Whose they are is in no order either.
        reports.sort_unstable_by_key(|one| one.hash);
        retrying!(
            self.store,
            "lay reports down",
            &mut self.rng.clone(),
            |tx| self.write(tx, &reports).await
        )
    }

    /// The transaction's work.
    async fn write(&self, tx: &mut Tx, reports: &[&Prepared]) -> Result<(), DbError> {
        let received = outbox::arrive(tx, &*self.clock).await?;
        let quarter = Quarter::of(received).number();
        let mut fresh = HashSet::new();
        for chunk in reports.chunks(ROWS) {
            remember(tx, chunk, quarter, &mut fresh).await?;
        }
        let mut new: Vec<&Prepared> = reports
            .iter()
            .filter(|one| fresh.remove(&one.hash[..]))
            .copied()
            .collect();
        new.sort_unstable_by_key(|one| one.waiting.key);
        for chunk in new.chunks(ROWS) {
            add(tx, chunk, received).await?;
        }
        Ok(())
    }
}

/// Remembers submissions; `fresh` receives the hashes that were not known.
async fn remember(
    tx: &mut Tx,
    reports: &[&Prepared],
    quarter: i32,
    fresh: &mut HashSet<Vec<u8>>,
) -> Result<(), DbError> {
    let rows: Vec<(Vec<u8>,)> = on!(tx, |t| {
        let mut query = QueryBuilder::new("INSERT INTO submission (hash, quarter) ");
        query.push_values(reports, |mut row, one| {
            row.push_bind(one.hash.to_vec())
                .push_bind(i64::from(quarter));
        });
        query.push(" ON CONFLICT (hash) DO NOTHING RETURNING hash");
        query.build_query_as().fetch_all(&mut **t).await
    })?;
    fresh.extend(rows.into_iter().map(|(hash,)| hash));
    Ok(())
}

async fn add(tx: &mut Tx, reports: &[&Prepared], received: Day) -> Result<(), DbError> {
    on!(tx, |t| {
        let mut query = QueryBuilder::new("INSERT INTO outbox (item, sealed, received) ");
        query.push_values(reports, |mut row, one| {
            row.push_bind(one.waiting.key.to_vec())
                .push_bind(one.waiting.sealed.clone())
                .push_bind(i64::from(received.number()));
        });
        query.build().execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

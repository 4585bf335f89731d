//! The stamp of the envelopes: a random number in the database that every change of an envelope replaces, in the same
//! transaction, whichever process makes it. It is read once for everybody who asks at the same moment.
//!
//! A reading answers only those who asked before it began, so it is never older than the question; who asks while one is
//! under way gets the next.

use std::sync::Arc;

use crypto::rng::Random;
use store::{DbError, Store, Tx, execute, fetch_optional};
use tokio::sync::oneshot;

use crate::App;
use crate::memory::buckets::{Asker, Buckets, Change, Link};
use crate::memory::together::Turn;

const CHANGED: &str = "INSERT INTO setting (name, value) VALUES ('envelope_stamp', $1)
    ON CONFLICT (name) DO UPDATE SET value = $1";
const READ: &str = "SELECT value FROM setting WHERE name = 'envelope_stamp'";

/// Says inside a transaction, as the last thing before its commit, what it does to the envelopes. What it notes in
/// memory is harmless when the transaction comes to nothing: its stamp is then never read.
pub(crate) async fn changed(
    tx: &mut Tx,
    buckets: &Buckets,
    rng: &mut Random,
    changes: Vec<Change>,
) -> Result<(), DbError> {
    let before = read(tx).await?;
    let after = i64::from_le_bytes(crypto::rng::bytes(rng));
    execute!(tx, CHANGED, after)?;
    buckets.note(Link {
        before,
        after,
        changes,
    });
    Ok(())
}

/// The stamp as it is now. What is kept of buckets has caught up with it, or with a later one, when this returns.
///
/// # Errors
/// Database errors.
pub(crate) async fn now(app: &App) -> Result<i64, DbError> {
    let (asker, answer) = oneshot::channel();
    if let Some(turn) = app.askers.push(asker) {
        tokio::spawn(run(turn, app.store.clone(), Arc::clone(&app.buckets)));
    }
    answer.await.unwrap_or(Err(DbError::Unavailable))
}

/// Reads until nobody waits. One task at a time does so: readings come in their order.
async fn run(mut turn: Turn<Asker>, store: Store, buckets: Arc<Buckets>) {
    loop {
        let waiting = turn.next(|_| true).await;
        if waiting.is_empty() {
            return;
        }
        let stamp = stamp(&store).await;
        if let Ok(stamp) = stamp {
            buckets.catch_up(stamp);
        }
        for asker in waiting {
            // Who went away does not need the answer.
            let _ = asker.send(stamp.clone());
        }
    }
}

async fn stamp(store: &Store) -> Result<i64, DbError> {
    read(&mut store.read().await?).await
}

/// 0 before the first change.
async fn read(tx: &mut Tx) -> Result<i64, DbError> {
    let row = fetch_optional!(tx, (i64,), READ)?;
    Ok(row.map_or(0, |(value,)| value))
}

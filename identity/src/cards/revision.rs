//! The counter of envelope changes, read once for everybody who asks at the same moment.
//!
//! A reading answers only those who asked before it began, so it is never older than the question; who asks while one is
//! under way gets the next.

use store::{DbError, Store, Tx};
use tokio::sync::oneshot;

use crate::App;
use crate::memory::buckets::Asker;
use crate::memory::together::Turn;
use crate::sql::{execute, fetch_optional};

const CHANGED: &str = "INSERT INTO setting (name, value) VALUES ('envelope_revision', 1)
    ON CONFLICT (name) DO UPDATE SET value = setting.value + 1";
const READ: &str = "SELECT value FROM setting WHERE name = 'envelope_revision'";

/// Says inside a transaction that it changes an envelope.
pub(crate) async fn changed(tx: &mut Tx) -> Result<(), DbError> {
    execute!(tx, CHANGED).map(drop)
}

/// The counter as it is now.
///
/// # Errors
/// Database errors.
pub(crate) async fn now(app: &App) -> Result<i64, DbError> {
    let (asker, answer) = oneshot::channel();
    if let Some(turn) = app.revision.push(asker) {
        tokio::spawn(run(turn, app.store.clone()));
    }
    answer.await.unwrap_or(Err(DbError::Unavailable))
}

async fn run(mut turn: Turn<Asker>, store: Store) {
    loop {
        let waiting = turn.next(|_| true).await;
        if waiting.is_empty() {
            return;
        }
        let read = read(&store).await;
        for asker in waiting {
            // Who went away does not need the answer.
            let _ = asker.send(read.clone());
        }
    }
}

async fn read(store: &Store) -> Result<i64, DbError> {
    let mut tx = store.read().await?;
    let row = fetch_optional!(&mut tx, (i64,), READ)?;
    Ok(row.map_or(0, |(value,)| value))
}

//! A provider's roster: an append-only log of entries this room cannot read, with numbers as cursors.
//!
//! Numbers run from 1 without gaps in each log. An entry is known by its id, so sending it twice acknowledges it twice
//! and stores it once. What all callers append since the last moment is written in one transaction (`pen.rs`), in the
//! order of tags that say nothing (`places.rs`).

use std::collections::HashMap;
use std::sync::Arc;

use crypto::id::{EntryId, ProviderId};
use crypto::rng::Random;
use store::{DbError, Store, Tx, retrying};
use wire::{
    LoggedEntry, MOST_ENTRIES, MOST_ENTRY_BYTES, NewEntry, RosterAck, RosterAppended, RosterPage,
    RosterQuery,
};

use super::places::{Held, Places, Row};
use crate::access::session::Session;
use crate::guard::allowance;
use crate::memory::appending::{Job, Waiting};
use crate::memory::blocks::What;
use crate::memory::together::{Asked, Turn};
use crate::pen::{Pen, Phase};
use crate::{App, Refusal};

/// Entries after which a transaction takes no further caller.
const FULL: usize = 8_000;

/// Appends entries, in their order, as many as terminal, provider and programme may write today, and acknowledges each that
/// the log now holds with these bytes; the terminal keeps the others. One that is sent again counts again.
///
/// # Errors
/// [`Refusal::Malformed`] for none or too many, [`Refusal::BadValue`] for an empty or too large entry, the limits' when none may be written today, [`Refusal::Limit`] for a
/// terminal that has as many batches waiting as it may.
pub(crate) async fn append(
    app: &App,
    session: &Session,
    entries: &[NewEntry],
) -> Result<RosterAppended, Refusal> {
    let provider = session.provider()?;
    if entries.is_empty() || entries.len() > MOST_ENTRIES {
        return Err(Refusal::Malformed);
    }
    if entries
        .iter()
        .any(|entry| entry.sealed.is_empty() || entry.sealed.len() > MOST_ENTRY_BYTES)
    {
        return Err(Refusal::BadValue);
    }
    let covered = allowance::some(app, session, What::Entry, entries.len()).await?;
    let _place = app.crowd.enter(session.terminal, app.limits.waiting)?;
    let begin = |turn| {
        let writer = Writer {
            store: app.store.clone(),
            rng: app.rng(),
            places: Arc::clone(&app.places),
            pen: Arc::clone(&app.pen),
        };
        drop(tokio::spawn(writer.run(turn)));
    };
    let entries = entries[..covered].to_vec();
    let acks = app.appending.ask(Job { provider, entries }, begin).await;
    let acks = acks.unwrap_or(Err(DbError::Unavailable))?;
    Ok(RosterAppended { acks })
}

/// Writes what waits.
struct Writer {
    store: Store,
    rng: Random,
    places: Arc<Places>,
    pen: Arc<Pen>,
}

/// What one transaction appends.
#[derive(Default)]
struct Batch {
    /// The last number of each log.
    last: HashMap<ProviderId, u64>,
    /// Entries of this batch: their numbers and bytes.
    fresh: HashMap<(ProviderId, EntryId), (u64, Vec<u8>)>,
    rows: Vec<Row>,
}

impl Writer {
    /// Writes until nothing waits.
    async fn run(self, mut turn: Turn<Waiting>) {
        loop {
            let pen = self.pen.take(Phase::Rosters).await;
            let mut count = 0;
            let fits = |waiting: &Waiting| {
                let room = count < FULL;
                count += waiting.job.entries.len();
                room
            };
            let jobs = turn.next(fits).await;
            if jobs.is_empty() {
                return;
            }
            let done = retrying!(
                self.store,
                "append to rosters",
                &mut self.rng.clone(),
                |tx| self.write(tx, &jobs).await
            );
            pen.put_down().await;
            match done {
                Ok(answers) => {
                    for (job, acks) in jobs.into_iter().zip(answers) {
                        job.answer(Ok(acks));
                    }
                }
                Err(error) => {
                    for job in jobs {
                        job.answer(Err(error.clone()));
                    }
                }
            }
        }
    }

    async fn write(&self, tx: &mut Tx, jobs: &[Waiting]) -> Result<Vec<Vec<RosterAck>>, DbError> {
        let (mut batch, mut answers) = (Batch::default(), Vec::with_capacity(jobs.len()));
        for Asked { job, .. } in jobs {
            let mut acks = Vec::with_capacity(job.entries.len());
            for entry in &job.entries {
                if let Some(seq) = self.one(tx, job.provider, entry, &mut batch).await? {
                    acks.push(RosterAck { id: entry.id, seq });
                }
            }
            answers.push(acks);
        }
        batch.rows.sort_unstable_by_key(|row| *row.place());
        for row in &batch.rows {
            row.append(tx).await?;
        }
        Ok(answers)
    }

    /// The number of this entry; `None` when the log holds its id with other bytes.
    async fn one(
        &self,
        tx: &mut Tx,
        provider: ProviderId,
        entry: &NewEntry,
        batch: &mut Batch,
    ) -> Result<Option<u64>, DbError> {
        let (id, sealed) = (entry.id, &entry.sealed.0);
        if let Some((seq, known)) = batch.fresh.get(&(provider, id)) {
            return Ok((known == sealed).then_some(*seq));
        }
        if let Some(held) = self.places.find(tx, provider, &id).await? {
            return Ok((&held.sealed == sealed).then_some(held.seq));
        }
        let last = match batch.last.get(&provider) {
            Some(last) => *last,
            None => self.places.last(tx, provider).await?,
        };
        let seq = last + 1;
        let sealed = sealed.clone();
        batch.fresh.insert((provider, id), (seq, sealed.clone()));
        let held = Held { seq, id, sealed };
        let row = self.places.row(provider, &held, &mut self.rng.clone())?;
        batch.rows.push(row);
        batch.last.insert(provider, seq);
        Ok(Some(seq))
    }
}

/// A page of the log.
///
/// # Errors
/// [`Refusal::Malformed`] for a limit of 0 or beyond [`MOST_ENTRIES`].
pub(crate) async fn page(
    app: &App,
    provider: ProviderId,
    query: RosterQuery,
) -> Result<RosterPage, Refusal> {
    let most = u32::try_from(MOST_ENTRIES).unwrap_or(u32::MAX);
    let limit = query.limit.unwrap_or(most);
    if !(1..=most).contains(&limit) || i64::try_from(query.after).is_err() {
        return Err(Refusal::Malformed);
    }
    let mut tx = app.store.read().await?;
    let end = query.after.saturating_add(limit.into());
    let last = app.places.last(&mut tx, provider).await?.min(end);
    let seqs = query.after.saturating_add(1)..=last;
    let held = app.places.between(&mut tx, provider, seqs).await?;
    let entries: Vec<LoggedEntry> = held.into_iter().map(logged).collect();
    let next = entries.last().map_or(query.after, |entry| entry.seq);
    Ok(RosterPage { entries, next })
}

fn logged(held: Held) -> LoggedEntry {
    LoggedEntry {
        seq: held.seq,
        id: held.id,
        sealed: held.sealed.into(),
    }
}

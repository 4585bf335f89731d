//! Changes of envelopes: those of all callers since the last moment in one transaction, in random order (`pen.rs`).
//!
//! Deleting an envelope kills its card for ever: a keyed hash of its id stays as a row with nothing in it, so that nobody who
//! kept the old bytes (every terminal has them) can put them back; without the role's keys it says nothing. The token for
//! deletion lies in the card's own key, and only its hash is here. A change that is refused leaves nothing behind and
//! holds up no other; a transaction that fails tells everybody in it.

use std::sync::Arc;

use crypto::digest;
use crypto::id::{EnvelopeId, TerminalId};
use crypto::label;
use crypto::rng::Random;
use crypto::secret::Secret;
use rand::seq::SliceRandom as _;
use store::{DbError, Store, Tx, execute, fetch_optional, parsed, retrying};

use super::revision;
use crate::error::DAY_WAIT;
use crate::memory::buckets::{Buckets, Change};
use crate::memory::changes::{Done, Job, New, Old, Waiting, Wanted};
use crate::memory::together::{Asked, Turn};
use crate::pen::{Pen, Phase};
use crate::{App, Refusal};

const GET: &str = "SELECT sealed, delete_hash FROM envelope WHERE envelope = $1";
const PUT: &str = "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $3)";
const DELETE: &str = "DELETE FROM envelope WHERE envelope = $1";
const KILLED: &str = "SELECT 1 FROM envelope WHERE envelope = $1";
const KILL: &str = "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $2)
    ON CONFLICT (envelope) DO NOTHING";

/// Most changes of one transaction.
const FULL: usize = 512;

/// Makes a change of a terminal; it is on the disk when this returns `Ok`. `paid` says whether a new envelope is within the
/// limit.
///
/// # Errors
/// [`Refusal::Limit`] for a terminal that has as many waiting as it may, so that it holds up nobody else.
pub(super) async fn make(
    app: &App,
    terminal: TerminalId,
    wanted: Wanted,
    paid: bool,
) -> Result<Done, Refusal> {
    let _place = app.crowd.enter(terminal, app.limits.waiting)?;
    let begin = |turn| {
        let writer = Writer {
            store: app.store.clone(),
            rng: app.rng(),
            buckets: Arc::clone(&app.buckets),
            killed: digest::derive_secret(label::IDENTITY_KILLED_TAG, app.keys.sealing.expose()),
            pen: Arc::clone(&app.pen),
        };
        drop(tokio::spawn(writer.run(turn)));
    };
    let done = app.changes.ask(Job { wanted, paid }, begin).await;
    done.unwrap_or(Err(Refusal::Database(DbError::Unavailable)))
}

/// Writes what waits.
struct Writer {
    store: Store,
    rng: Random,
    buckets: Arc<Buckets>,
    /// Key of the tags of killed cards.
    killed: Secret<32>,
    pen: Arc<Pen>,
}

impl Writer {
    /// Writes until nothing waits.
    async fn run(self, mut turn: Turn<Waiting>) {
        loop {
            let pen = self.pen.take(Phase::Envelopes).await;
            let mut count = 0;
            let fits = |_: &Waiting| {
                count += 1;
                count <= FULL
            };
            let mut jobs = turn.next(fits).await;
            if jobs.is_empty() {
                return;
            }
            jobs.shuffle(&mut self.rng.clone());
            let done = retrying!(
                self.store,
                "change envelopes",
                &mut self.rng.clone(),
                |tx| self.write(tx, &jobs).await
            );
            pen.put_down().await;
            match done {
                Ok(answers) => {
                    for (job, answer) in jobs.into_iter().zip(answers) {
                        job.answer(answer);
                    }
                }
                Err(error) => {
                    for job in jobs {
                        job.answer(Err(Refusal::Database(error.clone())));
                    }
                }
            }
        }
    }

    async fn write(
        &self,
        tx: &mut Tx,
        jobs: &[Waiting],
    ) -> Result<Vec<Result<Done, Refusal>>, DbError> {
        let (mut answers, mut changes) = (Vec::with_capacity(jobs.len()), Vec::new());
        for Asked { job, .. } in jobs {
            answers.push(match self.one(tx, job, &mut changes).await {
                Err(Refusal::Database(error)) => return Err(error),
                other => other,
            });
        }
        if !changes.is_empty() {
            revision::changed(tx, &self.buckets, &mut self.rng.clone(), changes).await?;
        }
        Ok(answers)
    }

    /// Looks at everything first: what is refused has written nothing.
    async fn one(
        &self,
        tx: &mut Tx,
        job: &Job,
        changes: &mut Vec<Change>,
    ) -> Result<Done, Refusal> {
        let (old, new) = match &job.wanted {
            Wanted::Put(new) => (None, Some(new)),
            Wanted::Replace(old, new) => (Some(old), Some(new)),
            Wanted::Delete(old) => (Some(old), None),
        };
        let there = match new {
            Some(new) => there(tx, new).await?,
            None => There::Nothing,
        };
        if let Some(done) = self.done_before(tx, old, new.map(|_| there)).await? {
            return Ok(done);
        }
        if let Some(old) = old {
            may_die(tx, old).await?;
        }
        if let Some(new) = new {
            // Nothing may lie under the id of a new envelope, and no killed card may have had it.
            if there != There::Nothing || self.was_killed(tx, &new.id).await? {
                return Err(Refusal::Conflict);
            }
            let retry_after = DAY_WAIT;
            job.paid
                .then_some(())
                .ok_or(Refusal::Limit { retry_after })?;
        }
        if let Some(old) = old {
            self.kill(tx, &old.id).await?;
            changes.push(Change::Went(old.id));
        }
        let Some(new) = new else {
            return Ok(Done::Deleted);
        };
        lay(tx, new).await?;
        changes.push(Change::Came(new.id, new.sealed.clone()));
        Ok(Done::Created)
    }

    /// What there is to say when the same change was made before. `new`: what lies where the new envelope is to come.
    async fn done_before(
        &self,
        tx: &mut Tx,
        old: Option<&Old>,
        new: Option<There>,
    ) -> Result<Option<Done>, Refusal> {
        let gone = match old {
            Some(old) => self.was_killed(tx, &old.id).await?,
            None => false,
        };
        match new {
            None => Ok(gone.then_some(Done::Gone)),
            Some(There::Same) if gone || old.is_none() => Ok(Some(Done::Same)),
            Some(_) if gone => Err(Refusal::Conflict),
            Some(_) => Ok(None),
        }
    }

    /// What stays of the envelope of a killed card: 16 bytes.
    fn killed_tag(&self, id: &EnvelopeId) -> [u8; 16] {
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest::keyed(self.killed.expose(), id.as_bytes())[..16]);
        tag
    }

    async fn was_killed(&self, tx: &mut Tx, id: &EnvelopeId) -> Result<bool, DbError> {
        let tag = self.killed_tag(id);
        Ok(fetch_optional!(tx, (i32,), KILLED, &tag[..])?.is_some())
    }

    /// Takes an envelope out, and leaves the tag that keeps it out.
    async fn kill(&self, tx: &mut Tx, id: &EnvelopeId) -> Result<(), DbError> {
        let tag = self.killed_tag(id);
        execute!(tx, DELETE, &id.as_bytes()[..])?;
        execute!(tx, KILL, &tag[..], &[][..] as &[u8])?;
        Ok(())
    }
}

/// Content and hash of the deletion token.
async fn find(tx: &mut Tx, id: &EnvelopeId) -> Result<Option<(Vec<u8>, Vec<u8>)>, DbError> {
    fetch_optional!(tx, (Vec<u8>, Vec<u8>), GET, &id.as_bytes()[..])
}

/// What lies where an envelope is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Nothing,
    /// These very bytes.
    Same,
    Other,
}

async fn there(tx: &mut Tx, new: &New) -> Result<There, DbError> {
    Ok(match find(tx, &new.id).await? {
        None => There::Nothing,
        Some((sealed, hash)) if sealed == new.sealed[..] && hash == new.delete_hash => There::Same,
        Some(_) => There::Other,
    })
}

/// Whether the token shown is that of the envelope; an unknown envelope has none.
async fn may_die(tx: &mut Tx, old: &Old) -> Result<(), Refusal> {
    // The tag of a killed card is no envelope.
    let row = find(tx, &old.id)
        .await?
        .filter(|(sealed, _)| !sealed.is_empty());
    // Compared in constant time, against a stand-in when there is no such envelope.
    let stored = match &row {
        Some((_, stored)) => parsed(stored).map_err(|_: DbError| Refusal::Internal)?,
        None => Secret::new([0; 32]),
    };
    if row.is_none() || stored != old.shown {
        return Err(Refusal::NotFound);
    }
    Ok(())
}

async fn lay(tx: &mut Tx, new: &New) -> Result<(), DbError> {
    let (id, sealed, hash) = (
        &new.id.as_bytes()[..],
        &new.sealed[..],
        &new.delete_hash[..],
    );
    execute!(tx, PUT, id, sealed, hash)?;
    Ok(())
}

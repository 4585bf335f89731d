//! Envelopes: sealed identity secrets, fetched by bucket so that the service does not see which one is meant.
//!
//! Terminals keep all of them, by the 256 buckets of [`Prefix::SYNC_BITS`] bits. In a programme too large for that a
//! bucket that is fetched holds at least `envelope_min_bucket` envelopes on average: prefixes have
//! max(8, floor(log2(N / smallest))) bits. A longer prefix would say more than that, and is answered with nothing.
//! Deleting an envelope kills its card for
//! ever: a keyed hash of its id stays as a row with nothing in it, so that nobody who kept the old bytes (every terminal has
//! them) can put them back; without the role's keys it says nothing. The token for deletion lies in the card's own key, and only its hash is here.

use crypto::b64::Fixed;
use crypto::digest;
use crypto::envelope::{self, SEALED_BYTES};
use crypto::id::EnvelopeId;
use crypto::label;
use crypto::secret::Secret;
use store::{DbError, Tx, execute, fetch_all, fetch_one, fetch_optional, parsed, retrying};
use wire::{Bucket, Prefix, PutEnvelope, ReplaceEnvelope};

use super::{evaluate, revision};
use crate::access::session::Session;
use crate::guard::allowance::{self, What};
use crate::memory::buckets::Change;
use crate::{App, Refusal};

const COUNT: &str = "SELECT COUNT(*) FROM envelope WHERE length(sealed) > 0";
const BUCKET: &str = "SELECT envelope, sealed FROM envelope WHERE envelope >= $1 AND envelope <= $2 AND length(sealed) > 0 ORDER BY envelope";
const GET: &str = "SELECT sealed, delete_hash FROM envelope WHERE envelope = $1";
const PUT: &str = "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $3)";
const DELETE: &str = "DELETE FROM envelope WHERE envelope = $1";
const KILLED: &str = "SELECT 1 FROM envelope WHERE envelope = $1";
const KILL: &str = "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $2)
    ON CONFLICT (envelope) DO NOTHING";

/// Bits of a prefix for `count` envelopes.
fn allowed_bits(count: i64, smallest: u32) -> u8 {
    let buckets = u64::try_from(count).unwrap_or(0) / u64::from(smallest.max(1));
    let bits = buckets
        .checked_ilog2()
        .and_then(|bits| u8::try_from(bits).ok())
        .unwrap_or(0);
    bits.clamp(Prefix::SYNC_BITS, Prefix::MOST_BITS)
}

/// Whether a bucket of this length is answered when `bits` are allowed: it is one that terminals keep, or its prefix is as
/// long as is allowed, or one bit shorter, for a terminal that has not followed yet.
pub(crate) fn answered(prefix: Prefix, bits: u8) -> bool {
    let asked = prefix.bits();
    asked == Prefix::SYNC_BITS || asked == bits || (asked > Prefix::SYNC_BITS && asked + 1 == bits)
}

pub(crate) async fn bits_now(app: &App) -> Result<u8, DbError> {
    let today = app.clock.today();
    let count = match app.envelopes.get(today) {
        Some(count) => count,
        None => {
            let mut tx = app.store.read().await?;
            let (count,) = fetch_one!(&mut tx, (i64,), COUNT)?;
            app.envelopes.set(today, count);
            count
        }
    };
    Ok(allowed_bits(count, app.limits.envelope_min_bucket))
}

/// The bucket of a prefix, as it is in the database.
///
/// # Errors
/// Database errors.
pub(crate) async fn bucket(app: &App, prefix: Prefix) -> Result<Bucket, Refusal> {
    let mut bucket = Bucket::default();
    for (id, sealed) in between(app, prefix.range()).await? {
        bucket.insert(&id, &sealed);
    }
    Ok(bucket)
}

/// Every bucket that terminals keep, in order, as they are in the database.
///
/// # Errors
/// Database errors.
pub(crate) async fn all_buckets(app: &App) -> Result<Vec<Bucket>, Refusal> {
    let mut buckets = vec![Bucket::default(); Prefix::SYNC_BUCKETS];
    let everything = (
        EnvelopeId::from_bytes([0; 16]),
        EnvelopeId::from_bytes([0xff; 16]),
    );
    for (id, sealed) in between(app, everything).await? {
        buckets[usize::from(id.as_bytes()[0])].insert(&id, &sealed);
    }
    Ok(buckets)
}

async fn between(
    app: &App,
    (first, last): (EnvelopeId, EnvelopeId),
) -> Result<Vec<(EnvelopeId, [u8; SEALED_BYTES])>, DbError> {
    let mut tx = app.store.read().await?;
    let (first, last) = (&first.as_bytes()[..], &last.as_bytes()[..]);
    let rows = fetch_all!(&mut tx, (Vec<u8>, Vec<u8>), BUCKET, first, last)?;
    rows.iter()
        .map(|(id, sealed)| Ok((parsed(id)?, parsed(sealed)?)))
        .collect()
}

/// What stays of the envelope of a killed card: 16 bytes.
fn killed_tag(app: &App, id: &EnvelopeId) -> [u8; 16] {
    let key = digest::derive_secret(label::IDENTITY_KILLED_TAG, app.keys.sealing.expose());
    let mut tag = [0; 16];
    tag.copy_from_slice(&digest::keyed(key.expose(), id.as_bytes())[..16]);
    tag
}

/// What putting an envelope did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is new; counted as an activation of this terminal.
    Created,
    /// The same bytes were there already.
    Same,
}

/// Puts an envelope; the same bytes again change nothing.
///
/// # Errors
/// [`Refusal::BadValue`] for a wrong length, [`Refusal::Conflict`] for other bytes under a known id and for an id whose
/// envelope was deleted, [`Refusal::Limit`].
pub(crate) async fn put(
    app: &App,
    session: &Session,
    id: EnvelopeId,
    request: &PutEnvelope,
) -> Result<Put, Refusal> {
    session.provider()?;
    let sealed = sealed(request)?;
    let day = app.clock.today();
    let done = retrying!(app.store, "put envelope", &mut app.rng(), |tx| {
        let done = lay(tx, app, id, request).await?;
        if done == Put::Created {
            let limit = app.limits.activations_per_day;
            allowance::one(tx, day, session.terminal, What::Activation, limit).await?;
            revision::changed(tx, app, vec![Change::Came(id, sealed.clone())]).await?;
        }
        Ok::<_, Refusal>(done)
    })?;
    if done == Put::Created {
        app.envelopes.change(1);
        evaluate::earned(app, session, 1);
    }
    Ok(done)
}

/// The content, of the one length that there is.
fn sealed(request: &PutEnvelope) -> Result<Box<[u8; SEALED_BYTES]>, Refusal> {
    let sealed = <[u8; SEALED_BYTES]>::try_from(&request.sealed[..]);
    sealed.map(Box::new).map_err(|_| Refusal::BadValue)
}

/// Lays an envelope into the database, unless it lies there.
async fn lay(
    tx: &mut Tx,
    app: &App,
    id: EnvelopeId,
    request: &PutEnvelope,
) -> Result<Put, Refusal> {
    let key = &id.as_bytes()[..];
    if let Some((sealed, hash)) = fetch_optional!(tx, (Vec<u8>, Vec<u8>), GET, key)? {
        let same = sealed == request.sealed.0 && hash == request.delete_hash.0;
        return same.then_some(Put::Same).ok_or(Refusal::Conflict);
    }
    if was_killed(tx, app, &id).await? {
        return Err(Refusal::Conflict);
    }
    execute!(
        tx,
        PUT,
        key,
        &request.sealed.0[..],
        &request.delete_hash.0[..]
    )?;
    Ok(Put::Created)
}

async fn was_killed(tx: &mut Tx, app: &App, id: &EnvelopeId) -> Result<bool, DbError> {
    let tag = killed_tag(app, id);
    Ok(fetch_optional!(tx, (i32,), KILLED, &tag[..])?.is_some())
}

/// Deletes one envelope and puts another: both, or none. Of two at once one is done and the other refused; the one that
/// was done may be asked for again.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown old id and for a wrong token alike. [`Refusal::Conflict`] when the old one is
/// deleted already and this new one is not there, and as [`put`]; [`Refusal::BadValue`], [`Refusal::Limit`].
pub(crate) async fn replace(
    app: &App,
    session: &Session,
    request: &ReplaceEnvelope,
) -> Result<Put, Refusal> {
    session.provider()?;
    let (old, new, sealed) = (request.old, request.new, sealed(&request.put)?);
    if old == new {
        return Err(Refusal::Conflict);
    }
    let day = app.clock.today();
    let done = retrying!(app.store, "replace envelope", &mut app.rng(), |tx| {
        if was_killed(tx, app, &old).await? {
            let there = fetch_optional!(tx, (Vec<u8>, Vec<u8>), GET, &new.as_bytes()[..])?;
            let (content, hash) = there.ok_or(Refusal::Conflict)?;
            let same = content == request.put.sealed.0 && hash == request.put.delete_hash.0;
            return same.then_some(Put::Same).ok_or(Refusal::Conflict);
        }
        kill(tx, app, &old, &request.delete_token).await?;
        if lay(tx, app, new, &request.put).await? != Put::Created {
            return Err(Refusal::Conflict);
        }
        let limit = app.limits.activations_per_day;
        allowance::one(tx, day, session.terminal, What::Activation, limit).await?;
        let changes = vec![Change::Went(old), Change::Came(new, sealed.clone())];
        revision::changed(tx, app, changes).await?;
        Ok(Put::Created)
    })?;
    if done == Put::Created {
        evaluate::earned(app, session, 1);
    }
    // Also when it was done before: whoever asked then may have been told nothing.
    app.store.tidy().await?;
    Ok(done)
}

/// Deletes an envelope for ever.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown id and for a wrong token alike.
pub(crate) async fn delete(
    app: &App,
    session: &Session,
    id: EnvelopeId,
    token: &Fixed<32>,
) -> Result<(), Refusal> {
    session.provider()?;
    retrying!(app.store, "delete envelope", &mut app.rng(), |tx| {
        kill(tx, app, &id, token).await?;
        revision::changed(tx, app, vec![Change::Went(id)]).await?;
        Ok::<_, Refusal>(())
    })?;
    app.envelopes.change(-1);
    // A dead envelope must not stay readable in the write-ahead log.
    Ok(app.store.tidy().await?)
}

/// Takes an envelope out of the database for whoever has its token, and leaves the tag that keeps it out.
async fn kill(tx: &mut Tx, app: &App, id: &EnvelopeId, token: &Fixed<32>) -> Result<(), Refusal> {
    let hash = Secret::new(envelope::delete_token_hash(&token.0));
    let key = &id.as_bytes()[..];
    let row = fetch_optional!(tx, (Vec<u8>, Vec<u8>), GET, key)?;
    // Compared in constant time, against a stand-in when there is no such envelope.
    let stored = match &row {
        Some((_, stored)) => parsed(stored)?,
        None => Secret::new([0; 32]),
    };
    if row.is_none() || stored != hash {
        return Err(Refusal::NotFound);
    }
    let tag = killed_tag(app, id);
    execute!(tx, DELETE, key)?;
    execute!(tx, KILL, &tag[..], &[][..] as &[u8])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_never_holds_fewer_than_the_smallest_on_average() {
        for (count, bits) in [
            (0, 8),
            (65_536, 8),
            (131_071, 8),
            (131_072, 9),
            (262_143, 9),
            (262_144, 10),
            (i64::MAX, 12),
        ] {
            assert_eq!(allowed_bits(count, 256), bits, "{count}");
        }
        for count in [65_536_i64, 100_000, 131_072, 999_999, 40_000_000] {
            assert!(count >> allowed_bits(count, 256) >= 256, "{count}");
        }
    }

    #[test]
    fn only_the_lengths_of_now_are_answered() {
        let id = EnvelopeId::from_bytes([0xa5; 16]);
        let lengths = |allowed| {
            let all = 0..=Prefix::MOST_BITS;
            all.filter(|bits| answered(Prefix::of(&id, *bits), allowed))
                .collect::<Vec<u8>>()
        };
        assert_eq!(lengths(8), [8]);
        assert_eq!(lengths(9), [8, 9]);
        assert_eq!(lengths(12), [8, 11, 12]);
    }
}

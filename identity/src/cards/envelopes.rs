//! Envelopes: sealed identity secrets, fetched by bucket so that the service does not see which one is meant.
//!
//! A bucket holds at least `envelope_min_bucket` envelopes on average: prefixes have max(0, floor(log2(N / smallest)))
//! bits. A longer prefix would say more than that, and is answered with nothing. Deleting an envelope kills its card for
//! ever: a keyed hash of its id stays as a row with nothing in it, so that nobody who kept the old bytes (every bucket hands
//! them out) can put them back; without the role's keys it says nothing. The token for deletion lies in the card's own key, and only its hash is here.

use crypto::b64::Fixed;
use crypto::digest;
use crypto::envelope::{self, SEALED_BYTES};
use crypto::id::EnvelopeId;
use crypto::label;
use store::{DbError, execute, fetch_all, fetch_one, fetch_optional, parsed, retrying};
use wire::{Bucket, Prefix, PutEnvelope, SealedEnvelope};

use super::revision;
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
    bits.min(Prefix::MOST_BITS)
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

/// The bucket of a prefix, if the prefix has the bits allowed now or one less; otherwise no envelope.
///
/// # Errors
/// Database errors.
pub(crate) async fn bucket(app: &App, prefix: Prefix) -> Result<Bucket, Refusal> {
    let bits = bits_now(app).await?;
    if prefix.bits() > bits || prefix.bits() + 1 < bits {
        return Ok(Bucket {
            bits,
            envelopes: Vec::new(),
        });
    }
    let (first, last) = prefix.range();
    let mut tx = app.store.read().await?;
    let (first, last) = (&first.as_bytes()[..], &last.as_bytes()[..]);
    let rows = fetch_all!(&mut tx, (Vec<u8>, Vec<u8>), BUCKET, first, last)?;
    let envelopes = rows
        .into_iter()
        .map(|(id, sealed)| {
            Ok(SealedEnvelope {
                id: parsed(&id)?,
                sealed: sealed.into(),
            })
        })
        .collect::<Result<_, DbError>>()?;
    Ok(Bucket { bits, envelopes })
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
    if request.sealed.len() != SEALED_BYTES {
        return Err(Refusal::BadValue);
    }
    let day = app.clock.today();
    let killed = killed_tag(app, &id);
    let done = retrying!(app.store, "put envelope", &mut app.rng(), |tx| {
        let key = &id.as_bytes()[..];
        if let Some((sealed, hash)) = fetch_optional!(tx, (Vec<u8>, Vec<u8>), GET, key)? {
            let same = sealed == request.sealed.0 && hash == request.delete_hash.0;
            return same.then_some(Put::Same).ok_or(Refusal::Conflict);
        }
        if fetch_optional!(tx, (i32,), KILLED, &killed[..])?.is_some() {
            return Err(Refusal::Conflict);
        }
        execute!(
            tx,
            PUT,
            key,
            &request.sealed.0[..],
            &request.delete_hash.0[..]
        )?;
        let limit = app.limits.activations_per_day;
        allowance::one(tx, day, session.terminal, What::Activation, limit).await?;
        let sealed = request.sealed.clone();
        revision::changed(tx, app, Change::Came(SealedEnvelope { id, sealed })).await?;
        Ok(Put::Created)
    })?;
    if done == Put::Created {
        app.envelopes.change(1);
    }
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
    let hash = crypto::secret::Secret::new(envelope::delete_token_hash(&token.0));
    let killed = killed_tag(app, &id);
    retrying!(app.store, "delete envelope", &mut app.rng(), |tx| {
        let key = &id.as_bytes()[..];
        let row = fetch_optional!(tx, (Vec<u8>, Vec<u8>), GET, key)?;
        // Compared in constant time, against a stand-in when there is no such envelope.
        let stored = match &row {
            Some((_, stored)) => parsed(stored)?,
            None => crypto::secret::Secret::new([0; 32]),
        };
        if row.is_none() || stored != hash {
            return Err(Refusal::NotFound);
        }
        execute!(tx, DELETE, key)?;
        execute!(tx, KILL, &killed[..], &[][..] as &[u8])?;
        revision::changed(tx, app, Change::Went(id)).await?;
        Ok(())
    })?;
    app.envelopes.change(-1);
    // A dead envelope must not stay readable in the write-ahead log.
    Ok(app.store.tidy().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_never_holds_fewer_than_the_smallest_on_average() {
        for (count, bits) in [
            (0, 0),
            (511, 0),
            (512, 1),
            (1_023, 1),
            (1_024, 2),
            (131_072, 9),
            (i64::MAX, 24),
        ] {
            assert_eq!(allowed_bits(count, 256), bits, "{count}");
        }
        for count in [1_i64, 300, 5_000, 40_000] {
            assert!(count >> allowed_bits(count, 256) >= 256.min(count));
        }
    }
}

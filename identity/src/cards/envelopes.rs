//! Envelopes: sealed identity secrets, fetched by bucket so that the service does not see which one is meant.
//!
//! Terminals keep all of them, by the 256 buckets of [`Prefix::SYNC_BITS`] bits. In a programme too large for that a
//! bucket that is fetched holds at least `envelope_min_bucket` envelopes on average: prefixes have
//! max(8, floor(log2(N / smallest))) bits. A longer prefix would say more than that, and is answered with nothing.
//! What puts and deletes them in the database is `changes.rs`.

use crypto::envelope::SEALED_BYTES;
use crypto::id::EnvelopeId;
use crypto::json::Hidden;
use store::{DbError, fetch_all, fetch_one, parsed};
use wire::{Bucket, Prefix, PutEnvelope, ReplaceEnvelope};

use super::changes;
use super::evaluate;
use crate::access::session::Session;
use crate::guard::allowance;
use crate::memory::blocks::What;
use crate::memory::changes::{Done, New, Old, Wanted};
use crate::{App, Refusal};

const COUNT: &str = "SELECT COUNT(*) FROM envelope WHERE length(sealed) > 0";
const BUCKET: &str = "SELECT envelope, sealed FROM envelope WHERE envelope >= $1 AND envelope <= $2 AND length(sealed) > 0 ORDER BY envelope";

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
) -> Result<Done, Refusal> {
    session.provider()?;
    let done = activate(app, session, Wanted::Put(envelope(id, request)?)).await?;
    if done == Done::Created {
        app.envelopes.change(1);
    }
    Ok(done)
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
) -> Result<Done, Refusal> {
    session.provider()?;
    let old = Old::new(request.old, &request.delete_token);
    let new = envelope(request.new, &request.put)?;
    if request.old == request.new {
        return Err(Refusal::Conflict);
    }
    let done = activate(app, session, Wanted::Replace(old, new)).await?;
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
    token: &Hidden<32>,
) -> Result<(), Refusal> {
    session.provider()?;
    let wanted = Wanted::Delete(Old::new(id, token));
    let done = changes::make(app, session.terminal, wanted, false).await?;
    if done == Done::Deleted {
        app.envelopes.change(-1);
    }
    // A dead envelope must not stay readable in the write-ahead log; nor one that died before, whose caller may have been
    // told that it does.
    app.store.tidy().await?;
    (done == Done::Deleted)
        .then_some(())
        .ok_or(Refusal::NotFound)
}

/// The content, of the one length that there is.
fn envelope(id: EnvelopeId, request: &PutEnvelope) -> Result<New, Refusal> {
    let sealed = <[u8; SEALED_BYTES]>::try_from(&request.sealed[..]);
    Ok(New {
        id,
        sealed: sealed.map(Box::new).map_err(|_| Refusal::BadValue)?,
        delete_hash: request.delete_hash.0,
    })
}

/// Makes a change that counts as an activation of the terminal, if it does anything.
async fn activate(app: &App, session: &Session, wanted: Wanted) -> Result<Done, Refusal> {
    let what = What::Activation;
    let paid = allowance::take(app, session, what, 1).await;
    // What was done before may be asked for again, whatever limit was reached.
    if let Err(Refusal::Database(error)) = paid {
        return Err(error.into());
    }
    let done = changes::make(app, session.terminal, wanted, paid.is_ok()).await;
    match &done {
        Ok(Done::Created) => evaluate::earned(app, session, 1),
        // A database that failed may have done it all the same.
        Err(Refusal::Database(_)) => (),
        Err(Refusal::Limit { .. }) if paid.is_err() => return paid.and(done),
        _ => {
            if let Ok(day) = paid {
                allowance::put_back(app, session, what, day, 1);
            }
        }
    }
    done
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

//! Buckets and their digests as they are answered, kept, and changed when an envelope comes or goes in them.
//!
//! A terminal keeps every envelope and asks for the digests of all buckets, then for the buckets that changed; in a
//! programme too large for that it asks for the card's bucket among others. Reading the database for each of them would
//! cost more than the evaluations, so buckets and digests are kept (`memory/buckets.rs`). The
//! database's stamp of the envelopes is read before every answer, and what was changed since by whichever process is made
//! true first, so a deleted envelope is gone from every answer at once.

use std::sync::Arc;

use crypto::b64::B64;
use wire::{Bucket, EnvelopeDigests, FetchBuckets, Fetched, MOST_BUCKETS, Prefix};

use super::{envelopes, revision};
use crate::{App, Refusal};

/// Buckets that are read one by one; when more are missing, all envelopes are read at once.
const FEW: usize = 16;

/// The digests of all buckets that a terminal keeps.
///
/// # Errors
/// Database errors.
pub(crate) async fn digests(app: &Arc<App>) -> Result<EnvelopeDigests, Refusal> {
    // The stamp is read before the envelopes: what is kept under it is never older than it says.
    let stamp = revision::now(app).await?;
    let mut digests = app.buckets.digests();
    let numbers = 0..=u8::MAX;
    let missing: Vec<u8> = numbers.filter(|it| !digests.contains_key(it)).collect();
    if missing.len() > FEW {
        for (number, bucket) in (0..=u8::MAX).zip(envelopes::all_buckets(app).await?) {
            let digest = bucket.digest(number);
            app.buckets
                .put(stamp, Prefix::sync(number), Arc::new(bucket));
            app.buckets.put_digest(stamp, number, digest);
            digests.insert(number, digest);
        }
    } else {
        for number in missing {
            let digest = kept(app, stamp, Prefix::sync(number)).await?.digest(number);
            app.buckets.put_digest(stamp, number, digest);
            digests.insert(number, digest);
        }
    }
    let in_order = (0..=u8::MAX).filter_map(|number| digests.get(&number));
    Ok(EnvelopeDigests {
        digests: B64(in_order.flatten().copied().collect()),
    })
}

/// The bytes of several buckets, see [`Fetched`].
///
/// # Errors
/// [`Refusal::Malformed`] for none or too many; database errors.
pub(crate) async fn fetch(app: &Arc<App>, asked: &FetchBuckets) -> Result<Vec<u8>, Refusal> {
    if !(1..=MOST_BUCKETS).contains(&asked.prefixes.len()) {
        return Err(Refusal::Malformed);
    }
    let stamp = revision::now(app).await?;
    let bits = envelopes::bits_now(app).await?;
    let mut buckets = Vec::with_capacity(asked.prefixes.len());
    for prefix in &asked.prefixes {
        buckets.push(if envelopes::answered(*prefix, bits) {
            kept(app, stamp, *prefix).await?
        } else {
            Arc::default()
        });
    }
    Ok(Fetched::write(bits, buckets.iter().map(Arc::as_ref)))
}

/// A bucket, from memory if it is there.
async fn kept(app: &App, stamp: i64, prefix: Prefix) -> Result<Arc<Bucket>, Refusal> {
    if let Some(bucket) = app.buckets.get(prefix) {
        return Ok(bucket);
    }
    let bucket = Arc::new(envelopes::bucket(app, prefix).await?);
    app.buckets.put(stamp, prefix, Arc::clone(&bucket));
    Ok(bucket)
}

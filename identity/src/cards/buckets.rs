//! Buckets as they are answered, kept, and changed when an envelope comes or goes in them.
//!
//! A presentation fetches a whole bucket, some hundreds of envelopes, to hide one. Reading and writing them out again for
//! every presentation would cost more than the evaluations, so the answer's bytes are kept (`memory/buckets.rs`). The
//! database's stamp of the envelopes is read before every answer, and what was changed since by whichever process is made
//! true first, so a deleted envelope is gone from every answer at once.

use std::sync::Arc;

use axum::body::Bytes;
use wire::Prefix;

use super::{envelopes, revision};
use crate::{App, Refusal};

/// The JSON of [`envelopes::bucket`].
///
/// # Errors
/// Database errors; [`Refusal::Internal`] if it cannot be written.
pub(crate) async fn answer(app: &Arc<App>, prefix: Prefix) -> Result<Bytes, Refusal> {
    // The stamp is read before the envelopes: what is kept under it is never older than it says.
    let stamp = revision::now(app).await?;
    let bits = envelopes::bits_now(app).await?;
    if let Some(answer) = app.buckets.get(prefix, bits) {
        return Ok(answer);
    }
    let bucket = envelopes::bucket(app, prefix).await?;
    let answer = Bytes::from(serde_json::to_vec(&bucket).map_err(|_| Refusal::Internal)?);
    // Strangers' prefixes are answered with nothing; those are not worth keeping.
    if !bucket.envelopes.is_empty() && bucket.bits == bits {
        app.buckets.put(stamp, prefix, bits, answer.clone());
    }
    Ok(answer)
}

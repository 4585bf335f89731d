//! Buckets as they are answered, kept until an envelope comes or goes.
//!
//! A presentation fetches a whole bucket, some hundreds of envelopes, to hide one. Reading and writing them out again for
//! every presentation would cost more than the evaluations, so the answer's bytes are kept. The database holds a counter
//! that grows, in the same transaction, whenever an envelope is put or deleted, by whichever process; an answer made at
//! an earlier count is not given, so a deleted envelope is gone from every answer at once.
//!
//! Limits: at most [`MOST`] answers of the newest count are kept (some 15 MB); any change drops them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{App, Refusal, envelopes, revision};
use axum::body::Bytes;
use wire::Prefix;

/// Answers kept.
const MOST: usize = 512;

/// Answers of one revision.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    revision: i64,
    answers: HashMap<(String, u8), Bytes>,
}

impl Buckets {
    fn get(&self, revision: i64, key: &(String, u8)) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.revision == revision)
            .then(|| kept.answers.get(key).cloned())
            .flatten()
    }

    fn put(&self, revision: i64, key: (String, u8), answer: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.revision > revision {
            return;
        }
        if kept.revision < revision || kept.answers.len() >= MOST {
            kept.answers.clear();
            kept.revision = revision;
        }
        kept.answers.insert(key, answer);
    }
}

/// The JSON of [`envelopes::bucket`].
///
/// # Errors
/// Database errors; [`Refusal::Internal`] if it cannot be written.
pub(crate) async fn answer(app: &Arc<App>, prefix: Prefix) -> Result<Bytes, Refusal> {
    // The revision is read before the envelopes: what is kept under it is never older than it says.
    let revision = revision::now(app).await?;
    let key = (prefix.to_string(), envelopes::bits_now(app).await?);
    if let Some(answer) = app.buckets.get(revision, &key) {
        return Ok(answer);
    }
    let bucket = envelopes::bucket(app, prefix).await?;
    let answer = Bytes::from(serde_json::to_vec(&bucket).map_err(|_| Refusal::Internal)?);
    // Strangers' prefixes are answered with nothing; those are not worth keeping.
    if !bucket.envelopes.is_empty() && bucket.bits == key.1 {
        app.buckets.put(revision, key, answer.clone());
    }
    Ok(answer)
}

//! Buckets as they were answered, of one revision.
//!
//! Limits: at most [`MOST`] answers of the newest count are kept (some 15 MB); any change drops them all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use store::DbError;
use tokio::sync::oneshot;

/// Answers kept.
const MOST: usize = 512;

/// Somebody who waits for the next reading of the revision.
pub(crate) type Asker = oneshot::Sender<Result<i64, DbError>>;

/// Answers of one revision.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    revision: i64,
    answers: HashMap<(String, u8), Bytes>,
}

impl Buckets {
    pub(crate) fn get(&self, revision: i64, key: &(String, u8)) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.revision == revision)
            .then(|| kept.answers.get(key).cloned())
            .flatten()
    }

    pub(crate) fn put(&self, revision: i64, key: (String, u8), answer: Bytes) {
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

//! What each named transaction took, in memory.
//!
//! A name says what a transaction is for ("put envelope"), never for whom. The counts and times live as long as the store
//! and are written nowhere: no time finer than a day reaches a disk or a log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What the transactions of one name took since the store was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transactions {
    /// What they are for, in words of the house.
    pub name: &'static str,
    /// How many were run, those that failed or were broken off included; repetitions are not counted here.
    pub runs: u64,
    /// Repetitions that the database asked for.
    pub retries: u64,
    /// Time of all runs together, with waiting for the writer and with the pauses before repetitions.
    pub total: Duration,
    /// Time of the longest run.
    pub longest: Duration,
}

/// The counts of one store, by name.
#[derive(Default)]
pub(crate) struct Names(Mutex<BTreeMap<&'static str, Transactions>>);

impl Names {
    /// Counts one run.
    pub(crate) fn add(&self, name: &'static str, retries: u64, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = all.entry(name).or_insert(Transactions {
            name,
            runs: 0,
            retries: 0,
            total: Duration::ZERO,
            longest: Duration::ZERO,
        });
        one.runs += 1;
        one.retries += retries;
        one.total = one.total.saturating_add(took);
        one.longest = one.longest.max(took);
    }

    /// All of them, by name.
    pub(crate) fn all(&self) -> Vec<Transactions> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }
}

//! How long a name at a terminal must wait after wrong log-ins: times, and so in memory only.
//!
//! A map is locked from the look at the time to the count, so that of several tries at once each sees what the one before
//! it began. Names spread over many maps by their keyed tags, so that nobody waits long for somebody else's try.

use std::collections::HashMap;

use tokio::sync::{Mutex, MutexGuard};

use crate::Refusal;

/// Maps, a power of two.
const SHARDS: usize = 64;
/// Entries kept in a map; above that, those whose time is over go, and then all of them: the counts on disk still bound them.
const MOST: usize = 1_024;
/// Seconds of the first wait; each further one is twice as long.
const FIRST: i64 = 30;
/// Seconds of the longest wait.
const LONGEST: i64 = 3_600;

/// What is remembered of a name at a terminal.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wait {
    /// Log-ins begun since the last that succeeded, as far as this process knows.
    pub(crate) wrong: u32,
    /// Until when the next must wait, in seconds since 1970.
    until: i64,
}

type Map = HashMap<[u8; 32], Wait>;

/// Every wait of this process, by tag.
pub(crate) struct Waits(Vec<Mutex<Map>>);

impl Default for Waits {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

/// The turn of one try at a tag: nobody else tries there until it is dropped.
pub(crate) struct Turn<'a> {
    map: MutexGuard<'a, Map>,
    tag: [u8; 32],
}

impl Waits {
    async fn map(&self, tag: &[u8; 32]) -> MutexGuard<'_, Map> {
        self.0[usize::from(tag[0]) % SHARDS].lock().await
    }

    /// Takes the turn of a try.
    ///
    /// # Errors
    /// [`Refusal::Limit`] while the tag must wait.
    pub(crate) async fn turn(&self, tag: [u8; 32], now: i64) -> Result<Turn<'_>, Refusal> {
        let map = self.map(&tag).await;
        match map.get(&tag) {
            Some(wait) if wait.until > now => {
                let left = u32::try_from(wait.until - now).unwrap_or(u32::MAX);
                Err(Refusal::Limit { retry_after: left })
            }
            _ => Ok(Turn { map, tag }),
        }
    }

    /// Forgets what a tag had to wait for.
    pub(crate) async fn forget(&self, tag: &[u8; 32]) {
        self.map(tag).await.remove(tag);
    }
}

impl Turn<'_> {
    /// What was counted in memory.
    pub(crate) fn wrong(&self) -> u32 {
        self.map.get(&self.tag).map_or(0, |wait| wait.wrong)
    }

    /// Notes that this was the `wrong`-th try; from the `free`-th on the next must wait.
    pub(crate) fn note(mut self, wrong: u32, free: u32, now: i64) {
        if self.map.len() >= MOST {
            self.map.retain(|_, wait| wait.until > now);
        }
        if self.map.len() >= MOST {
            self.map.clear();
        }
        let until = now + pause(wrong, free);
        self.map.insert(self.tag, Wait { wrong, until });
    }
}

/// Seconds to wait after the `wrong`-th try.
fn pause(wrong: u32, free: u32) -> i64 {
    match wrong.checked_sub(free) {
        None => 0,
        Some(over) => LONGEST.min(FIRST << over.min(16)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn waits_double_from_the_fifth_on_and_end_at_an_hour() {
        let all: Vec<i64> = (1..=13).map(|wrong| pause(wrong, 5)).collect();
        let expected = [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600];
        assert_eq!(all, expected);
        assert_eq!(pause(u32::MAX, 5), LONGEST);
        // A hundred tries take days.
        let hundred: i64 = (1..100).map(|wrong| pause(wrong, 5)).sum();
        assert!(hundred > 3 * 86_400, "{hundred}");
    }

    #[tokio::test]
    async fn a_tag_waits_alone_and_memory_is_bounded() {
        let waits = Waits::default();
        waits.turn([1; 32], 10).await.unwrap().note(5, 5, 10);
        let refused = waits.turn([1; 32], 39).await.map(drop);
        assert_eq!(refused, Err(Refusal::Limit { retry_after: 1 }));
        assert_eq!(waits.turn([1; 32], 40).await.unwrap().wrong(), 5);
        // The same map, another tag.
        let mut other = [1; 32];
        for number in 0..4 * MOST as u64 {
            other[8..16].copy_from_slice(&number.to_be_bytes());
            waits.turn(other, 10).await.unwrap().note(5, 5, 10);
            assert!(waits.map(&other).await.len() <= MOST);
        }
        waits.forget(&other).await;
        assert!(waits.turn(other, 10).await.is_ok());
    }
}

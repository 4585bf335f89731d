#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Draining a queue through a link that fails in every way.

use super::*;
use crate::error::ProblemKind;
use crate::tests::run;
use crypto::b64::B64;
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;

#[derive(Clone, Copy, Debug)]
enum Fate {
    Works,
    LosesRequest,
    LosesAnswer,
    AnswersHalf,
    Repeats,
}

/// A server whose link follows a script, then works; it refuses some items.
struct Fake {
    script: Mutex<VecDeque<Fate>>,
    poison: BTreeSet<EntryId>,
    kept: Mutex<BTreeSet<EntryId>>,
}

impl Link<QueuedEntry> for Fake {
    async fn deliver(&self, items: &[QueuedEntry]) -> Result<Vec<EntryId>, Error> {
        let fate = self
            .script
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Fate::Works);
        if let Fate::LosesRequest = fate {
            return Err(Error::Network);
        }
        if items.iter().any(|item| self.poison.contains(&item.id)) {
            return Err(Error::Refused {
                status: 422,
                kind: ProblemKind::default(),
            });
        }
        let ids: Vec<EntryId> = items.iter().map(|item| item.id).collect();
        self.kept.lock().unwrap().extend(ids.iter().copied());
        match fate {
            Fate::LosesAnswer => Err(Error::Network),
            Fate::AnswersHalf => Ok(ids[..ids.len().div_ceil(2)].to_vec()),
            Fate::Repeats => Ok([ids.clone(), ids].concat()),
            _ => Ok(ids),
        }
    }
}

fn id(n: u16) -> EntryId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    EntryId::from_bytes(bytes)
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Works),
        Just(Fate::LosesRequest),
        Just(Fate::LosesAnswer),
        Just(Fate::AnswersHalf),
        Just(Fate::Repeats),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn everything_good_arrives_and_only_the_bad_is_set_aside(
        count in 0u16..350,
        poison in prop::collection::btree_set(0u16..350, 0..6),
        script in prop::collection::vec(fate(), 0..12),
    ) {
        let fake = Fake {
            script: Mutex::new(script.into()),
            poison: poison.iter().map(|n| id(*n)).collect(),
            kept: Mutex::default(),
        };
        let mut queue = Queue::default();
        (0..count).for_each(|n| queue.push(QueuedEntry { id: id(n), sealed: B64(vec![1]) }));
        let mut aside = 0;
        // Twelve failures at most; each call either fails once or finishes.
        for _ in 0..13 {
            if let Ok((_, more)) = run(drain(&mut queue, &fake)) {
                aside += more;
                break;
            }
            aside = queue.refused();
        }
        let bad = poison.iter().filter(|n| **n < count).count();
        prop_assert!(queue.is_empty());
        prop_assert_eq!(queue.refused(), bad);
        prop_assert!(aside <= bad);
        let kept = fake.kept.lock().unwrap();
        prop_assert_eq!(kept.len(), usize::from(count) - bad);
        prop_assert!(kept.is_disjoint(&fake.poison));
    }
}

#[test]
fn what_is_never_acknowledged_is_set_aside_and_kept() {
    struct Deaf;
    impl Link<QueuedEntry> for Deaf {
        async fn deliver(&self, _: &[QueuedEntry]) -> Result<Vec<EntryId>, Error> {
            Ok(vec![id(999)])
        }
    }
    let mut queue = Queue::default();
    (0..3).for_each(|n| {
        queue.push(QueuedEntry {
            id: id(n),
            sealed: B64(vec![1]),
        });
    });
    assert!(matches!(run(drain(&mut queue, &Deaf)), Ok((0, 3))));
    assert_eq!((queue.len(), queue.refused()), (0, 3));
}

#[test]
fn an_ended_session_keeps_the_queue_as_it_is() {
    struct Ended;
    impl Link<QueuedEntry> for Ended {
        async fn deliver(&self, _: &[QueuedEntry]) -> Result<Vec<EntryId>, Error> {
            Err(Error::NotSignedIn)
        }
    }
    let mut queue = Queue::default();
    queue.push(QueuedEntry {
        id: id(1),
        sealed: B64(vec![1]),
    });
    assert!(matches!(
        run(drain(&mut queue, &Ended)),
        Err(Error::NotSignedIn)
    ));
    assert_eq!((queue.len(), queue.refused()), (1, 0));
}

/// Anybody in between can say 413, so it must leave nothing behind.
#[test]
fn what_is_too_large_stays_in_the_queue() {
    struct Narrow(usize);
    impl Link<QueuedEntry> for Narrow {
        async fn deliver(&self, items: &[QueuedEntry]) -> Result<Vec<EntryId>, Error> {
            if items.len() <= self.0 {
                return Ok(items.iter().map(|item| item.id).collect());
            }
            Err(Error::Refused {
                status: 413,
                kind: ProblemKind::default(),
            })
        }
    }
    let mut queue = Queue::default();
    (0..30).for_each(|n| {
        queue.push(QueuedEntry {
            id: id(n),
            sealed: B64(vec![1]),
        });
    });
    let refused = run(drain(&mut queue, &Narrow(0)));
    assert!(matches!(refused, Err(Error::Refused { status: 413, .. })));
    assert_eq!((queue.len(), queue.refused()), (30, 0));
    assert!(matches!(run(drain(&mut queue, &Narrow(4))), Ok((30, 0))));
}

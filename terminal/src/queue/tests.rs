#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! The queue against a network that drops, repeats and reorders, and a server
//! that keeps one row per id.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn entry(n: u8) -> QueuedEntry {
    QueuedEntry {
        id: EntryId::from_bytes([n; 16]),
        sealed: B64(vec![n, n]),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(u8),
    /// Sends a batch; the message may be held back, repeated or lost.
    Send {
        limit: usize,
        copies: usize,
    },
    /// Delivers one message in flight, chosen by index, to the server.
    Arrive {
        which: usize,
        answers: usize,
    },
    /// Delivers one answer in flight, chosen by index, to the queue.
    Answer {
        which: usize,
    },
    /// The terminal restarts from what it saved.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..40).prop_map(Step::Push),
        4 => (1usize..6, 0usize..3).prop_map(|(limit, copies)| Step::Send { limit, copies }),
        4 => (any::<usize>(), 0usize..3).prop_map(|(which, answers)| Step::Arrive { which, answers }),
        4 => any::<usize>().prop_map(|which| Step::Answer { which }),
        1 => Just(Step::Restart),
    ]
}

/// Model server: one row per id. Other bytes under a known id are a fault.
#[derive(Default)]
struct Server(BTreeMap<EntryId, Vec<u8>>);

impl Server {
    fn take(&mut self, items: &[QueuedEntry]) -> Vec<(EntryId, u64)> {
        for item in items {
            let row = self
                .0
                .entry(item.id)
                .or_insert_with(|| item.sealed.0.clone());
            assert_eq!(*row, item.sealed.0, "an id was sent with other bytes");
        }
        let place = |id: &EntryId| self.0.keys().position(|known| known == id);
        let ack = |item: &QueuedEntry| (item.id, place(&item.id).unwrap() as u64);
        items.iter().map(ack).collect()
    }
}

proptest! {
    #[test]
    fn every_entry_arrives_exactly_once(steps in prop::collection::vec(step(), 1..200)) {
        let mut queue = Queue::default();
        let mut server = Server::default();
        let mut pushed = BTreeSet::new();
        let mut requests: Vec<Vec<QueuedEntry>> = Vec::new();
        let mut answers: Vec<Vec<(EntryId, u64)>> = Vec::new();
        for step in steps {
            match step {
                // An id is pushed once: ids are random.
                Step::Push(n) if pushed.insert(n) => queue.push(entry(n)),
                Step::Send { limit, copies } => {
                    let batch = queue.batch(limit);
                    prop_assert!(batch.len() <= limit);
                    (0..copies).for_each(|_| requests.push(batch.clone()));
                }
                Step::Arrive { which, answers: copies } if !requests.is_empty() => {
                    let batch = requests.swap_remove(which % requests.len());
                    let acks = server.take(&batch);
                    (0..copies).for_each(|_| answers.push(acks.clone()));
                }
                Step::Answer { which } if !answers.is_empty() => {
                    let acks = answers.swap_remove(which % answers.len());
                    queue.acknowledge(&acks);
                }
                Step::Restart => {
                    let saved = serde_json::to_vec(&queue).unwrap();
                    queue = serde_json::from_slice(&saved).unwrap();
                }
                _ => {}
            }
            // Nothing is ever in neither place.
            for n in &pushed {
                let id = EntryId::from_bytes([*n; 16]);
                let waits = queue.batch(usize::MAX).iter().any(|item| item.id == id);
                prop_assert!(waits || server.0.contains_key(&id));
            }
        }
        // The network heals.
        while !queue.is_empty() {
            let acks = server.take(&queue.batch(3));
            prop_assert!(!queue.acknowledge(&acks).is_empty());
        }
        prop_assert_eq!(server.0.len(), pushed.len());
    }
}

#[test]
fn a_partial_acknowledgement_keeps_the_rest_in_order() {
    let mut queue = Queue::default();
    (1..=4).for_each(|n| queue.push(entry(n)));
    let left = queue.acknowledge(&[(entry(2).id, 7), (entry(4).id, 5), (entry(9).id, 6)]);
    assert_eq!(left, [(entry(2), 7), (entry(4), 5)]);
    assert_eq!(queue.batch(9), vec![entry(1), entry(3)]);
}

#[test]
fn a_refused_entry_is_kept_and_does_not_block() {
    let mut queue = Queue::default();
    (1..=3).for_each(|n| queue.push(entry(n)));
    queue.set_aside(entry(1).id);
    assert_eq!(queue.batch(9), vec![entry(2), entry(3)]);
    assert_eq!(queue.refused(), 1);
    queue.push(entry(1));
    assert_eq!(queue.len(), 2, "the same id is not queued twice");
    queue.retry_refused();
    assert_eq!((queue.len(), queue.refused()), (3, 0));
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Random histories of a server that keeps, drops, exchanges and renumbers, beside a log that is written down in full.

use super::*;
use crate::drain::{Link, drain};
use crate::error::Error;
use crate::tests::run;
use crypto::b64::B64;
use crypto::id::EntryId;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;

fn entry(n: u8) -> QueuedEntry {
    QueuedEntry {
        id: EntryId::from_bytes([n; 16]),
        sealed: B64(vec![n, n]),
    }
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    /// Kept, and the answer is lost.
    Unanswered,
    /// Only the first is kept and acknowledged.
    First,
    /// Acknowledged under the next numbers and not kept.
    Dropped,
    /// Kept with other bytes, acknowledged as if not.
    Changed,
    /// Kept, acknowledged one number too high.
    Renumbered,
    /// Kept, acknowledged under a number that was read long ago, or is none.
    Past,
}

impl Fate {
    fn honest(self) -> bool {
        matches!(self, Self::Kept | Self::Unanswered | Self::First)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Record(u8),
    /// A colleague's entry.
    Other(u8),
    Send(Fate),
    Read,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let fate = prop_oneof![
        8 => Just(Fate::Kept),
        2 => Just(Fate::Unanswered),
        2 => Just(Fate::First),
        1 => Just(Fate::Dropped),
        1 => Just(Fate::Changed),
        1 => Just(Fate::Renumbered),
        1 => Just(Fate::Past),
    ];
    prop_oneof![
        6 => (0u8..100).prop_map(Step::Record),
        2 => (100u8..200).prop_map(Step::Other),
        5 => fate.prop_map(Step::Send),
        4 => Just(Step::Read),
        1 => Just(Step::Restart),
    ]
}

/// The log as the server shows it, and how it behaves now.
struct Server {
    log: RefCell<Vec<LoggedEntry>>,
    fate: Fate,
}

impl Server {
    fn append(&self, item: &QueuedEntry, fate: Fate) -> u64 {
        let mut log = self.log.borrow_mut();
        if let Some(known) = log.iter().find(|known| known.id == item.id) {
            return known.seq;
        }
        let seq = log.len() as u64 + 1;
        let mut sealed = item.sealed.clone();
        if fate == Fate::Changed {
            sealed.0.push(0);
        }
        let id = item.id;
        log.push(LoggedEntry { seq, id, sealed });
        seq
    }
}

impl Link<QueuedEntry> for Server {
    async fn deliver(&self, items: &[QueuedEntry]) -> Result<Vec<(EntryId, u64)>, Error> {
        let count = if self.fate == Fate::First {
            1
        } else {
            items.len()
        };
        let next = self.log.borrow().len() as u64 + 1;
        let ack = |(item, n): (&QueuedEntry, u64)| {
            let seq = match self.fate {
                Fate::Dropped => next + n,
                fate => self.append(item, fate),
            };
            let seq = match self.fate {
                Fate::Renumbered => seq + 1,
                Fate::Past => 0,
                _ => seq,
            };
            (item.id, seq)
        };
        let acks = items[..count].iter().zip(0..).map(ack).collect();
        match self.fate {
            Fate::Unanswered => Err(Error::Network),
            _ => Ok(acks),
        }
    }
}

/// The part of a terminal that this is about.
#[derive(Default)]
struct Terminal {
    queue: Queue<QueuedEntry>,
    acks: Acks,
    read: usize,
}

impl Terminal {
    fn send(&mut self, server: &Server) {
        self.acks.queue_again(&mut self.queue);
        let (acks, read) = (&mut self.acks, self.read as u64);
        let keep = |entry, seq| acks.keep(read, entry, seq);
        let _ = run(drain(&mut self.queue, server, keep));
    }

    fn read(&mut self, server: &Server) {
        let log = server.log.borrow();
        for sent in &log[self.read..] {
            self.acks.read_back(&mut self.queue, sent);
        }
        self.read = log.len();
        self.acks.end();
        assert!(self.acks.named.is_empty(), "nothing is kept after reading");
    }

    fn restart(&mut self) {
        let (queue, acks) = (
            serde_json::to_vec(&self.queue).unwrap(),
            serde_json::to_vec(&self.acks).unwrap(),
        );
        self.queue = serde_json::from_slice(&queue).unwrap();
        self.acks = serde_json::from_slice(&acks).unwrap();
    }

    /// Whether sending now, under a dishonest fate, is answered by anything untrue.
    fn is_bent_by(&self, server: &Server, fate: Fate) -> bool {
        let mut waits: Vec<_> = self.queue.batch(usize::MAX);
        waits.extend(self.acks.again.iter().cloned());
        // What the log holds already cannot be changed on its way.
        let log = server.log.borrow();
        let known = |it: &QueuedEntry| log.iter().any(|sent| sent.id == it.id);
        waits.iter().any(|it| fate != Fate::Changed || !known(it))
    }

    /// In how many places an entry lies.
    fn places(&self, entry: &QueuedEntry) -> usize {
        let own = usize::from(self.queue.find(entry.id).is_some());
        let named = self.acks.named.values().filter(|it| it.id == entry.id);
        let again = self.acks.again.iter().filter(|it| it.id == entry.id);
        own + named.count() + again.count()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_entry_is_lost_unnoticed_whatever_the_server_acknowledges(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut server = Server { log: RefCell::default(), fate: Fate::Kept };
        let (mut terminal, mut recorded) = (Terminal::default(), BTreeSet::new());
        let mut honest = true;
        for step in steps {
            match step {
                Step::Record(n) if recorded.insert(n) => terminal.queue.push(entry(n)),
                Step::Other(n) => drop(server.append(&entry(n), Fate::Kept)),
                Step::Send(fate) => {
                    honest &= fate.honest() || !terminal.is_bent_by(&server, fate);
                    server.fate = fate;
                    terminal.send(&server);
                }
                Step::Read => {
                    terminal.read(&server);
                    // Whatever was said and is not so shows with the next page.
                    prop_assert_eq!(terminal.acks.alarm, !honest);
                }
                Step::Restart => terminal.restart(),
                Step::Record(_) => {}
            }
            prop_assert!(!honest || !terminal.acks.alarm, "an honest server is no alarm");
            for n in &recorded {
                let log = server.log.borrow();
                let stands = log[..terminal.read].iter().any(|it| stands(&entry(*n), it));
                // Not yet read: it waits or was named, once. Read: it lies nowhere else.
                prop_assert_eq!(terminal.places(&entry(*n)), usize::from(!stands));
            }
        }
    }
}

#[test]
fn a_number_is_that_of_one_entry_and_lies_ahead() {
    let mut acks = Acks::default();
    acks.keep(4, entry(1), 5);
    assert!(!acks.alarm);
    acks.keep(4, entry(2), 5);
    assert!(acks.alarm && acks.again() == 1);
    let mut acks = Acks::default();
    acks.keep(4, entry(1), 4);
    assert!(acks.alarm && acks.again() == 1);
}

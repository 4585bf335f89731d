//! What is dropped when, and how much is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// An id whose first byte is given.
fn id(first: u8) -> EnvelopeId {
    let mut bytes = [9; 16];
    bytes[0] = first;
    EnvelopeId::from_bytes(bytes)
}

fn prefix(first: u8) -> Prefix {
    Prefix::of(&id(first), 8)
}

fn note(buckets: &Buckets, before: i64, after: i64, first: u8) {
    let envelope = id(first);
    buckets.note(Link {
        before,
        after,
        envelope,
    });
}

/// Buckets 1 to 4 of eight bits, kept under stamp 10.
fn four(most_bytes: usize) -> Buckets {
    let buckets = Buckets::of_at_most(most_bytes);
    buckets.catch_up(10);
    for first in 1..=4 {
        buckets.put(10, prefix(first), 8, Bytes::from(vec![first; 1_000]));
    }
    buckets
}

fn left(buckets: &Buckets) -> Vec<u8> {
    (0..=9)
        .filter(|first| buckets.get(prefix(*first), 8).is_some())
        .collect()
}

#[test]
fn a_change_of_this_process_drops_its_bucket_alone() {
    let buckets = four(usize::MAX);
    note(&buckets, 10, 77, 2);
    assert_eq!(left(&buckets), [1, 2, 3, 4], "not committed yet");
    buckets.catch_up(77);
    assert_eq!(left(&buckets), [1, 3, 4]);
    note(&buckets, 77, 5, 4);
    note(&buckets, 5, 66, 9);
    buckets.catch_up(66);
    assert_eq!(left(&buckets), [1, 3]);
    buckets.catch_up(66);
    assert_eq!(left(&buckets), [1, 3]);
    assert_eq!(
        buckets.kept().bytes,
        2 * (1_000 + OVERHEAD),
        "what is dropped is not counted any more"
    );
}

#[test]
fn every_length_of_prefix_that_holds_the_envelope_is_dropped() {
    let buckets = Buckets::default();
    buckets.catch_up(1);
    for bits in 0..=Prefix::MOST_BITS {
        buckets.put(1, Prefix::of(&id(2), bits), bits, Bytes::from("x"));
        buckets.put(1, Prefix::of(&id(0x82), bits), bits, Bytes::from("y"));
    }
    note(&buckets, 1, 2, 2);
    buckets.catch_up(2);
    for bits in 0..=Prefix::MOST_BITS {
        assert!(buckets.get(Prefix::of(&id(2), bits), bits).is_none());
        let other = buckets.get(Prefix::of(&id(0x82), bits), bits);
        assert_eq!(other.is_some(), bits > 0, "{bits} bits");
    }
}

#[test]
fn a_change_of_another_process_drops_everything() {
    // From nowhere; before a change of this process; after one.
    for (ours, theirs) in [(None, 33), (Some((34, 35)), 35), (Some((10, 36)), 37)] {
        let buckets = four(usize::MAX);
        if let Some((before, after)) = ours {
            note(&buckets, before, after, 1);
        }
        buckets.catch_up(theirs);
        assert!(left(&buckets).is_empty());
        assert_eq!(buckets.kept().bytes, 0);
        buckets.put(theirs, prefix(5), 8, Bytes::from("fresh"));
        assert_eq!(left(&buckets), [5]);
    }
}

#[test]
fn a_change_that_was_rolled_back_drops_nothing_and_hides_nothing() {
    let buckets = four(usize::MAX);
    note(&buckets, 10, 50, 1);
    note(&buckets, 10, 51, 2);
    buckets.catch_up(51);
    assert_eq!(left(&buckets), [1, 3, 4]);
    // A try that begins where the one before it would have ended.
    note(&buckets, 51, 52, 3);
    note(&buckets, 51, 53, 3);
    note(&buckets, 53, 54, 4);
    buckets.catch_up(54);
    assert_eq!(left(&buckets), [1]);
}

#[test]
fn an_answer_of_another_stamp_or_other_bits_is_not_given() {
    let buckets = four(usize::MAX);
    note(&buckets, 10, 11, 5);
    buckets.catch_up(11);
    buckets.put(10, prefix(5), 8, Bytes::from("read before the change"));
    assert_eq!(left(&buckets), [1, 2, 3, 4]);
    assert!(buckets.get(prefix(1), 9).is_none());
    buckets.put(11, prefix(1), 9, Bytes::from("nine bits"));
    assert!(buckets.get(prefix(1), 8).is_none());
    assert_eq!(buckets.get(prefix(1), 9).unwrap(), "nine bits");
}

#[test]
fn bytes_are_limited_and_the_oldest_answer_goes_first() {
    let one = 1_000 + OVERHEAD;
    let buckets = four(4 * one);
    assert_eq!(left(&buckets), [1, 2, 3, 4]);
    buckets.put(10, prefix(5), 8, Bytes::from(vec![5; 1_000]));
    assert_eq!(left(&buckets), [2, 3, 4, 5]);
    // Kept again is kept anew, and one that is twice as large takes the place of two.
    buckets.put(10, prefix(2), 8, Bytes::from(vec![2; 1_000]));
    buckets.put(10, prefix(6), 8, Bytes::from(vec![6; 2 * one - OVERHEAD]));
    assert_eq!(left(&buckets), [2, 5, 6]);
    assert_eq!(buckets.kept().bytes, 4 * one);
    buckets.put(10, prefix(7), 8, Bytes::from(vec![7; 4 * one]));
    assert!(left(&buckets).is_empty(), "larger than everything allowed");
    assert_eq!(buckets.kept().bytes, 0);
    assert!(buckets.kept().order.is_empty());
}

#[test]
fn links_are_limited_and_lost_ones_cost_only_time() {
    let buckets = four(usize::MAX);
    for n in 0..i64::try_from(MOST_LINKS).unwrap() + 1 {
        note(&buckets, 1_000 + n, 1_001 + n, 1);
    }
    assert!(buckets.kept().links.len() <= MOST_LINKS);
    note(&buckets, 10, 1_000, 1);
    buckets.catch_up(1_001 + i64::try_from(MOST_LINKS).unwrap());
    assert!(left(&buckets).is_empty());
}

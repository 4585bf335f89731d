//! What is changed or dropped when, and how much is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::b64::B64;

use super::*;

/// An id that begins with these two bytes.
fn id(first: u8, second: u8) -> EnvelopeId {
    let mut bytes = [9; 16];
    bytes[..2].copy_from_slice(&[first, second]);
    EnvelopeId::from_bytes(bytes)
}

fn envelope(first: u8, second: u8) -> SealedEnvelope {
    SealedEnvelope {
        id: id(first, second),
        sealed: B64(vec![second; 20]),
    }
}

fn prefix(first: u8) -> Prefix {
    Prefix::of(&id(first, 0), 8)
}

fn json(envelopes: Vec<SealedEnvelope>) -> Bytes {
    let bucket = Bucket { bits: 8, envelopes };
    Bytes::from(serde_json::to_vec(&bucket).unwrap())
}

/// The answer for one bucket with envelopes of these second bytes.
fn of(first: u8, seconds: &[u8]) -> Bytes {
    let envelopes = seconds.iter().map(|second| envelope(first, *second));
    json(envelopes.collect())
}

fn came(buckets: &Buckets, before: i64, after: i64, (first, second): (u8, u8)) {
    let change = Change::Came(envelope(first, second));
    buckets.note(Link {
        before,
        after,
        change,
    });
}

fn went(buckets: &Buckets, before: i64, after: i64, (first, second): (u8, u8)) {
    let change = Change::Went(id(first, second));
    buckets.note(Link {
        before,
        after,
        change,
    });
}

/// Buckets 1 to 4 of eight bits, kept under stamp 10, each with the envelopes 20 and 40.
fn four(most_bytes: usize) -> Buckets {
    let buckets = Buckets::of_at_most(most_bytes);
    buckets.catch_up(10);
    for first in 1..=4 {
        buckets.put(10, prefix(first), 8, of(first, &[20, 40]));
    }
    buckets
}

fn left(buckets: &Buckets) -> Vec<u8> {
    (0..=9)
        .filter(|first| buckets.get(prefix(*first), 8).is_some())
        .collect()
}

fn shows(buckets: &Buckets, first: u8, seconds: &[u8]) {
    let shown = buckets.get(prefix(first), 8);
    assert_eq!(shown, Some(of(first, seconds)), "bucket {first}");
}

fn counted(buckets: &Buckets) -> usize {
    let kept = buckets.kept();
    assert_eq!(kept.order.len(), kept.answers.len());
    let bytes = kept.answers.values().map(|it| it.json.len() + OVERHEAD);
    assert_eq!(kept.bytes, bytes.sum::<usize>());
    kept.bytes
}

#[test]
fn a_change_of_this_process_is_made_in_its_bucket() {
    let buckets = four(usize::MAX);
    came(&buckets, 10, 77, (2, 30));
    shows(&buckets, 2, &[20, 40]);
    buckets.catch_up(77);
    shows(&buckets, 2, &[20, 30, 40]);
    went(&buckets, 77, 5, (4, 20));
    came(&buckets, 5, 66, (9, 1));
    came(&buckets, 66, 67, (1, 10));
    came(&buckets, 67, 68, (1, 50));
    buckets.catch_up(68);
    shows(&buckets, 1, &[10, 20, 40, 50]);
    shows(&buckets, 4, &[40]);
    shows(&buckets, 3, &[20, 40]);
    buckets.catch_up(68);
    assert_eq!(left(&buckets), [1, 2, 3, 4]);
    counted(&buckets);
}

#[test]
fn changes_are_made_in_their_order() {
    let buckets = four(usize::MAX);
    came(&buckets, 10, 11, (1, 7));
    went(&buckets, 11, 12, (1, 7));
    went(&buckets, 12, 13, (2, 20));
    came(&buckets, 13, 14, (2, 20));
    buckets.catch_up(14);
    shows(&buckets, 1, &[20, 40]);
    shows(&buckets, 2, &[20, 40]);
}

#[test]
fn a_change_that_an_answer_shows_already_is_made_once() {
    let buckets = four(usize::MAX);
    came(&buckets, 10, 11, (1, 40));
    went(&buckets, 11, 12, (2, 30));
    buckets.catch_up(12);
    shows(&buckets, 1, &[20, 40]);
    shows(&buckets, 2, &[20, 40]);
}

#[test]
fn a_bucket_that_was_emptied_is_not_kept() {
    let buckets = four(usize::MAX);
    went(&buckets, 10, 11, (3, 20));
    went(&buckets, 11, 12, (3, 40));
    buckets.catch_up(12);
    assert_eq!(left(&buckets), [1, 2, 4]);
    counted(&buckets);
}

#[test]
fn every_length_of_prefix_that_holds_the_envelope_is_changed() {
    let buckets = Buckets::default();
    buckets.catch_up(1);
    let (with, without) = (of(2, &[1, 5]), of(2, &[1]));
    for bits in 0..=Prefix::MOST_BITS {
        buckets.put(1, Prefix::of(&id(2, 5), bits), bits, with.clone());
        buckets.put(1, Prefix::of(&id(0x82, 5), bits), bits, with.clone());
    }
    went(&buckets, 1, 2, (2, 5));
    buckets.catch_up(2);
    for bits in 0..=Prefix::MOST_BITS {
        let shown = |first| buckets.get(Prefix::of(&id(first, 5), bits), bits);
        assert_eq!(shown(2), Some(without.clone()), "{bits} bits");
        let other = if bits == 0 { &without } else { &with };
        assert_eq!(shown(0x82), Some(other.clone()), "{bits} bits");
    }
}

#[test]
fn a_change_of_another_process_drops_everything() {
    // From nowhere; before a change of this process; after one.
    for (ours, theirs) in [(None, 33), (Some((34, 35)), 35), (Some((10, 36)), 37)] {
        let buckets = four(usize::MAX);
        if let Some((before, after)) = ours {
            came(&buckets, before, after, (1, 30));
        }
        buckets.catch_up(theirs);
        assert!(left(&buckets).is_empty());
        assert_eq!(counted(&buckets), 0);
        buckets.put(theirs, prefix(5), 8, of(5, &[1]));
        assert_eq!(left(&buckets), [5]);
    }
}

#[test]
fn a_change_that_was_rolled_back_changes_nothing_and_hides_nothing() {
    let buckets = four(usize::MAX);
    came(&buckets, 10, 50, (1, 30));
    came(&buckets, 10, 51, (2, 30));
    buckets.catch_up(51);
    shows(&buckets, 1, &[20, 40]);
    shows(&buckets, 2, &[20, 30, 40]);
    // A try that begins where the one before it would have ended.
    went(&buckets, 51, 52, (3, 20));
    went(&buckets, 51, 53, (3, 40));
    came(&buckets, 53, 54, (4, 30));
    buckets.catch_up(54);
    shows(&buckets, 1, &[20, 40]);
    shows(&buckets, 3, &[20]);
    shows(&buckets, 4, &[20, 30, 40]);
}

#[test]
fn an_answer_of_another_stamp_or_other_bits_is_not_given() {
    let buckets = four(usize::MAX);
    came(&buckets, 10, 11, (5, 1));
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
    let one = of(1, &[20, 40]).len() + OVERHEAD;
    let buckets = four(4 * one);
    assert_eq!(left(&buckets), [1, 2, 3, 4]);
    buckets.put(10, prefix(5), 8, of(5, &[20, 40]));
    assert_eq!(left(&buckets), [2, 3, 4, 5]);
    // Kept again is kept anew, and one that is twice as large takes the place of two.
    buckets.put(10, prefix(2), 8, of(2, &[20, 40]));
    let twice = Bytes::from(vec![6; 2 * one - OVERHEAD]);
    buckets.put(10, prefix(6), 8, twice);
    assert_eq!(left(&buckets), [2, 5, 6]);
    assert_eq!(counted(&buckets), 4 * one);
    // One that grows by a change may cost the oldest its place.
    came(&buckets, 10, 11, (2, 30));
    buckets.catch_up(11);
    assert_eq!(left(&buckets), [2, 6]);
    let huge = Bytes::from(vec![7; 4 * one]);
    buckets.put(11, prefix(7), 8, huge);
    assert!(left(&buckets).is_empty(), "larger than everything allowed");
    assert_eq!(counted(&buckets), 0);
}

#[test]
fn links_are_limited_and_lost_ones_cost_only_time() {
    let buckets = four(usize::MAX);
    for n in 0..i64::try_from(MOST_LINKS).unwrap() + 1 {
        came(&buckets, 1_000 + n, 1_001 + n, (1, 30));
    }
    assert!(buckets.kept().links.len() <= MOST_LINKS);
    came(&buckets, 10, 1_000, (1, 30));
    buckets.catch_up(1_001 + i64::try_from(MOST_LINKS).unwrap());
    assert!(left(&buckets).is_empty());
}

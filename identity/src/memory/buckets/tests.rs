//! What is changed or dropped when, and how much is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// An id that begins with these two bytes.
fn id(first: u8, second: u8) -> EnvelopeId {
    let mut bytes = [9; 16];
    bytes[..2].copy_from_slice(&[first, second]);
    EnvelopeId::from_bytes(bytes)
}

fn prefix(first: u8) -> Prefix {
    Prefix::of(&id(first, 0), 8)
}

/// One bucket with envelopes of these second bytes.
fn of(first: u8, seconds: &[u8]) -> Arc<Bucket> {
    let mut bucket = Bucket::default();
    for second in seconds {
        bucket.insert(&id(first, *second), &[*second; SEALED_BYTES]);
    }
    Arc::new(bucket)
}

fn came(buckets: &Buckets, before: i64, after: i64, (first, second): (u8, u8)) {
    let sealed = Box::new([second; SEALED_BYTES]);
    buckets.note(Link {
        before,
        after,
        changes: vec![Change::Came(id(first, second), sealed)],
    });
}

fn went(buckets: &Buckets, before: i64, after: i64, (first, second): (u8, u8)) {
    buckets.note(Link {
        before,
        after,
        changes: vec![Change::Went(id(first, second))],
    });
}

/// Buckets 1 to 4 of eight bits, kept under stamp 10, each with the envelopes 20 and 40.
fn four(most_bytes: usize) -> Buckets {
    let buckets = Buckets::of_at_most(most_bytes);
    buckets.catch_up(10);
    for first in 1..=4 {
        buckets.put(10, prefix(first), of(first, &[20, 40]));
        buckets.put_digest(10, first, [first; DIGEST_BYTES]);
    }
    buckets
}

fn left(buckets: &Buckets) -> Vec<u8> {
    (0..=9)
        .filter(|first| buckets.get(prefix(*first)).is_some())
        .collect()
}

fn shows(buckets: &Buckets, first: u8, seconds: &[u8]) {
    let shown = buckets.get(prefix(first));
    assert_eq!(shown, Some(of(first, seconds)), "bucket {first}");
}

fn counted(buckets: &Buckets) -> usize {
    let kept = buckets.kept();
    assert_eq!(kept.order.len(), kept.buckets.len());
    let all = kept.buckets.values();
    let bytes = all.map(|it| it.bucket.as_bytes().len() + OVERHEAD);
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
fn only_the_digests_of_changed_buckets_are_forgotten() {
    let buckets = four(usize::MAX);
    let known = || {
        let mut all: Vec<u8> = buckets.digests().into_keys().collect();
        all.sort_unstable();
        all
    };
    assert_eq!(known(), [1, 2, 3, 4]);
    came(&buckets, 10, 11, (2, 30));
    went(&buckets, 11, 12, (4, 20));
    assert_eq!(known(), [1, 2, 3, 4], "nothing is committed yet");
    buckets.catch_up(12);
    assert_eq!(known(), [1, 3]);
    buckets.put_digest(11, 2, [2; DIGEST_BYTES]);
    assert_eq!(known(), [1, 3], "it was made of an older bucket");
    buckets.put_digest(12, 2, [2; DIGEST_BYTES]);
    assert_eq!(known(), [1, 2, 3]);
    buckets.catch_up(99);
    assert!(known().is_empty(), "another process changed something");
}

#[test]
fn a_replacement_changes_two_buckets_at_once() {
    let buckets = four(usize::MAX);
    let sealed = Box::new([30; SEALED_BYTES]);
    buckets.note(Link {
        before: 10,
        after: 11,
        changes: vec![
            Change::Went(id(1, 20)),
            Change::Came(id(3, 30), sealed.clone()),
        ],
    });
    buckets.catch_up(11);
    shows(&buckets, 1, &[40]);
    shows(&buckets, 3, &[20, 30, 40]);
    assert_eq!(buckets.digests().len(), 2);
}

#[test]
fn a_bucket_that_was_emptied_is_kept_empty() {
    let buckets = four(usize::MAX);
    went(&buckets, 10, 11, (3, 20));
    went(&buckets, 11, 12, (3, 40));
    buckets.catch_up(12);
    shows(&buckets, 3, &[]);
    counted(&buckets);
}

#[test]
fn every_length_of_prefix_that_holds_the_envelope_is_changed() {
    let buckets = Buckets::default();
    buckets.catch_up(1);
    let (with, without) = (of(2, &[1, 5]), of(2, &[1]));
    let lengths = Prefix::SYNC_BITS..=Prefix::MOST_BITS;
    for bits in lengths.clone() {
        buckets.put(1, Prefix::of(&id(2, 5), bits), with.clone());
        buckets.put(1, Prefix::of(&id(0x82, 5), bits), with.clone());
    }
    went(&buckets, 1, 2, (2, 5));
    buckets.catch_up(2);
    for bits in lengths {
        let shown = |first| buckets.get(Prefix::of(&id(first, 5), bits));
        assert_eq!(shown(2), Some(without.clone()), "{bits} bits");
        assert_eq!(shown(0x82), Some(with.clone()), "{bits} bits");
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
        assert!(buckets.digests().is_empty());
        buckets.put(theirs, prefix(5), of(5, &[1]));
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
fn a_bucket_of_another_stamp_is_not_kept() {
    let buckets = four(usize::MAX);
    came(&buckets, 10, 11, (5, 1));
    buckets.catch_up(11);
    buckets.put(10, prefix(5), of(5, &[]));
    assert_eq!(left(&buckets), [1, 2, 3, 4]);
}

#[test]
fn bytes_are_limited_and_the_oldest_bucket_goes_first() {
    let bytes = |count: usize| count * wire::ENVELOPE_BYTES + OVERHEAD;
    let buckets = four(4 * bytes(2));
    assert_eq!(left(&buckets), [1, 2, 3, 4]);
    buckets.put(10, prefix(5), of(5, &[20, 40]));
    assert_eq!(left(&buckets), [2, 3, 4, 5]);
    // Kept again is kept anew, and a larger one takes the place of two.
    buckets.put(10, prefix(2), of(2, &[20, 40]));
    buckets.put(10, prefix(6), of(6, &[1, 2, 3, 4]));
    assert_eq!(left(&buckets), [2, 5, 6]);
    assert_eq!(counted(&buckets), 2 * bytes(2) + bytes(4));
    // One that grows by changes may cost the oldest its place.
    came(&buckets, 10, 11, (2, 30));
    came(&buckets, 11, 12, (2, 31));
    came(&buckets, 12, 13, (2, 32));
    buckets.catch_up(13);
    assert_eq!(left(&buckets), [2, 6]);
    let many: Vec<u8> = (0..100).collect();
    buckets.put(13, prefix(7), of(7, &many));
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

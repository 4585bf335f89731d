#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Prefixes, buckets, answers: what is read and what is refused.

use super::*;
use proptest::prelude::*;

fn id(first: u8, last: u8) -> EnvelopeId {
    let mut bytes = [0; 16];
    (bytes[0], bytes[15]) = (first, last);
    EnvelopeId::from_bytes(bytes)
}

/// A bucket with these last bytes of ids, as bytes.
fn bytes(first: u8, lasts: &[u8]) -> Vec<u8> {
    let whole = |last: &u8| [&id(first, *last).as_bytes()[..], &[*last; SEALED_BYTES]].concat();
    lasts.iter().flat_map(whole).collect()
}

#[test]
fn prefixes_have_one_spelling() {
    let id = EnvelopeId::from_bytes([0xa2; 16]);
    assert_eq!(Prefix::of(&id, 0).to_string(), "0-");
    assert_eq!(Prefix::of(&id, 3).to_string(), "3-a0");
    assert_eq!(Prefix::of(&id, 10).to_string(), "10-a280");
    assert_eq!(Prefix::of(&id, 8), Prefix::sync(0xa2));
    for wrong in [
        "",
        "0",
        "0-00",
        "3-a1",
        "3-A0",
        "03-a0",
        "+3-a0",
        "13-a2a0",
        "24-a2a2a2",
        "3-é",
        "3-a",
        "10-a2+0",
    ] {
        assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
    }
}

#[test]
fn a_bucket_of_other_ids_in_another_order_or_cut_is_refused() {
    let prefix = Prefix::sync(7);
    let bucket = Bucket::read(prefix, &bytes(7, &[1, 4, 9])).unwrap();
    assert_eq!(bucket.as_bytes(), bytes(7, &[1, 4, 9]));
    assert_eq!(bucket.get(&id(7, 4)), Some(&[4; SEALED_BYTES][..]));
    assert_eq!(bucket.get(&id(7, 5)), None);
    assert!(Bucket::read(prefix, &[]).unwrap().is_empty());
    for wrong in [
        bytes(8, &[1]),
        [bytes(7, &[1]), bytes(8, &[1])].concat(),
        bytes(7, &[4, 1]),
        bytes(7, &[1, 1]),
        bytes(7, &[1])[..120].to_vec(),
        [bytes(7, &[1]), vec![0]].concat(),
    ] {
        assert!(Bucket::read(prefix, &wrong).is_err());
    }
}

#[test]
fn an_answer_holds_what_was_asked_for_and_nothing_else() {
    let prefixes = [Prefix::sync(7), Prefix::sync(1), Prefix::sync(9)];
    let read =
        |first: u8, lasts: &[u8]| Bucket::read(Prefix::sync(first), &bytes(first, lasts)).unwrap();
    let buckets = [read(7, &[1, 2]), Bucket::default(), read(9, &[5])];
    let good = Fetched::write(9, &buckets);
    assert_eq!(good.len(), 1 + 3 * 4 + 3 * 121);
    let fetched = Fetched::read(&prefixes, &good).unwrap();
    assert_eq!((fetched.bits, fetched.buckets), (9, buckets.to_vec()));
    for cut in 0..good.len() {
        assert!(Fetched::read(&prefixes, &good[..cut]).is_err(), "{cut}");
    }
    assert!(Fetched::read(&prefixes, &[good.clone(), vec![0]].concat()).is_err());
    assert!(Fetched::read(&prefixes[..2], &good).is_err());
    // In another order, the buckets are others.
    let turned = [prefixes[2], prefixes[1], prefixes[0]];
    assert!(Fetched::read(&turned, &good).is_err());
    for claimed in [0, 7, 13, 20, 24, 255] {
        let mut narrow = good.clone();
        narrow[0] = claimed;
        assert!(Fetched::read(&prefixes, &narrow).is_err(), "{claimed} bits");
    }
    let mut huge = good;
    huge[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(Fetched::read(&prefixes, &huge).is_err());
}

#[test]
fn a_digest_speaks_of_every_byte_and_of_the_place() {
    let bucket = Bucket::read(Prefix::sync(7), &bytes(7, &[1, 4])).unwrap();
    let digest = bucket.digest(7);
    assert_ne!(bucket.digest(8), digest);
    for at in 0..bucket.as_bytes().len() {
        let mut other = bucket.as_bytes().to_vec();
        other[at] ^= 1;
        assert_ne!(bucket_digest(7, &other), digest, "byte {at}");
    }
}

proptest! {
    #[test]
    fn a_bucket_holds_exactly_the_ids_of_its_prefix(id: [u8; 16], other: [u8; 16], bits in 0_u8..=12) {
        let (id, other) = (EnvelopeId::from_bytes(id), EnvelopeId::from_bytes(other));
        let prefix = Prefix::of(&id, bits);
        prop_assert_eq!(prefix.to_string().parse::<Prefix>().unwrap(), prefix);
        let (low, high) = prefix.range();
        prop_assert!(low <= id && id <= high);
        prop_assert_eq!(low <= other && other <= high, Prefix::of(&other, bits) == prefix);
    }

    #[test]
    fn any_text_is_refused_or_canonical(text in "[0-9]{1,2}-[0-9a-f]{0,6}") {
        if let Ok(prefix) = text.parse::<Prefix>() {
            prop_assert_eq!(prefix.to_string(), text);
        }
    }

    #[test]
    fn what_comes_and_goes_leaves_a_bucket_in_order(steps in prop::collection::vec((any::<u8>(), any::<bool>()), 0..60)) {
        let (mut bucket, mut there) = (Bucket::default(), std::collections::BTreeSet::new());
        for (last, comes) in steps {
            if comes {
                bucket.insert(&id(3, last), &[last; SEALED_BYTES]);
                there.insert(last);
            } else {
                bucket.remove(&id(3, last));
                there.remove(&last);
            }
            let lasts: Vec<u8> = there.iter().copied().collect();
            prop_assert_eq!(bucket.as_bytes(), bytes(3, &lasts));
            prop_assert!(Bucket::read(Prefix::sync(3), bucket.as_bytes()).is_ok());
        }
    }
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::packed::Packed;
use super::token::{encode_list, read_list};
use super::*;
use crate::cbor::{self, Reader, Writer};
use crate::cose::{self, ALG_ED25519};
use crate::day::Day;
use crate::secret::Secret;
use crate::sign::StatusKey;
use crate::tests::outside::{self, hex};
use proptest::prelude::*;

fn key() -> StatusKey {
    StatusKey::from_seed(&Secret::new([5; 32])).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Every published list through our unpacking and ours back through it.
#[test]
fn published_lists() {
    let Some(vectors) = outside::vectors("status-list/vectors.json") else {
        return;
    };
    let lists = vectors.as_array().unwrap();
    assert_eq!(lists.len(), 6);
    for vector in lists {
        let bits = u8::try_from(vector["bits"].as_u64().unwrap()).unwrap();
        let entries = u32::try_from(vector["entries"].as_u64().unwrap()).unwrap();
        let mut own = Packed::new(bits, entries).unwrap();
        for (index, value) in vector["statuses"].as_object().unwrap() {
            let value = u8::try_from(value.as_u64().unwrap()).unwrap();
            own.set(index.parse().unwrap(), value).unwrap();
        }
        let compressed = crate::b64::decode(vector["json"]["lst"].as_str().unwrap()).unwrap();
        let read = Packed::inflate(bits, &compressed).unwrap();
        assert_eq!(read, own);
        assert_eq!(read.entries(), entries);
        if let Some(cbor_hex) = vector["cbor_hex"].as_str() {
            let bytes = hex(cbor_hex);
            cbor::check(&bytes).unwrap();
            assert_eq!(read_list(&mut Reader::new(&bytes)).unwrap(), own);
        }
        if let Some(bytes) = vector["byte_array_hex"].as_str() {
            assert_eq!(own.bytes(), hex(bytes));
        }
        let encoded = encode_list(&own).unwrap();
        assert_eq!(read_list(&mut Reader::new(&encoded)).unwrap(), own);
    }
}

#[test]
fn token_round_trip_and_age() {
    let mut list = StatusList::new(1000).unwrap();
    for index in [0, 7, 8, 999] {
        list.set(index, true).unwrap();
    }
    let issued = day("2026-03-01");
    let token = list.to_token(&key(), "cards", issued, 7).unwrap();
    let checked = CheckedStatusList::from_token(&token, &key().public()).unwrap();
    assert_eq!(checked.list(), &list);
    assert_eq!(
        (checked.subject(), checked.issued(), checked.ttl_days()),
        ("cards", issued, 7)
    );
    assert_eq!(checked.get(7), Some(true));
    assert_eq!(checked.get(9), Some(false));
    assert_eq!(checked.get(1000), None);
    assert_eq!(checked.age_days(day("2026-03-08")), Some(7));
    assert!(!checked.is_stale(day("2026-03-08")));
    assert!(checked.is_stale(day("2026-03-09")));
    // A clock before the day of issue is wrong.
    assert_eq!(checked.age_days(day("2026-02-28")), None);
    assert!(checked.is_stale(day("2026-02-28")));
}

#[test]
fn another_key_and_every_flipped_byte_are_refused() {
    let list = StatusList::new(64).unwrap();
    let token = list
        .to_token(&key(), "cards", day("2026-03-01"), 7)
        .unwrap();
    let other = StatusKey::from_seed(&Secret::new([6; 32])).unwrap();
    assert_eq!(
        CheckedStatusList::from_token(&token, &other.public()),
        Err(StatusError::Signature)
    );
    for at in 0..token.len() {
        for bit in [0x01, 0x80] {
            let mut bad = token.clone();
            bad[at] ^= bit;
            assert!(CheckedStatusList::from_token(&bad, &key().public()).is_err());
        }
        assert!(CheckedStatusList::from_token(&token[..at], &key().public()).is_err());
    }
}

/// Signed, but wrong in itself: another type, two bits per card, times that are not days.
#[test]
fn signed_nonsense_is_refused() {
    let start = i64::from(day("2026-03-01").number()) * 86_400;
    let token = |typ: &str, bits: u8, issued: i64, expiry: i64, extra: u64| {
        let list = encode_list(&Packed::new(bits, 8).unwrap()).unwrap();
        let mut claims = Writer::new().map(5 + extra).integer(2).text("cards");
        claims = claims.integer(4).integer(expiry).integer(6).integer(issued);
        claims = claims.integer(65_533).raw(&list);
        for _ in 0..=extra {
            claims = claims.integer(65_534).integer(86_400);
        }
        let protected = Writer::new().map(2).integer(1).integer(ALG_ED25519);
        let protected = protected.integer(16).text(typ).finish();
        let token = cose::sign1(true, &protected, b"", &claims.finish(), |bytes| {
            key().sign_cose(bytes)
        });
        CheckedStatusList::from_token(&token, &key().public())
    };
    let typ = "application/statuslist+cwt";
    assert!(token(typ, 1, start, start + 2 * 86_400, 0).is_ok());
    for result in [
        token("application/cwt", 1, start, start + 2 * 86_400, 0),
        token(typ, 2, start, start + 2 * 86_400, 0),
        token(typ, 1, start + 1, start + 2 * 86_400, 0),
        token(typ, 1, start, start + 3 * 86_400, 0),
        token(typ, 1, start, start + 2 * 86_400, 1),
        token(typ, 1, i64::MAX - 1, i64::MIN, 0),
    ] {
        assert_eq!(result, Err(StatusError::Malformed));
    }
}

#[test]
fn a_compression_bomb_stops_at_the_limit() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 100_000);
    assert_eq!(Packed::inflate(1, &bomb), Err(StatusError::Malformed));
    let full = StatusList::new(MAX_LIST_ENTRIES).unwrap();
    let packed = Packed::inflate(1, &full.0.deflate().unwrap()).unwrap();
    assert_eq!(packed.entries(), MAX_LIST_ENTRIES);
    assert_eq!(
        StatusList::new(MAX_LIST_ENTRIES + 1),
        Err(StatusError::Range)
    );
    // Bytes after the stream, and a stream cut short.
    let mut longer = full.0.deflate().unwrap();
    longer.push(0);
    assert!(Packed::inflate(1, &longer).is_err());
    assert!(Packed::inflate(1, &longer[..longer.len() - 3]).is_err());
}

/// 131,072 cards, one in a hundred withdrawn at random places: at most 2.5 kB.
#[test]
fn a_programme_sized_list_is_small() {
    use rand::Rng as _;
    let mut rng = crate::rng::Random::seeded([9; 32]);
    let mut list = StatusList::new(131_072).unwrap();
    for _ in 0..1311 {
        list.set(rng.gen_range(0..131_072), true).unwrap();
    }
    let token = list
        .to_token(&key(), "cards", day("2026-03-01"), 7)
        .unwrap();
    assert!(token.len() <= 2_500, "{}", token.len());
}

proptest! {
    #[test]
    fn set_bits_are_the_only_ones(
        bits in prop::sample::select(vec![1u8, 2, 4, 8]),
        writes in prop::collection::btree_map(0u32..500, any::<u8>(), 0..40),
    ) {
        let mut packed = Packed::new(bits, 500).unwrap();
        let mask = 0xffu8 >> (8 - bits);
        for (index, value) in &writes {
            packed.set(*index, mask).unwrap();
            packed.set(*index, value & mask).unwrap();
            if value & mask != *value {
                prop_assert!(packed.set(*index, *value).is_err());
            }
        }
        for index in 0..500 {
            let expected = writes.get(&index).map_or(0, |value| value & mask);
            prop_assert_eq!(packed.get(index), Some(expected));
        }
        let back = Packed::inflate(bits, &packed.deflate().unwrap()).unwrap();
        prop_assert_eq!(back, packed);
    }

    /// Bit by bit, against the bytes at once.
    #[test]
    fn a_list_covers_exactly_those_that_say_no_more(
        sizes in (0u32..300, 0u32..300),
        earlier in prop::collection::btree_set(0u32..300, 0..12),
        added in prop::collection::btree_set(0u32..300, 0..4),
        forgotten in 0usize..14,
    ) {
        let make = |size: u32, set: &mut dyn Iterator<Item = u32>| {
            let mut list = StatusList::new(size).unwrap();
            for index in set {
                let _ = list.set(index, true);
            }
            list
        };
        let before = make(sizes.0, &mut earlier.iter().copied());
        let kept = earlier.iter().enumerate().filter(|(at, _)| *at != forgotten);
        let after = make(sizes.1, &mut kept.map(|(_, index)| *index).chain(added.iter().copied()));
        let says_all = (0..before.size()).all(|at| {
            before.get(at) != Some(true) || after.get(at) == Some(true)
        });
        prop_assert_eq!(after.covers(&before), says_all && after.size() >= before.size());
        prop_assert!(before.covers(&before));
    }

    #[test]
    fn arbitrary_tokens_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(CheckedStatusList::from_token(&bytes, &[1; 32]).is_err());
        let _ = Packed::inflate(1, &bytes);
    }
}

//! The wrap of a closed device.
#![allow(clippy::unwrap_used)]

use super::vectors::{TERMINAL, key};
use super::*;
use crate::rng::Random;

#[test]
fn only_both_halves_open_it_for_its_terminal() {
    let rng = &mut Random::seeded([5; 32]);
    let wrapped = key(1, 2)
        .wrap(&TERMINAL, b"the key of the body", rng)
        .unwrap();
    assert_eq!(wrapped.len(), 19 + 72);
    let opened = key(1, 2).unwrap(&TERMINAL, &wrapped).unwrap();
    assert_eq!(opened, b"the key of the body");
    for other in [key(1, 3), key(3, 2), key(2, 1)] {
        assert_eq!(other.unwrap(&TERMINAL, &wrapped), Err(SealError::Refused));
    }
    let elsewhere = TerminalId::from_bytes([0x0d; 16]);
    assert!(key(1, 2).unwrap(&elsewhere, &wrapped).is_err());
    for place in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[place] ^= 1;
        assert!(key(1, 2).unwrap(&TERMINAL, &altered).is_err(), "{place}");
        assert!(key(1, 2).unwrap(&TERMINAL, &wrapped[..place]).is_err());
    }
}

#[test]
fn what_was_sealed_under_another_key_is_refused_by_its_commitment() {
    let rng = &mut Random::seeded([5; 32]);
    let (one, other) = (key(1, 2), key(3, 4));
    let theirs = other.wrap(&TERMINAL, b"theirs", rng).unwrap();
    // Their seal behind our commitment, and ours behind theirs.
    let mixed = [&one.commitment()[..], &theirs[32..]].concat();
    assert!(one.unwrap(&TERMINAL, &mixed).is_err());
    assert!(other.unwrap(&TERMINAL, &mixed).is_err());
}

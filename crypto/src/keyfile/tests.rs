//! Round trip, tampering, hostile headers.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Random;

/// As little as Argon2 allows, to keep the tests fast.
const CHEAP: Cost = Cost {
    passes: 1,
    memory_kib: 8,
    lanes: 1,
};

fn pass(text: &str) -> SecretBytes {
    SecretBytes::from(text.as_bytes())
}

#[test]
fn the_written_cost_is_the_stated_one() {
    let mut rng = Random::seeded([1; 32]);
    let file = seal_with_passphrase(&pass("four plain words here"), b"keys", &mut rng).unwrap();
    assert_eq!(file.len(), HEADER + 4 + seal::OVERHEAD);
    assert_eq!(&file[..9], b"payungkf\x01");
    assert_eq!(&file[9..21], &[0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 1]);
    let opened = open_with_passphrase(&pass("four plain words here"), &file).unwrap();
    assert_eq!(opened.expose(), b"keys");
    assert_eq!(
        open_with_passphrase(&pass("four plain words her"), &file),
        Err(KeyFileError::Refused)
    );
}

#[test]
fn every_altered_byte_is_refused() {
    let mut rng = Random::seeded([1; 32]);
    let file = seal_at(CHEAP, &pass("pass"), b"keys", &mut rng).unwrap();
    assert!(open_with_passphrase(&pass("pass"), &file).is_ok());
    for place in 0..file.len() {
        // Where the cost is written, the low bit keeps the work small.
        let mut altered = file.clone();
        altered[place] ^= 1;
        let refused = open_with_passphrase(&pass("pass"), &altered).unwrap_err();
        assert_ne!(refused, KeyFileError::Empty);
    }
    for length in 0..file.len() {
        assert!(open_with_passphrase(&pass("pass"), &file[..length]).is_err());
    }
}

#[test]
fn hostile_costs_are_refused_before_any_work() {
    let mut rng = Random::seeded([1; 32]);
    let file = seal_at(CHEAP, &pass("pass"), b"keys", &mut rng).unwrap();
    for place in [9, 13, 17] {
        let mut hostile = file.clone();
        hostile[place] = 0xff;
        let refused = open_with_passphrase(&pass("pass"), &hostile);
        assert_eq!(refused, Err(KeyFileError::Format));
    }
    let mut idle = file;
    idle[12] = 0;
    let refused = open_with_passphrase(&pass("pass"), &idle);
    assert_eq!(refused, Err(KeyFileError::Stretch));
}

#[test]
fn salts_differ_and_an_empty_passphrase_is_refused() {
    let mut rng = Random::seeded([1; 32]);
    let one = seal_at(CHEAP, &pass("pass"), b"keys", &mut rng).unwrap();
    let two = seal_at(CHEAP, &pass("pass"), b"keys", &mut rng).unwrap();
    assert_ne!(one[21..37], two[21..37]);
    let empty = seal_with_passphrase(&pass(""), b"keys", &mut rng);
    assert_eq!(empty, Err(KeyFileError::Empty));
    assert_eq!(
        open_with_passphrase(&pass(""), &one),
        Err(KeyFileError::Empty)
    );
}

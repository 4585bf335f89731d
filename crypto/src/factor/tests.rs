#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::{Domain, Guessing, Identification};
use crate::id::ProviderId;
use crate::rng::Random;

#[test]
fn a_record_opens_for_its_domain_epoch_and_key_alone() {
    let mut rng = Random::seeded([1; 32]);
    let (key, other) = (Secret::random(&mut rng), Secret::random(&mut rng));
    let card = DomainOf::<Identification>::try_from(Domain::Card).unwrap();
    let factor = Factor::random(&mut rng);
    let record = seal(&key, &card, 1, &factor, &mut rng).unwrap();
    assert_eq!(record.len(), RECORD_BYTES);
    let opened = open(&key, &card, 1, &record).unwrap();
    assert_eq!(opened.to_bytes().expose(), factor.to_bytes().expose());
    let refused = |opened: Result<_, KeyError>| opened.err() == Some(KeyError::Record);
    let provider = Domain::Provider(ProviderId::from_bytes([1; 16]));
    for domain in [Domain::Mail, provider] {
        let domain = DomainOf::<Identification>::try_from(domain).unwrap();
        assert!(refused(open(&key, &domain, 1, &record).map(drop)));
    }
    let guessing = DomainOf::<Guessing>::try_from(Domain::Recover).unwrap();
    assert!(refused(open(&key, &guessing, 1, &record).map(drop)));
    assert!(refused(open(&key, &card, 2, &record).map(drop)));
    assert!(refused(open(&other, &card, 1, &record).map(drop)));
    for at in 0..record.len() {
        let mut bad = record.clone();
        bad[at] ^= 1;
        assert!(refused(open(&key, &card, 1, &bad).map(drop)));
    }
}

/// A factor is random and nothing else: the same domain and epoch asked for twice give two keys, whatever is kept.
#[test]
fn factors_are_unrelated() {
    let mut rng = Random::seeded([2; 32]);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let factor = Factor::<Identification>::random(&mut rng);
        assert!(seen.insert(*factor.to_bytes().expose()));
    }
}

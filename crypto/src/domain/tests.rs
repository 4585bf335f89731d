//! Composition, classes, canonical forms; what somebody computes who knows factors.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Random;
use crate::voprf::{self, Blinded};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use proptest::prelude::*;

const ALL: [Domain; 9] = [
    Domain::Card,
    Domain::Mail,
    Domain::Handle,
    Domain::Recover,
    Domain::Short,
    Domain::Pin,
    Domain::Statistics,
    Domain::Provider(ProviderId::from_bytes([1; 16])),
    Domain::Provider(ProviderId::from_bytes([2; 16])),
];

/// Factors of two domains with the answers of one key holder for them.
struct Answers<C> {
    factor: Factor<C>,
    key: DomainKey<C>,
}

fn answers<C: Class>(master: &MasterScalar<C>, rng: &mut Random) -> Answers<C> {
    let factor = Factor::random(rng);
    let key = DomainKey::compose(master, &factor).unwrap();
    Answers { factor, key }
}

/// `answer * (g_b / g_a)`: what whoever knows the factors makes of an answer under `a`.
fn turned<A: Class, B: Class>(answer: [u8; 32], a: &Factor<A>, b: &Factor<B>) -> [u8; 32] {
    let point = element(&answer).unwrap() * a.0.get().invert() * b.0.get();
    point.compress().to_bytes()
}

#[test]
fn composition_is_the_product_of_factor_and_master() {
    let mut rng = Random::seeded([1; 32]);
    let master = MasterScalar::<Identification>::random(&mut rng);
    let Answers { factor, key } = answers(&master, &mut rng);
    let product = factor.0.get() * master.0.get();
    assert_eq!(key.to_bytes().expose(), &product.to_bytes());
    // What a coordinator publishes without knowing K: g_d * (K*G).
    let shared = factor.0.get() * (master.0.get() * RISTRETTO_BASEPOINT_POINT);
    assert_eq!(key.public().as_bytes(), &shared.compress().to_bytes());
}

#[test]
fn an_answer_of_one_class_cannot_be_turned_into_one_of_another() {
    let mut rng = Random::seeded([2; 32]);
    let (k_id, k_guess) = (
        MasterScalar::random(&mut rng),
        MasterScalar::random(&mut rng),
    );
    let card = answers::<Identification>(&k_id, &mut rng);
    let mail = answers::<Identification>(&k_id, &mut rng);
    let recover = answers::<Guessing>(&k_guess, &mut rng);
    let blinded = Blinded::blind(b"a guess", &mut rng).unwrap().element();
    let answer = voprf::evaluate(&card.key, &mut rng, &[blinded])
        .unwrap()
        .elements[0];
    let wanted = voprf::evaluate(&recover.key, &mut rng, &[blinded])
        .unwrap()
        .elements[0];
    assert_ne!(turned(answer, &card.factor, &recover.factor), wanted);
    // The control: within a class, which counts its domains alike, the same arithmetic succeeds.
    let same = voprf::evaluate(&mail.key, &mut rng, &[blinded])
        .unwrap()
        .elements[0];
    assert_eq!(turned(answer, &card.factor, &mail.factor), same);
}

#[test]
fn every_domain_has_one_class_and_no_other_takes_it() {
    for domain in ALL {
        let classes = [
            DomainOf::<Identification>::try_from(domain).is_ok(),
            DomainOf::<Guessing>::try_from(domain).is_ok(),
            DomainOf::<Statistics>::try_from(domain).is_ok(),
        ];
        assert_eq!(classes.iter().filter(|of| **of).count(), 1, "{domain}");
        assert_eq!(domain.to_string().parse::<Domain>().unwrap(), domain);
    }
    let wrong = DomainOf::<Identification>::try_from(Domain::Recover);
    assert_eq!(wrong, Err(KeyError::Class));
    assert!(!Domain::FIXED.contains(&Domain::Statistics));
}

#[test]
fn malformed_domains_are_refused() {
    for bad in [
        "",
        "Card",
        "card ",
        "prov",
        "prov/",
        "prov/00",
        "prov/000102030405060708090A0B0C0D0E0F",
        "provider/000102030405060708090a0b0c0d0e0f",
    ] {
        assert!(bad.parse::<Domain>().is_err());
    }
}

/// The group order, little endian: the smallest non-canonical scalar.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn zero_and_unreduced_scalars_are_refused() {
    let mut below = ORDER;
    below[0] -= 1;
    assert!(MasterScalar::<Guessing>::from_bytes(&below).is_ok());
    for bad in [[0; 32], ORDER, [0xff; 32]] {
        let master = MasterScalar::<Guessing>::from_bytes(&bad);
        assert_eq!(master.unwrap_err(), KeyError::Scalar);
        assert!(Factor::<Guessing>::from_bytes(&bad).is_err());
        assert!(DomainKey::<Guessing>::from_bytes(&bad).is_err());
        assert!(RotationFactor::from_bytes(&bad).is_err());
    }
}

#[test]
fn identity_and_non_canonical_public_keys_are_refused() {
    assert!(DomainPublic::try_from([0; 32]).is_err());
    assert!(DomainPublic::try_from([0xff; 32]).is_err());
    // The field prime plus two: the same field element as 2, written otherwise.
    let mut prime = [0xff; 32];
    (prime[0], prime[31]) = (0xef, 0x7f);
    assert!(DomainPublic::try_from(prime).is_err());
    assert!(DomainPublic::try_from(&[0u8; 31][..]).is_err());
    assert!(serde_json::from_str::<DomainPublic>(&format!("\"{}\"", "A".repeat(43))).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let mut rng = Random::seeded([3; 32]);
    let master = MasterScalar::<Guessing>::random(&mut rng);
    let Answers { factor, key } = answers(&master, &mut rng);
    assert_eq!(format!("{master:?}"), "MasterScalar(..)");
    assert_eq!(format!("{factor:?}"), "Factor(..)");
    assert_eq!(format!("{key:?}"), "DomainKey(..)");
    let factor = RotationFactor::random(&mut rng);
    assert_eq!(format!("{factor:?}"), "RotationFactor(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_rotation_moves_the_key_as_it_moves_persons(seed: [u8; 32]) {
        let mut rng = Random::seeded(seed);
        let master = MasterScalar::<Statistics>::random(&mut rng);
        let Answers { factor, key } = answers(&master, &mut rng);
        let by = RotationFactor::random(&mut rng);
        let moved = DomainKey::compose(&master, &factor.moved(&by)).unwrap();
        let expected = by.scalar() * key.public().point().unwrap();
        prop_assert_eq!(*moved.public().as_bytes(), expected.compress().to_bytes());
        let json = serde_json::to_string(&moved.public()).unwrap();
        prop_assert_eq!(serde_json::from_str::<DomainPublic>(&json).unwrap(), moved.public());
    }

    #[test]
    fn any_text_is_refused_or_canonical(text in "(prov/)?[a-f0-9]{0,33}") {
        if let Ok(domain) = text.parse::<Domain>() {
            prop_assert_eq!(domain.to_string(), text);
        }
    }
}

//! DeriveKeyPair against RFC 9497, composition, canonical forms.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Random;
use crate::tests::outside::{hex_array, hex_of, vectors};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use proptest::prelude::*;

#[test]
fn rfc_9497_derive_key_pair() {
    let Some(file) = vectors("rfc9497/allVectors.json") else {
        return;
    };
    let suite = file
        .as_array()
        .unwrap()
        .iter()
        .find(|suite| suite["identifier"] == "ristretto255-SHA512" && suite["mode"] == 1)
        .unwrap();
    let seed = Seed::new(Secret::new(hex_array(&suite["seed"])));
    let factor = seed.factor(&hex_of(&suite["keyInfo"])).unwrap();
    assert_eq!(factor.to_bytes().expose()[..], hex_of(&suite["skSm"]));
    let key = DomainKey::from_scalar(factor).unwrap();
    assert_eq!(key.public().as_bytes()[..], hex_of(&suite["pkSm"]));
}

#[test]
fn composition_is_the_product_of_factor_and_master() {
    let mut rng = Random::seeded([1; 32]);
    let (seed, master) = (Seed::random(&mut rng), MasterScalar::random(&mut rng));
    let key = DomainKey::compose(&seed, &master, &Domain::Mail, 3).unwrap();
    let factor = seed.factor(b"payung/v1/mail/epoch-3").unwrap();
    let product = factor.get() * master.0.get();
    assert_eq!(key.to_bytes().expose(), &product.to_bytes());
    // What a coordinator publishes without knowing K: g_d * (K*G).
    let shared = factor.get() * (master.0.get() * RISTRETTO_BASEPOINT_POINT);
    assert_eq!(key.public().as_bytes(), &shared.compress().to_bytes());
}

#[test]
fn every_domain_and_epoch_has_its_own_key() {
    let mut rng = Random::seeded([2; 32]);
    let (seed, master) = (Seed::random(&mut rng), MasterScalar::random(&mut rng));
    let domains = [
        Domain::Card,
        Domain::Mail,
        Domain::Handle,
        Domain::Recover,
        Domain::Short,
        Domain::Statistics,
        Domain::Provider(ProviderId::from_bytes([1; 16])),
        Domain::Provider(ProviderId::from_bytes([2; 16])),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for domain in &domains {
        for epoch in [0, 1, 10] {
            let key = DomainKey::compose(&seed, &master, domain, epoch).unwrap();
            assert!(seen.insert(key.public()));
        }
        assert_eq!(domain.to_string().parse::<Domain>().unwrap(), *domain);
    }
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
    assert!(MasterScalar::from_bytes(&below).is_ok());
    for bad in [[0; 32], ORDER, [0xff; 32]] {
        assert_eq!(
            MasterScalar::from_bytes(&bad).unwrap_err(),
            KeyError::Scalar
        );
        assert!(DomainKey::from_bytes(&bad).is_err());
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
    let (seed, master) = (Seed::random(&mut rng), MasterScalar::random(&mut rng));
    let key = DomainKey::compose(&seed, &master, &Domain::Card, 0).unwrap();
    assert_eq!(format!("{seed:?}"), "Seed(Secret(..))");
    assert_eq!(format!("{master:?}"), "MasterScalar(..)");
    assert_eq!(format!("{key:?}"), "DomainKey(..)");
    let factor = RotationFactor::random(&mut rng);
    assert_eq!(format!("{factor:?}"), "RotationFactor(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn scaling_commutes_with_publishing(seed: [u8; 32]) {
        let mut rng = Random::seeded(seed);
        let key = DomainKey::from_scalar(SecretScalar::random(&mut rng)).unwrap();
        let factor = RotationFactor::random(&mut rng);
        let moved = key.scaled(&factor).unwrap();
        let expected = factor.scalar() * key.public().point().unwrap();
        prop_assert_eq!(*moved.public().as_bytes(), expected.compress().to_bytes());
        let again = DomainKey::from_bytes(moved.to_bytes().expose()).unwrap();
        prop_assert_eq!(again.public(), moved.public());
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

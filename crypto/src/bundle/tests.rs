#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::domain::{DomainKey, Factor, Identification, MasterScalar};
use crate::hpke::HpkeSecret;
use crate::rng::Random;
use crate::statistics::StatisticsSecret;

fn bundle(serial: u32) -> (RootKey, TrustBundle) {
    let mut rng = Random::seeded([1; 32]);
    let root = RootKey::generate(&mut rng).unwrap();
    let (master, factor) = (MasterScalar::random(&mut rng), Factor::random(&mut rng));
    let key = DomainKey::<Identification>::compose(&master, &factor).unwrap();
    let bundle = TrustBundle {
        programme: ProgrammeId::random(&mut rng),
        serial,
        issued: "2026-01-01".parse().unwrap(),
        epoch: 1,
        issuers: vec![Issuer {
            kid: 7,
            key: Fixed([9; 32]),
        }],
        wraps: vec![Fixed([2; 32])],
        status_key: Fixed([3; 32]),
        domains: BTreeMap::from([("card".to_owned(), key.public())]),
        statistics: StatisticsKeys {
            elgamal: StatisticsSecret::random(&mut rng).public(),
            hpke: HpkeSecret::generate(&mut rng).public(),
        },
        release_key: Fixed([4; 32]),
        opaque_key: Fixed([5; 32]),
        envelope_min_bucket: 256,
    };
    (root, bundle)
}

#[test]
fn round_trip_through_json() {
    let (root, bundle) = bundle(1);
    let text = serde_json::to_string(&bundle.sign(&root).unwrap()).unwrap();
    let signed: SignedBundle = serde_json::from_str(&text).unwrap();
    let read = signed.check(&root.public()).unwrap();
    assert_eq!(read, bundle);
    assert!(read.domain(&Domain::Card).is_some());
    assert!(read.domain(&Domain::Mail).is_none());
    assert_eq!(read.card_keys().issuers, vec![(7, [9; 32])]);
    assert_eq!(read.card_keys().wraps[0].expose(), &[2; 32]);
}

#[test]
fn every_altered_byte_and_another_root_are_refused() {
    let (root, bundle) = bundle(1);
    let signed = bundle.sign(&root).unwrap();
    for at in 0..signed.payload.len() {
        let mut bad = signed.clone();
        bad.payload.0[at] ^= 1;
        assert_eq!(bad.check(&root.public()), Err(BundleError::Signature));
    }
    for at in 0..64 {
        let mut bad = signed.clone();
        bad.signature.0[at] ^= 1;
        assert_eq!(bad.check(&root.public()), Err(BundleError::Signature));
    }
    let other = RootKey::generate(&mut Random::seeded([2; 32])).unwrap();
    let result = signed.check(&other.public());
    assert_eq!(result, Err(BundleError::Signature));
}

#[test]
fn a_lower_serial_another_programme_and_a_second_content_are_refused() {
    let (root, current) = bundle(5);
    let check = |bundle: &TrustBundle| {
        let signed = bundle.sign(&root).unwrap();
        signed.check_after(&root.public(), &current).map(|_| ())
    };
    assert_eq!(check(&bundle(4).1), Err(BundleError::Older));
    assert_eq!(check(&bundle(5).1), Ok(()));
    assert_eq!(check(&bundle(6).1), Ok(()));
    let mut second = current.clone();
    second.epoch = 2;
    assert_eq!(check(&second), Err(BundleError::Conflict));
    let mut foreign = bundle(6).1;
    foreign.programme = ProgrammeId::from_bytes([0; 16]);
    assert_eq!(check(&foreign), Err(BundleError::Conflict));
}

#[test]
fn signed_nonsense_is_refused() {
    let (root, mut bundle) = bundle(1);
    let key = *bundle.domain(&Domain::Card).unwrap();
    bundle.domains.insert("cards".to_owned(), key);
    let signed = bundle.sign(&root).unwrap();
    assert_eq!(signed.check(&root.public()), Err(BundleError::Malformed));
    for payload in [&b""[..], b"{}", b"[]", b"\xff"] {
        let signed = SignedBundle {
            payload: payload.into(),
            signature: Fixed(root.sign(payload)),
        };
        assert_eq!(signed.check(&root.public()), Err(BundleError::Malformed));
    }
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::rng::Random;
use crate::tests::outside::kept;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use std::collections::BTreeSet;

struct World {
    rng: Random,
    key: DomainKey<domain::Statistics>,
    secret: StatisticsSecret,
    public: StatisticsPublic,
}

fn world(seed: u8) -> World {
    let mut rng = Random::seeded([seed; 32]);
    let key = DomainKey::from_bytes(SecretScalar::random(&mut rng).to_bytes().expose()).unwrap();
    let secret = StatisticsSecret::random(&mut rng);
    let public = secret.public();
    World {
        rng,
        key,
        secret,
        public,
    }
}

impl World {
    fn person(&mut self, s: &IdentitySecret) -> PersonElement {
        let sent = encrypt(s, &self.public, &mut self.rng);
        let moved = reshuffle(&sent, &self.key, &self.public, &mut self.rng).unwrap();
        decrypt(&self.secret, &moved).unwrap()
    }
}

#[test]
fn one_person_has_one_element_whatever_the_randomness() {
    let mut world = world(1);
    let s = IdentitySecret::random(&mut world.rng);
    let expected = hash::to_group(s.expose()) * world.key.scalar();
    for _ in 0..5 {
        let person = world.person(&s);
        assert_eq!(person.as_bytes(), expected.compress().as_bytes());
    }
    let other = IdentitySecret::random(&mut world.rng);
    assert_ne!(world.person(&s), world.person(&other));
}

#[test]
fn ciphertexts_never_repeat() {
    let mut world = world(2);
    let s = IdentitySecret::random(&mut world.rng);
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let sent = encrypt(&s, &world.public, &mut world.rng);
        let moved = reshuffle(&sent, &world.key, &world.public, &mut world.rng).unwrap();
        for part in sent
            .as_bytes()
            .chunks(32)
            .chain(moved.as_bytes().chunks(32))
        {
            assert!(seen.insert(part.to_vec()), "an element repeated");
        }
    }
}

/// Even under the key 1 the output is not the input: rerandomising cannot be left out.
#[test]
fn reshuffle_always_rerandomises() {
    let mut world = world(3);
    let mut one = [0; 32];
    one[0] = 1;
    let unit = DomainKey::from_bytes(&one).unwrap();
    let s = IdentitySecret::random(&mut world.rng);
    let sent = encrypt(&s, &world.public, &mut world.rng);
    let first = reshuffle(&sent, &unit, &world.public, &mut world.rng).unwrap();
    let second = reshuffle(&sent, &unit, &world.public, &mut world.rng).unwrap();
    assert!(first != sent && second != sent && first != second);
    let plain = decrypt(&world.secret, &sent).unwrap();
    assert_eq!(decrypt(&world.secret, &first), Ok(plain));
}

/// Without a fresh `z`, a terminal that saw the answer to `(G, M)` would hold `k_a*M` of a person
/// it knows. With it, the answer says nothing without `y`.
#[test]
fn the_answer_is_no_decryption_oracle() {
    let mut world = world(4);
    let s = IdentitySecret::random(&mut world.rng);
    let generator = RistrettoPoint::mul_base(&Scalar::ONE);
    let message = hash::to_group(s.expose());
    let probe = ElGamal::from_points(&generator, &message);
    let person = world.person(&s);
    let raw = (message * world.key.scalar()).compress().to_bytes();
    assert_eq!(&raw, person.as_bytes(), "the attack on a bare answer works");
    for _ in 0..10 {
        let answer = reshuffle(&probe, &world.key, &world.public, &mut world.rng).unwrap();
        assert_ne!(&answer.as_bytes()[32..], person.as_bytes());
        assert_ne!(&answer.as_bytes()[..32], person.as_bytes());
        // The probe is not an encryption of M (its C2 lacks Y), so decrypting it is no use either.
        assert_ne!(decrypt(&world.secret, &answer), Ok(person));
    }
    let other = StatisticsSecret::random(&mut world.rng);
    let sent = encrypt(&s, &world.public, &mut world.rng);
    let moved = reshuffle(&sent, &world.key, &world.public, &mut world.rng).unwrap();
    assert_ne!(decrypt(&other, &moved), Ok(person));
}

#[test]
fn rotation_leaves_no_equal_element_and_stays_consistent() {
    let mut world = world(5);
    let people: Vec<_> = (0..50)
        .map(|_| IdentitySecret::random(&mut world.rng))
        .collect();
    let before: Vec<_> = people.iter().map(|s| world.person(s)).collect();
    let factor = RotationFactor::random(&mut world.rng);
    let after: Vec<_> = before
        .iter()
        .map(|person| person.rotate(&factor).unwrap())
        .collect();
    let old: BTreeSet<_> = before.iter().collect();
    assert!(after.iter().all(|person| !old.contains(person)));
    let key = world.key.to_bytes();
    let mut one = [0; 32];
    one[0] = 1;
    let unit = domain::MasterScalar::from_bytes(&one).unwrap();
    let whole = domain::Factor::from_bytes(key.expose()).unwrap();
    world.key = DomainKey::compose(&unit, &whole.moved(&factor)).unwrap();
    for (s, rotated) in people.iter().zip(&after) {
        assert_eq!(world.person(s), *rotated);
    }
}

#[test]
fn identity_and_other_encodings_are_refused() {
    let mut world = world(6);
    let s = IdentitySecret::random(&mut world.rng);
    let good = encrypt(&s, &world.public, &mut world.rng);
    // The identity, p (a second zero), a negative element, the greatest encoding.
    let mut order = [0xff; 32];
    (order[0], order[31]) = (0xed, 0x7f);
    let mut negative = [0; 32];
    negative[0] = 1;
    for bad in [[0; 32], order, negative, [0xff; 32]] {
        for half in [0, 32] {
            let mut bytes = *good.as_bytes();
            bytes[half..half + 32].copy_from_slice(&bad);
            let ciphertext = ElGamal::from_bytes(bytes);
            assert_eq!(ciphertext.check(), Err(StatisticsError::Element));
            let moved = reshuffle(&ciphertext, &world.key, &world.public, &mut world.rng);
            assert_eq!(moved, Err(StatisticsError::Element));
            assert!(decrypt(&world.secret, &ciphertext).is_err());
        }
        assert!(StatisticsPublic::try_from(bad).is_err());
        assert!(PersonElement::from_bytes(bad).is_err());
        let json = serde_json::to_string(&Fixed(bad)).unwrap();
        assert!(serde_json::from_str::<StatisticsPublic>(&json).is_err());
    }
    // A ciphertext of the identity: (r*G, r*Y).
    let r = SecretScalar::random(&mut world.rng);
    let empty = ElGamal::from_points(
        &RistrettoPoint::mul_base(r.get()),
        &(world.public.point * r.get()),
    );
    assert!(decrypt(&world.secret, &empty).is_err());
    let moved = reshuffle(&empty, &world.key, &world.public, &mut world.rng).unwrap();
    assert!(decrypt(&world.secret, &moved).is_err());
}

#[test]
fn keys_round_trip_and_print_nothing() {
    let world = world(7);
    let back = StatisticsSecret::from_bytes(world.secret.to_bytes().expose()).unwrap();
    assert_eq!(back.public(), world.public);
    let json = serde_json::to_string(&world.public).unwrap();
    let read: StatisticsPublic = serde_json::from_str(&json).unwrap();
    assert_eq!(read, world.public);
    assert!(StatisticsSecret::from_bytes(&[0; 32]).is_err());
    assert!(StatisticsSecret::from_bytes(&[0xff; 32]).is_err());
    let person = PersonElement::from_uniform(&[9; 64]).unwrap();
    assert_eq!(PersonElement::from_bytes(*person.as_bytes()), Ok(person));
    assert_eq!(format!("{person:?}"), "PersonElement(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn arbitrary_ciphertexts_never_panic(first: [u8; 32], second: [u8; 32]) {
        let mut world = world(8);
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&first);
        bytes[32..].copy_from_slice(&second);
        let ciphertext = ElGamal::from_bytes(bytes);
        let moved = reshuffle(&ciphertext, &world.key, &world.public, &mut world.rng);
        prop_assert_eq!(moved.is_ok(), ciphertext.check().is_ok());
        let _ = decrypt(&world.secret, &ciphertext);
    }
}

#[test]
fn pairs_at_the_edge_give_what_they_must() {
    assert_eq!(vectors::pairs(&kept("edge/elgamal.json")).unwrap(), 14);
}

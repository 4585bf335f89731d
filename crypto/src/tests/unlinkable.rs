//! Tests: what two providers can and cannot learn from each other's stored values
//! (why raw group elements are never stored: see `voprf` and `pseudonym`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::domain::{DomainKey, Factor, Identification, MasterScalar};
use crate::envelope::IdentitySecret;
use crate::provider::DataKey;
use crate::pseudonym::{Pseudonym, provider_pseudonym};
use crate::rng::Random;
use crate::secret::Secret;
use crate::voprf::{self, Blinded};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;

struct Provider {
    key: DomainKey<Identification>,
    data_key: DataKey,
}

struct World {
    rng: Random,
    people: Vec<IdentitySecret>,
    first: Provider,
    second: Provider,
}

fn world() -> World {
    let mut rng = Random::seeded([4; 32]);
    let master = MasterScalar::random(&mut rng);
    let people = (0..4).map(|_| IdentitySecret::random(&mut rng)).collect();
    let mut provider = || Provider {
        key: DomainKey::compose(&master, &Factor::random(&mut rng)).unwrap(),
        data_key: DataKey::random(&mut rng),
    };
    let (first, second) = (provider(), provider());
    World {
        rng,
        people,
        first,
        second,
    }
}

impl Provider {
    /// The provider's own evaluation oracle, as its terminals may use it.
    fn evaluated(&self, element: [u8; 32], rng: &mut Random) -> [u8; 32] {
        voprf::evaluate(&self.key, rng, &[element])
            .unwrap()
            .elements[0]
    }

    fn finalized(&self, input: &[u8], rng: &mut Random) -> Secret<64> {
        let blinded = Blinded::blind(input, rng).unwrap();
        let answer = voprf::evaluate(&self.key, rng, &[blinded.element()]).unwrap();
        let outputs = voprf::finalize(vec![blinded], &answer, &self.key.public());
        outputs.unwrap().remove(0)
    }

    fn pseudonym(&self, s: &IdentitySecret, rng: &mut Random) -> Pseudonym {
        provider_pseudonym(&self.data_key, &self.finalized(s.expose(), rng))
    }
}

/// The element `k*H(s)` that a careless terminal would keep.
fn raw(provider: &Provider, s: &IdentitySecret, rng: &mut Random) -> [u8; 32] {
    // Blinding with 1 leaves H(s) bare; any map to the group shows the same.
    let mut uniform = [0; 64];
    uniform[..32].copy_from_slice(s.expose());
    let bare = RistrettoPoint::from_uniform_bytes(&uniform);
    let blind = Scalar::random(rng);
    let answer = provider.evaluated((bare * blind).compress().to_bytes(), rng);
    let answer = CompressedRistretto(answer).decompress().unwrap();
    (answer * blind.invert()).compress().to_bytes()
}

/// The attack: each provider puts the other's stored values through its own oracle, and both
/// compare: `k_2*(k_1*H)` = `k_1*(k_2*H)`.
fn links(world: &mut World, first: &[[u8; 32]], second: &[[u8; 32]]) -> usize {
    let rng = &mut world.rng;
    let ours: Vec<_> = first
        .iter()
        .map(|element| world.second.evaluated(*element, rng))
        .collect();
    let theirs: Vec<_> = second
        .iter()
        .map(|element| world.first.evaluated(*element, rng))
        .collect();
    ours.iter().filter(|value| theirs.contains(value)).count()
}

#[test]
fn raw_elements_would_link_everybody() {
    let mut world = world();
    let mut rng = world.rng.clone();
    let stored = |provider: &Provider, rng: &mut Random| -> Vec<_> {
        let people = world.people.iter();
        people.map(|s| raw(provider, s, rng)).collect()
    };
    let first = stored(&world.first, &mut rng);
    let second = stored(&world.second, &mut rng);
    assert!(first.iter().all(|element| !second.contains(element)));
    assert_eq!(links(&mut world, &first, &second), world.people.len());
}

/// What is really stored is a hash of a hash: made into elements in every way the attacker can
/// choose, it links nobody.
#[test]
fn stored_pseudonyms_link_nobody() {
    let mut world = world();
    let mut rng = world.rng.clone();
    let stored = |provider: &Provider, rng: &mut Random| -> Vec<_> {
        let people = world.people.iter();
        people.map(|s| provider.pseudonym(s, rng)).collect()
    };
    let first = stored(&world.first, &mut rng);
    let second = stored(&world.second, &mut rng);
    assert!(first.iter().all(|pseudonym| !second.contains(pseudonym)));
    // As the bytes of an element, wherever they happen to be one.
    let canonical = |list: &[Pseudonym]| -> Vec<[u8; 32]> {
        let padded = list.iter().map(|pseudonym| {
            let mut bytes = [0; 32];
            bytes[..16].copy_from_slice(pseudonym.as_bytes());
            bytes
        });
        padded
            .filter(|bytes| CompressedRistretto(*bytes).decompress().is_some())
            .collect()
    };
    let (a, b) = (canonical(&first), canonical(&second));
    assert_eq!(links(&mut world, &a, &b), 0);
    // Hashed to the group.
    let mapped = |list: &[Pseudonym]| -> Vec<[u8; 32]> {
        let hashed = list.iter().map(|pseudonym| {
            let mut uniform = [0; 64];
            uniform[..16].copy_from_slice(pseudonym.as_bytes());
            RistrettoPoint::from_uniform_bytes(&uniform)
        });
        hashed.map(|point| point.compress().to_bytes()).collect()
    };
    let (a, b) = (mapped(&first), mapped(&second));
    assert_eq!(links(&mut world, &a, &b), 0);
    // As inputs of the whole function.
    let again = |list: &[Pseudonym], provider: &Provider, rng: &mut Random| -> Vec<_> {
        let outputs = list.iter().map(|it| provider.finalized(it.as_bytes(), rng));
        outputs.collect()
    };
    let a = again(&first, &world.second, &mut rng);
    let b = again(&second, &world.first, &mut rng);
    assert!(a.iter().all(|output| !b.contains(output)));
}

/// The two providers' finalized outputs differ, and so do the pseudonyms of one provider under
/// another data key: a stolen service alone names nobody.
#[test]
fn a_pseudonym_needs_service_provider_and_card() {
    let mut world = world();
    let s = world.people[0].clone();
    let pseudonym = world.first.pseudonym(&s, &mut world.rng);
    assert_eq!(pseudonym, world.first.pseudonym(&s, &mut world.rng));
    let output = world.first.finalized(s.expose(), &mut world.rng);
    assert_ne!(
        pseudonym,
        provider_pseudonym(&world.second.data_key, &output)
    );
    let other = world.people[1].clone();
    assert_ne!(pseudonym, world.first.pseudonym(&other, &mut world.rng));
}

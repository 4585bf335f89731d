#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::rng::Random;

struct Scene {
    giver: HpkeSecret,
    receiver: HpkeSecret,
    place: Place,
    handed: Handed,
    rng: Random,
}

fn scene() -> Scene {
    let mut rng = Random::seeded([5; 32]);
    let (giver, receiver) = (
        HpkeSecret::generate(&mut rng),
        HpkeSecret::generate(&mut rng),
    );
    let founding = Founding {
        key: giver.public(),
        invited: InviterKind::Operator,
        on: "2026-11-22".parse().unwrap(),
    };
    Scene {
        giver,
        receiver,
        place: Place {
            provider: ProviderId::from_bytes([7; 16]),
            role: 2,
            invited: InviterKind::Administrator,
        },
        handed: Handed {
            key: DataKey::random(&mut rng),
            founding,
        },
        rng,
    }
}

impl Scene {
    fn sealed(&mut self) -> Vec<u8> {
        let to = self.receiver.public();
        seal(&self.giver, &to, &self.place, &self.handed, &mut self.rng).unwrap()
    }

    fn opens(&self, place: &Place, sealed: &[u8]) -> bool {
        open(&self.receiver, &self.giver.public(), place, sealed).is_ok()
    }
}

#[test]
fn a_data_key_passes_from_hand_to_hand_with_its_origin() {
    let mut scene = scene();
    let sealed = scene.sealed();
    assert_eq!(sealed.len(), HANDED_BYTES);
    assert_eq!(claimed(&sealed), Some(scene.giver.public()));
    let giver = scene.giver.public();
    let opened = open(&scene.receiver, &giver, &scene.place, &sealed).unwrap();
    assert_eq!(opened, scene.handed);
    assert_ne!(scene.sealed(), sealed, "sealed anew each time");
    // To oneself: the maker's own copy at the service.
    let own = seal(
        &scene.giver,
        &giver,
        &scene.place,
        &scene.handed,
        &mut scene.rng,
    );
    let kept = open(&scene.giver, &giver, &scene.place, &own.unwrap());
    assert_eq!(kept.unwrap(), scene.handed);
}

#[test]
fn a_data_key_opens_for_its_giver_person_and_place_alone() {
    let mut scene = scene();
    let sealed = scene.sealed();
    assert!(scene.opens(&scene.place, &sealed), "the control");
    for wrong in [
        Place {
            provider: ProviderId::from_bytes([8; 16]),
            ..scene.place
        },
        Place {
            role: 3,
            ..scene.place
        },
        Place {
            invited: InviterKind::Operator,
            ..scene.place
        },
    ] {
        assert!(!scene.opens(&wrong, &sealed));
    }
    let other = HpkeSecret::generate(&mut scene.rng);
    let refused = Err(HandoverError);
    let giver = scene.giver.public();
    assert_eq!(open(&other, &giver, &scene.place, &sealed), refused);
    let own = &scene.receiver;
    assert_eq!(open(own, &other.public(), &scene.place, &sealed), refused);
    // The claim rewritten, to whoever is asked for.
    let renamed = [&other.public().as_bytes()[..], &sealed[32..]].concat();
    assert_eq!(open(own, &other.public(), &scene.place, &renamed), refused);
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert!(!scene.opens(&scene.place, &altered), "byte {at}");
        assert!(!scene.opens(&scene.place, &sealed[..at]), "cut at {at}");
    }
    assert!(!scene.opens(&scene.place, &[&sealed[..], &[0]].concat()));
}

/// Everybody can seal to a public key. In base mode nothing else is needed, with the same purpose and the same binding.
#[test]
fn what_is_sealed_in_base_mode_or_by_another_key_is_no_data_key() {
    let mut scene = scene();
    let (giver, to) = (scene.giver.public(), scene.receiver.public());
    let bound = scene.place.bound(&giver, &to);
    let founding = scene.handed.founding.to_bytes();
    let plain = [&scene.handed.key.expose()[..], &founding].concat();
    let base = hpke::seal(&to, DATA_KEY_HANDED, &bound, &plain, &mut scene.rng).unwrap();
    let base = [&giver.as_bytes()[..], &base].concat();
    assert_eq!(base.len(), HANDED_BYTES);
    assert!(!scene.opens(&scene.place, &base));
    // In auth mode under a key of one's own, with the expected one in front and in the binding.
    let theirs = HpkeSecret::generate(&mut scene.rng);
    let rng = &mut scene.rng;
    let auth = hpke::auth_seal(&theirs, &to, DATA_KEY_HANDED, &bound, &plain, rng).unwrap();
    let auth = [&giver.as_bytes()[..], &auth].concat();
    assert!(!scene.opens(&scene.place, &auth));
}

#[test]
fn an_origin_that_is_none_is_refused() {
    let mut scene = scene();
    let (giver, to) = (scene.giver.public(), scene.receiver.public());
    let bound = scene.place.bound(&giver, &to);
    let good = scene.handed.founding.to_bytes();
    let mut strange = good;
    strange[32] = 9;
    let mut never = good;
    never[33..].copy_from_slice(&[0x7f; 4]);
    for founding in [strange, never] {
        let plain = [&scene.handed.key.expose()[..], &founding].concat();
        let (own, rng) = (&scene.giver, &mut scene.rng);
        let sealed = hpke::auth_seal(own, &to, DATA_KEY_HANDED, &bound, &plain, rng).unwrap();
        let sealed = [&giver.as_bytes()[..], &sealed].concat();
        assert!(!scene.opens(&scene.place, &sealed));
    }
}

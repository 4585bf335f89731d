#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::rng::Random;
use crate::secret::Secret;
use crate::tests::outside::hex;

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

/// Opened as well by a second implementation, written from RFC 9180 with the documented layout (docs/protocol.md, 10.3.1).
#[test]
fn a_data_key_that_was_sealed_once_opens_for_ever() {
    const SEALED: &str = "f831760add06883b0f2ccb1d19473dc2c203c2320126dd593e06d8acaca84f21753d86e5525da4f5a2215a3c5b962959b392da43b7345a61ac7e15a43f9c1c4632e948df7f9fecdd6830e6b09c5301d0b8643d8769b02e084f9c90418bccb18a9116e7c8e633061c7bd79beaabe9774f875e2b7d2f2113c190c2d467423a4be759e67c96c3fc1c3b7bf3686c18a2153ac305de808d";
    const GIVER: &str = "7d31eca50abc2e40a67f22464933f937a27497b4326f84baf7e8eef3285891ff";
    const RECEIVER: &str = "8a36ff6bcf23146e5141a6dc01c293a3002b8effb2708c78cc58ae132c8c84a9";
    const KEY: &str = "d1369e25ae29153584f4f2e32e8f16d669cbefe997cbe6ca6036767ac18cd9b3";
    let secret = |text: &str| HpkeSecret::new(Secret::try_from(&hex(text)[..]).unwrap());
    let (giver, receiver) = (secret(GIVER), secret(RECEIVER));
    let place = scene().place;
    let opened = open(&receiver, &giver.public(), &place, &hex(SEALED)).unwrap();
    assert_eq!(opened.key.expose().to_vec(), hex(KEY));
    let founding = Founding {
        key: giver.public(),
        invited: InviterKind::Operator,
        on: "2026-11-22".parse().unwrap(),
    };
    assert_eq!(opened.founding, founding);
}

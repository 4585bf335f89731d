//! A closed device takes visits down, and whoever opens it next collects them: all of them, once, and nobody else's.

use std::num::NonZeroU16;

use super::{Scene, run};
use crate::notice::Notice;
use crate::outside::{Done, Jotted, Outside};
use crate::state::{Closed, Open};
use crate::testing::today;
use crypto::json::{HiddenText, read, write};
use crypto::rng::Random;
use crypto::verdict::Verdict;
use serde_json::Value;

/// A visit that is known again by its number of pieces.
fn visit(number: u16) -> Jotted {
    Jotted {
        card: HiddenText::new(format!("CARD OF CLIENT {number}")),
        done: vec![Done {
            service: "nsp".parse().unwrap(),
            quantity: NonZeroU16::new(number),
        }],
        day: today(),
        until: None,
    }
}

/// A device as it lies: the sealed state, and what is beside it.
struct Lying {
    state: Vec<u8>,
    beside: Option<Vec<u8>>,
}

impl Lying {
    fn new(scene: &Scene, rng: &mut Random) -> Self {
        let enrolled = &scene.enrolled;
        let mut open = Open::new(enrolled.device.clone(), &enrolled.state_key, rng).unwrap();
        assert!(open.prepare_outside(rng) && !open.prepare_outside(rng));
        let mut lying = Self {
            state: open.seal(rng).unwrap().to_vec(),
            beside: None,
        };
        lying.put(&open);
        lying
    }

    fn open(&self, scene: &Scene) -> Open {
        let closed = Closed::from_bytes(&self.state).unwrap();
        closed.open(&scene.enrolled.state_key).unwrap()
    }

    fn outside(&self) -> Option<Outside> {
        Outside::from_bytes(self.beside.as_ref()?)
    }

    fn put(&mut self, open: &Open) {
        let outside = open.outside(self.outside().as_ref()).unwrap();
        self.beside = Some(outside.to_bytes().unwrap().to_vec());
    }

    fn jot(&mut self, number: u16, rng: &mut Random) {
        let mut outside = self.outside().unwrap();
        outside.jot(&visit(number), rng).unwrap();
        self.beside = Some(outside.to_bytes().unwrap().to_vec());
    }

    /// Collects and saves; whether all was proved.
    fn collect(&mut self, scene: &Scene, rng: &mut Random) -> bool {
        let mut open = self.open(scene);
        let site = "north/market".parse().unwrap();
        let got = open.collect(self.outside().as_ref(), &site, rng).unwrap();
        open.prepare_outside(rng);
        self.state = open.seal(rng).unwrap().to_vec();
        !got.broken
    }

    /// The visits that wait, by their numbers, and whether something is to be told.
    fn waiting(&self, scene: &Scene) -> (Vec<u16>, bool) {
        let open = self.open(scene);
        let quantity = |it: &crate::report::Event| it.quantity.map_or(0, NonZeroU16::get);
        let visits = open.local.later.visits();
        let numbers = visits.flat_map(|it| it.events().iter().map(quantity));
        (
            numbers.collect(),
            open.local.notices().contains(&Notice::Altered),
        )
    }

    /// Changes what lies beside as JSON.
    fn bend(&mut self, how: impl FnOnce(&mut Vec<Value>)) {
        let mut all: Value = read(self.beside.as_ref().unwrap()).unwrap();
        how(all["notes"].as_array_mut().unwrap());
        self.beside = Some(write(&all).unwrap().to_vec());
    }
}

/// Notes, sign-ins that collect or not, and breaks between saving and putting outside, in any order.
#[test]
fn whatever_happens_in_between_every_visit_is_collected_once_in_its_order() {
    run(async {
        let scene = Scene::new().await;
        for seed in 0..12 {
            let rng = &mut Random::seeded([seed; 32]);
            let mut lying = Lying::new(&scene, rng);
            let mut noted = Vec::new();
            for number in 1..=60 {
                match crypto::rng::bytes::<1>(rng)[0] % 6 {
                    0..=2 => {
                        lying.jot(number, rng);
                        noted.push(number);
                    }
                    3 => {
                        assert!(lying.collect(&scene, rng));
                        let open = lying.open(&scene);
                        lying.put(&open);
                    }
                    // Broken off before the outside was put: what was collected lies there still.
                    4 => assert!(lying.collect(&scene, rng)),
                    // A sign-in that did not come so far.
                    _ => {
                        let open = lying.open(&scene);
                        lying.put(&open);
                    }
                }
            }
            assert!(lying.collect(&scene, rng));
            assert!(lying.collect(&scene, rng));
            assert_eq!(lying.waiting(&scene), (noted, false), "seed {seed}");
        }
    });
}

#[test]
#[allow(clippy::too_many_lines, reason = "a test tells one story")]
fn what_is_altered_left_out_or_added_is_not_taken_and_is_told() {
    run(async {
        let scene = Scene::new().await;
        let other = Scene::new().await;
        type Bend = fn(&mut Vec<Value>);
        let bends: [(&str, Bend, usize); 7] = [
            ("the last is gone", |all| drop(all.pop()), 2),
            ("all are gone", |all| all.clear(), 0),
            ("the first is gone", |all| drop(all.remove(0)), 0),
            ("two changed places", |all| all.swap(1, 2), 1),
            ("one is there twice", |all| all.push(all[2].clone()), 3),
            (
                "one bears the MAC of another",
                |all| {
                    all[1]["mac"] = all[2]["mac"].clone();
                },
                1,
            ),
            (
                "one is another's content",
                |all| {
                    all[2]["sealed"] = all[0]["sealed"].clone();
                },
                2,
            ),
        ];
        for (what, bend, taken) in bends {
            let rng = &mut Random::seeded([7; 32]);
            let mut lying = Lying::new(&scene, rng);
            (1..=3).for_each(|number| lying.jot(number, rng));
            lying.bend(bend);
            assert!(!lying.collect(&scene, rng), "{what}");
            let (numbers, told) = lying.waiting(&scene);
            assert_eq!(numbers, (1..=3).take(taken).collect::<Vec<_>>(), "{what}");
            assert!(told, "{what}");
            // It goes on with other keys, until somebody has looked into it.
            let open = lying.open(&scene);
            lying.put(&open);
            lying.jot(9, rng);
            assert!(lying.collect(&scene, rng), "{what}");
            let mut open = lying.open(&scene);
            open.local.explained();
            assert!(open.local.notices().is_empty());
        }
        // All of it is gone, or it is another device's.
        let rng = &mut Random::seeded([8; 32]);
        let strange = Lying::new(&other, rng).beside;
        for beside in [None, strange] {
            let mut lying = Lying::new(&scene, rng);
            lying.jot(1, rng);
            lying.beside = beside;
            assert!(!lying.collect(&scene, rng));
            assert_eq!(lying.waiting(&scene), (Vec::new(), true));
        }
        // Who signs out expects nothing there.
        let mut lying = Lying::new(&scene, rng);
        let mut open = lying.open(&scene);
        open.nothing_outside();
        lying.state = open.seal(rng).unwrap().to_vec();
        lying.beside = None;
        assert!(lying.collect(&scene, rng));
    });
}

#[test]
fn a_closed_device_judges_cards_and_reads_nothing_of_what_it_noted() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let card = scene.cards(1).await.remove(0);
        let enrolled = &scene.enrolled;
        let mut open = Open::new(enrolled.device.clone(), &enrolled.state_key, &mut rng).unwrap();
        open.local.refresh(&scene.session, today()).await.unwrap();
        open.prepare_outside(&mut rng);
        let mut outside = open.outside(None).unwrap();
        let said = outside.verdict(&card, today()).unwrap();
        assert!(matches!(said, Verdict::Valid { .. }), "{said:?}");
        let said = outside.verdict("A POSTER", today()).unwrap();
        assert!(matches!(said, Verdict::Unknown));
        let late = outside.verdict(&card, today().plus(40)).unwrap();
        assert!(matches!(late, Verdict::Stale { .. }), "{late:?}");
        let jotted = Jotted {
            card: HiddenText::new(card.clone()),
            ..visit(20)
        };
        outside.jot(&jotted, &mut rng).unwrap();
        let bytes = outside.to_bytes().unwrap();
        let shown = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
        assert!(!shown(&card.as_bytes()[..20]) && !shown(b"nsp"));
        assert_eq!(format!("{outside:?}"), "Outside(1)");
        // Nothing lies there that tells where it works or for whom.
        assert!(!shown(enrolled.device.handle().as_str().as_bytes()));
    });
}

#[test]
fn notes_are_bounded_and_what_has_no_room_stays_outside() {
    run(async {
        let scene = Scene::new().await;
        let rng = &mut Random::seeded([9; 32]);
        let mut lying = Lying::new(&scene, rng);
        let mut outside = lying.outside().unwrap();
        for _ in 0..crate::outside::MOST_NOTES {
            outside.jot(&visit(1), rng).unwrap();
        }
        assert!(outside.jot(&visit(1), rng).is_err());
        lying.beside = Some(outside.to_bytes().unwrap().to_vec());
        let site = "north/market".parse().unwrap();
        let mut open = lying.open(&scene);
        for _ in 0..600 {
            open.local
                .later
                .keep("CARD", false, Vec::new(), rng)
                .unwrap();
        }
        assert!(open.collect(lying.outside().as_ref(), &site, rng).is_err());
        assert_eq!(open.local.later.len(), 600, "nothing was moved");
        assert!(open.local.notices().is_empty());
    });
}

//! The orders of answers in `data/edge/sequences.json`, each played against a terminal by a server that can be bent.

use std::sync::Arc;

use crypto::card::Card;
use crypto::day::Month;
use crypto::envelope::SEALED_BYTES;
use crypto::id::EnvelopeId;
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use serde_json::Value;
use terminal::device::Device;
use terminal::envelopes::{Envelopes, MOST_KEPT};
use terminal::present::{Context, Outcome, Presentation, present};
use terminal::replace::{self, Reason, Replacement};
use terminal::report::Event;
use terminal::testing::{Fake, Fault, Forge, today};
use terminal::{Error, Local, Session, enroll, issue, login};
use wire::typed::Chosen;
use wire::{Bucket, Prefix};

const SEQUENCES: &str = include_str!("../data/edge/sequences.json");
/// Played by the tests of status lists and of blanks.
const ELSEWHERE: [&str; 2] = [
    "two cards with one c and two indices",
    "a blank whose envelope was put before its first use",
];

fn facts(which: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(SEQUENCES).unwrap();
    all[which].as_array().unwrap().clone()
}

struct Scene {
    fake: Arc<Fake>,
    device: Device,
    session: Session<Arc<Fake>>,
    list: CheckedStatusList,
    local: Local,
    kept: Envelopes,
    rng: Random,
}

async fn sign_in(fake: &Arc<Fake>, device: &mut Device, rng: &mut Random) -> Session<Arc<Fake>> {
    let password = Chosen::parse("four plain words here").unwrap();
    let (door, handle) = (device.door(), device.handle().clone());
    let begun = login::begin(fake, &door, &handle, password.entered(), rng)
        .await
        .unwrap();
    let proved = begun.prove(rng).unwrap();
    proved
        .finish(Arc::clone(fake), device, today())
        .await
        .unwrap()
}

impl Scene {
    async fn new() -> Self {
        let mut rng = Random::seeded([21; 32]);
        let fake = Fake::new(&mut rng);
        let password = Chosen::parse("four plain words here").unwrap();
        let handle = "staff.one".parse().unwrap();
        let (invitation, label) = (fake.invitation(), "desk".parse().unwrap());
        let begun = enroll::begin(&fake, &invitation, &handle, &password, &label, &mut rng)
            .await
            .unwrap();
        let enrolled = begun
            .prove(&mut rng)
            .unwrap()
            .finish(&fake, today())
            .await
            .unwrap();
        let mut device = enrolled.device;
        let session = sign_in(&fake, &mut device, &mut rng).await;
        let mut local = Local::default();
        let list = local.refresh(&session, today()).await.unwrap();
        Self {
            fake,
            device,
            session,
            list,
            local,
            kept: Envelopes::default(),
            rng,
        }
    }

    async fn cards(&mut self, count: usize) -> Vec<String> {
        let expiry = Month::of(today()).plus(24);
        let cards = issue::issue(&self.session, count, expiry, &mut self.rng).await;
        cards.unwrap().iter().map(Card::to_text).collect()
    }

    /// A new client, enrolled here.
    async fn client(&mut self, card: &str) {
        let context = context(&self.list, &self.local);
        let (kept, rng) = (&mut self.kept, &mut self.rng);
        let person = issue::activate(&self.session, card, &context, kept, rng)
            .await
            .unwrap();
        let event = Event {
            site: "medan/a".parse().unwrap(),
            service: "art".parse().unwrap(),
            kind: Kind::Enrolled,
            day: today(),
            covered_until: None,
            group: None,
            quantity: None,
            consent: true,
        };
        self.local
            .record(&self.session, &person, &event, &mut self.rng)
            .unwrap();
    }

    async fn show(&mut self, card: &str) -> Result<Presentation, Error> {
        let context = context(&self.list, &self.local);
        let (kept, rng) = (&mut self.kept, &mut self.rng);
        present(&self.session, card, &context, kept, rng).await
    }

    async fn replace(&mut self, old: &str, new: &str, reason: Reason) -> Result<(), Error> {
        let cards = Replacement { old, new, reason };
        let context = context(&self.list, &self.local);
        let (kept, rng) = (&mut self.kept, &mut self.rng);
        let person = replace::replace(&self.session, &cards, &context, kept, rng).await;
        person.map(drop)
    }

    /// From now on this terminal fetches by prefix: it was handed too many.
    async fn grows(&mut self) {
        let each = u32::try_from(MOST_KEPT / 256 + 1).unwrap();
        self.forges(move |asked| (8, asked.iter().map(|it| crowd(*it, each)).collect()));
        self.fake.inner().digests = Some(vec![1; 256 * 16]);
        self.kept.sync(&self.session, 0).await.unwrap();
        assert!(self.kept.is_empty());
        self.fake.inner().fetched.clear();
    }

    fn forges(&self, forge: impl FnMut(&[Prefix]) -> (u8, Vec<Bucket>) + Send + 'static) {
        let forge: Forge = Box::new(forge);
        self.fake.inner().forge = Some(forge);
    }

    /// The id of the envelope that was put last, and its content.
    fn last(&self) -> (EnvelopeId, [u8; SEALED_BYTES]) {
        let inner = self.fake.inner();
        let id = *inner.put.last().unwrap();
        (id, inner.envelopes[&id].sealed[..].try_into().unwrap())
    }

    /// Whether the card's own prefix of this length was asked for.
    fn was_asked(&self, id: &EnvelopeId, bits: u8) -> bool {
        let own = Prefix::of(id, bits);
        self.fake.inner().fetched.concat().contains(&own)
    }
}

fn context<'a>(list: &'a CheckedStatusList, local: &'a Local) -> Context<'a> {
    Context {
        status: Some(list),
        roster: &local.roster,
        today: today(),
        seconds: 0,
        locker: false,
        withdrawals: &local.withdrawals,
    }
}

fn crowd(prefix: Prefix, count: u32) -> Bucket {
    let mut bucket = Bucket::default();
    for n in 0..count {
        let mut id = *prefix.range().0.as_bytes();
        id[12..].copy_from_slice(&n.to_be_bytes());
        bucket.insert(&EnvelopeId::from_bytes(id), &[7; SEALED_BYTES]);
    }
    bucket
}

/// Every other prefix is full of forged envelopes, the card's holds the card's alone.
async fn full_but_for_the_card(claimed: u8) {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    scene.client(&cards[0]).await;
    let (own, sealed) = scene.last();
    scene.grows().await;
    scene.forges(move |asked| {
        let there = |prefix: &Prefix| {
            let mut bucket = Bucket::default();
            if Prefix::of(&own, prefix.bits()) == *prefix {
                bucket.insert(&own, &sealed);
                return bucket;
            }
            crowd(*prefix, 160)
        };
        (claimed, asked.iter().map(there).collect())
    });
    let refused = scene.show(&cards[0]).await;
    assert!(matches!(refused, Err(Error::Bucket | Error::Answer)));
}

async fn a_lower_floor() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    scene.client(&cards[0]).await;
    scene.grows().await;
    scene.fake.inner().smallest = Some(4);
    scene.fake.renew();
    scene.session = sign_in(&scene.fake, &mut scene.device, &mut scene.rng).await;
    assert_eq!(scene.session.bundle().core.envelope_min_bucket, 4);
    scene.forges(|asked| (8, asked.iter().map(|it| crowd(*it, 153)).collect()));
    let refused = scene.show(&cards[0]).await;
    assert!(matches!(refused, Err(Error::Bucket)), "the old floor: 154");
}

/// What is there is one envelope.
async fn narrowed(claimed: u8) {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    scene.client(&cards[0]).await;
    let (own, sealed) = scene.last();
    scene.grows().await;
    scene.forges(move |asked| {
        let there = |prefix: &Prefix| {
            let mut bucket = Bucket::default();
            if prefix.bits() > 8 && Prefix::of(&own, prefix.bits()) == *prefix {
                bucket.insert(&own, &sealed);
            }
            bucket
        };
        (claimed, asked.iter().map(there).collect())
    });
    let refused = scene.show(&cards[0]).await;
    assert!(matches!(refused, Err(Error::Bucket | Error::Answer)));
    for bits in 9..=24 {
        assert!(!scene.was_asked(&own, bits), "{bits} bits of the card");
    }
}

async fn an_envelope_from_elsewhere() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    scene.client(&cards[0]).await;
    let elsewhere = |asked: &[Prefix]| {
        let other = |it: &Prefix| crowd(Prefix::sync(!it.range().0.as_bytes()[0]), 200);
        (8, asked.iter().map(other).collect())
    };
    scene.forges(elsewhere);
    assert!(matches!(scene.show(&cards[0]).await, Err(Error::Answer)));
    scene.grows().await;
    scene.forges(elsewhere);
    assert!(matches!(scene.show(&cards[0]).await, Err(Error::Answer)));
}

#[tokio::test]
async fn every_sequence_of_buckets_is_refused() {
    let all = facts("bucket_answers");
    assert_eq!(all.len(), 4);
    for one in all {
        match one["what"].as_str().unwrap() {
            what if what.starts_with("24 bits claimed; a prefix that no envelope has") => {
                for claimed in [8, 12, 24] {
                    full_but_for_the_card(claimed).await;
                }
            }
            what if what.starts_with("the new bundle says smallest bucket 4") => {
                a_lower_floor().await;
            }
            what if what.starts_with("20 bits claimed") => {
                for claimed in [9, 12, 20] {
                    narrowed(claimed).await;
                }
            }
            "an envelope outside the prefix" => an_envelope_from_elsewhere().await,
            what => panic!("{what}: nobody plays this"),
        }
    }
}

async fn a_deletion_that_did_not_happen() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    scene.client(&cards[0]).await;
    scene.fake.inner().fault = Fault::KeepsDeleted;
    for _ in 0..2 {
        let (kept, rng) = (&mut scene.kept, &mut scene.rng);
        let context = context(&scene.list, &scene.local);
        let killed = replace::kill(&scene.session, &cards[0], &context, kept, rng).await;
        assert!(killed.unwrap_err().is_passing());
    }
    scene.fake.inner().fault = Fault::None;
    let (kept, rng) = (&mut scene.kept, &mut scene.rng);
    let context = context(&scene.list, &scene.local);
    replace::kill(&scene.session, &cards[0], &context, kept, rng)
        .await
        .unwrap();
    assert!(scene.fake.inner().envelopes.is_empty());
}

async fn two_new_cards_for_one() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(3).await;
    scene.client(&cards[0]).await;
    scene
        .replace(&cards[0], &cards[1], Reason::Worn)
        .await
        .unwrap();
    let late = scene.replace(&cards[0], &cards[2], Reason::Worn).await;
    assert!(late.is_err());
    let alive = async |scene: &mut Scene, card: &str| {
        let seen = scene.show(card).await.unwrap().outcome;
        matches!(seen, Outcome::Person(_))
    };
    assert!(alive(&mut scene, &cards[1]).await);
    assert!(!alive(&mut scene, &cards[2]).await && !alive(&mut scene, &cards[0]).await);
}

/// The second client's card, as it was left by a replacement that rotated, beside a first client of the same roster.
async fn a_claim() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(2).await;
    scene.client(&cards[0]).await;
    scene
        .replace(&cards[0], &cards[1], Reason::Taken)
        .await
        .unwrap();
    let person = scene.show(&cards[1]).await.unwrap().person().unwrap();
    let before = *person.claim().unwrap();
    assert!(!person.known() && !scene.local.roster.superseded(&before));
    let (session, rng) = (&scene.session, &mut scene.rng);
    let entry = scene.local.confirm(session, &person, today(), rng).unwrap();
    let link = *scene.local.roster.continuation(person.pseudonym()).unwrap();
    assert_eq!((link.entry, link.previous), (entry, before));
    let undone = scene
        .local
        .separate(session, person.pseudonym(), today(), rng);
    assert!(undone.is_ok() && !scene.local.roster.superseded(&before));
}

#[tokio::test]
async fn every_sequence_of_replacements_ends_as_it_must() {
    let all = facts("replacement");
    assert_eq!(all.len(), 5);
    for one in all {
        match one["what"].as_str().unwrap() {
            what if what.starts_with("DELETE is answered 404") => {
                a_deletion_that_did_not_happen().await;
            }
            what if what.starts_with("two terminals replace one old card") => {
                two_new_cards_for_one().await;
            }
            what if what.starts_with("an envelope of form 2") => a_claim().await,
            what => assert!(ELSEWHERE.contains(&what), "{what}: nobody plays this"),
        }
    }
}

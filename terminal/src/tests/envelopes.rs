//! Envelopes kept at the terminal: what is asked for, what a service that has turned can make of it.

use super::{Scene, activate, activate_many, password, run, sign_in};
use crate::bucket::LEAST_CROWD;
use crate::envelopes::{BEAT, Envelopes, MOST_KEPT};
use crate::error::Error;
use crate::local::Local;
use crate::present::{Context, Outcome, present};
use crate::replace;
use crate::session::Session;
use crate::testing::{Fake, Forge};
use crypto::envelope::SEALED_BYTES;
use crypto::id::EnvelopeId;
use std::collections::BTreeSet;
use std::sync::Arc;
use wire::{Bucket, Prefix};

fn at<'a>(context: &Context<'a>, seconds: u64) -> Context<'a> {
    Context {
        seconds,
        ..*context
    }
}

/// A bucket with so many envelopes of nobody.
fn crowd(prefix: Prefix, count: u32) -> Bucket {
    let mut bucket = Bucket::default();
    let (first, _) = prefix.range();
    for n in 0..count {
        let mut id = *first.as_bytes();
        id[12..].copy_from_slice(&n.to_be_bytes());
        bucket.insert(&EnvelopeId::from_bytes(id), &[7; SEALED_BYTES]);
    }
    bucket
}

/// What was asked since the last time of asking.
fn asked(scene: &Scene) -> Vec<String> {
    std::mem::take(&mut scene.fake.inner().seen)
}

const DIGESTS: &str = "GET /v1/envelopes/digests";
const BUCKETS: &str = "POST /v1/envelopes/buckets";
const EVALUATE: &str = "POST /v1/evaluate";

#[test]
fn a_presentation_is_two_calls_and_no_request_depends_on_the_card() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(3).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let mut kept = Envelopes::default();
        let context = scene.context(&local);
        for card in &cards[..2] {
            activate(&scene.session, card, &context, &mut rng)
                .await
                .unwrap();
        }
        kept.sync(&scene.session, 100).await.unwrap();
        asked(&scene);
        for (card, seconds) in [(&cards[0], 100), (&cards[1], 100 + BEAT - 1)] {
            let context = at(&context, seconds);
            let seen = present(&scene.session, card, &context, &mut kept, &mut rng).await;
            assert!(matches!(seen.unwrap().outcome, Outcome::Person(_)));
            assert_eq!(asked(&scene), [EVALUATE, EVALUATE]);
        }
        // One that came to life elsewhere is found by asking for everything that changed.
        activate(&scene.session, &cards[2], &context, &mut rng)
            .await
            .unwrap();
        asked(&scene);
        let context = at(&context, 101);
        let seen = present(&scene.session, &cards[2], &context, &mut kept, &mut rng).await;
        assert!(matches!(seen.unwrap().outcome, Outcome::Person(_)));
        assert_eq!(asked(&scene), [EVALUATE, DIGESTS, BUCKETS, EVALUATE]);
        let bodies = scene.fake.inner().fetched.clone();
        let id = |n: usize| scene.fake.inner().put[n];
        let last = Prefix::sync(id(2).as_bytes()[0]);
        assert_eq!(
            bodies.last().unwrap(),
            &[last],
            "what changed, and nothing else"
        );
    });
}

/// A killed card opens from what is kept, at another terminal, for a beat and no longer.
#[test]
fn what_is_kept_is_used_for_a_beat_only() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let (mut kept, mut elsewhere) = (Envelopes::default(), Envelopes::default());
        let context = scene.context(&local);
        activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        kept.sync(&scene.session, 1_000).await.unwrap();
        replace::kill(
            &scene.session,
            &cards[0],
            &at(&context, 1_000),
            &mut elsewhere,
            &mut rng,
        )
        .await
        .unwrap();
        for (seconds, opens) in [
            (1_000, true),
            (1_000 + BEAT - 1, true),
            (1_000 + BEAT, false),
            (1_000, false),
        ] {
            let context = at(&context, seconds);
            let seen = present(&scene.session, &cards[0], &context, &mut kept, &mut rng).await;
            let open = matches!(seen.unwrap().outcome, Outcome::Person(_));
            assert_eq!(open, opens, "{seconds}");
        }
        // A clock that was set back makes what is kept old, never young.
        kept.sync(&scene.session, 5_000).await.unwrap();
        assert!(!kept.due(5_000) && kept.due(4_999) && kept.due(0));
    });
}

#[test]
fn every_change_is_fetched_and_nothing_else() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(40).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let mut kept = Envelopes::default();
        let context = scene.context(&local);
        for part in cards.chunks(13) {
            let texts: Vec<&str> = part.iter().map(String::as_str).collect();
            activate_many(&scene.session, &texts, &context, &mut rng)
                .await
                .unwrap();
            kept.sync(&scene.session, 0).await.unwrap();
            assert_eq!(kept.len(), scene.fake.inner().envelopes.len());
            let again = kept.sync(&scene.session, 0).await.unwrap();
            assert_eq!(again.buckets, 0);
        }
        for card in &cards[..20] {
            replace::kill(&scene.session, card, &context, &mut kept, &mut rng)
                .await
                .unwrap();
        }
        assert_eq!(kept.len(), 20);
        // What was stored is what was kept, and one byte less or more is nothing.
        let bytes = kept.to_bytes();
        let again = Envelopes::from_bytes(&bytes).unwrap();
        assert!(again.due(0) && again.len() == 20);
        for at in [0, 1, 5, 7, 126, bytes.len() - 1] {
            assert!(Envelopes::from_bytes(&bytes[..at]).is_none(), "{at}");
        }
        let turned = [&bytes[..6], &bytes[127..248], &bytes[6..127]].concat();
        assert!(Envelopes::from_bytes(&turned).is_none(), "out of order");
        assert!(Envelopes::from_bytes(&[bytes, vec![0]].concat()).is_none());
    });
}

/// Digests that are never right, that claim what is not there, too few and too many.
#[test]
fn digests_that_contradict_the_buckets_are_refused_and_end() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        let mut kept = Envelopes::default();
        for claimed in [
            vec![9; 256 * 16],
            vec![9; 255 * 16],
            vec![9; 256 * 16 + 1],
            vec![],
        ] {
            scene.fake.inner().digests = Some(claimed);
            asked(&scene);
            let refused = kept.sync(&scene.session, 0).await;
            assert!(matches!(refused, Err(Error::Answer)));
            assert!(asked(&scene).len() <= 8 * 9);
            let refused = present(&scene.session, &cards[0], &context, &mut kept, &mut rng).await;
            assert!(matches!(refused, Err(Error::Answer)));
            let sent = asked(&scene);
            assert!(
                !sent.iter().any(|line| line == EVALUATE),
                "the card was not used"
            );
        }
        scene.fake.inner().digests = None;
        kept.sync(&scene.session, 0).await.unwrap();
        assert_eq!(kept.len(), 1);
    });
}

/// Empty buckets, buckets of other places, other envelopes under known ids: a presentation fails, and opens nobody else.
#[test]
fn forged_buckets_open_nobody() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        for card in &cards {
            activate(&scene.session, card, &context, &mut rng)
                .await
                .unwrap();
        }
        let empty: Forge = Box::new(|asked| (8, asked.iter().map(|_| Bucket::default()).collect()));
        let elsewhere: Forge = Box::new(|asked| {
            let other = |it: &Prefix| crowd(Prefix::sync(!it.range().0.as_bytes()[0]), 3);
            (8, asked.iter().map(other).collect())
        });
        let narrow: Forge = Box::new(|asked| (20, asked.iter().map(|it| crowd(*it, 1)).collect()));
        for forge in [empty, elsewhere, narrow] {
            scene.fake.inner().forge = Some(forge);
            let mut kept = Envelopes::default();
            let refused = present(&scene.session, &cards[0], &context, &mut kept, &mut rng).await;
            assert!(matches!(refused, Err(Error::Answer)));
        }
        scene.fake.inner().forge = None;
        let ids: Vec<EnvelopeId> = scene.fake.inner().envelopes.keys().copied().collect();
        {
            let mut inner = scene.fake.inner();
            let first = inner.envelopes[&ids[0]].clone();
            let second = inner.envelopes.insert(ids[1], first).unwrap();
            inner.envelopes.insert(ids[0], second);
        }
        let mut kept = Envelopes::default();
        for card in &cards {
            let refused = present(&scene.session, card, &context, &mut kept, &mut rng).await;
            assert!(matches!(refused, Err(Error::Sealed)));
        }
    });
}

/// Nobody's word makes a request narrower: only a terminal that was handed more than it keeps asks by prefix.
#[test]
#[allow(clippy::too_many_lines)]
fn a_large_programme_is_asked_by_prefix_in_a_crowd() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        let own = scene.fake.inner().put[0];
        let real = scene.fake.inner().bucket(Prefix::of(&own, 12));
        let sealed: [u8; SEALED_BYTES] = real.get(&own).unwrap().try_into().unwrap();
        let each = u32::try_from(MOST_KEPT / 256 + 1).unwrap();
        let honest = move |asked: &[Prefix]| {
            let whole = |prefix: &Prefix| {
                let mut bucket = crowd(*prefix, each);
                if Prefix::of(&own, prefix.bits()) == *prefix {
                    bucket.insert(&own, &sealed);
                }
                bucket
            };
            (8, asked.iter().map(whole).collect())
        };
        scene.fake.inner().forge = Some(Box::new(honest));
        scene.fake.inner().digests = Some(vec![1; 256 * 16]);
        let mut kept = Envelopes::default();
        scene.fake.inner().fetched.clear();
        let seen = present(&scene.session, &cards[0], &context, &mut kept, &mut rng).await;
        assert!(matches!(seen.unwrap().outcome, Outcome::Person(_)));
        assert_eq!(kept.len(), 0);
        let fetched = scene.fake.inner().fetched.clone();
        let last = fetched.last().unwrap();
        assert_eq!(last.len(), 4, "the card's and three others");
        assert!(last.contains(&Prefix::of(&own, 8)));
        // It stays so, and is stored so.
        let mut kept = Envelopes::from_bytes(&kept.to_bytes()).unwrap();
        scene.fake.inner().fetched.clear();
        present(&scene.session, &cards[0], &context, &mut kept, &mut rng)
            .await
            .unwrap();
        assert_eq!(scene.fake.inner().fetched.len(), 1);
        // One of the four too small, wherever it lies: nothing of the round is used.
        for small in 0..4 {
            scene.fake.inner().forge = Some(Box::new(move |asked| {
                let (bits, mut buckets): (u8, Vec<Bucket>) = honest(asked);
                buckets[small] = crowd(asked[small], LEAST_CROWD - 1);
                (bits, buckets)
            }));
            let refused = present(&scene.session, &cards[0], &context, &mut kept, &mut rng).await;
            assert!(matches!(refused, Err(Error::Bucket)), "{small}");
        }
    });
}

/// A longer prefix is asked for with the card only after four random buckets of that length were full.
#[test]
fn a_claim_of_size_is_tried_on_random_buckets_first() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        let own = scene.fake.inner().put[0];
        let mut kept = by_prefix(&scene).await;
        scene.fake.inner().forge = Some(Box::new(|asked| {
            let there = |it: &Prefix| crowd(*it, if it.bits() > 8 { 16 } else { 0 });
            (12, asked.iter().map(there).collect())
        }));
        scene.fake.inner().fetched.clear();
        let refused = present(&scene.session, &cards[0], &context, &mut kept, &mut rng).await;
        assert!(matches!(refused, Err(Error::Bucket)));
        let fetched = scene.fake.inner().fetched.clone();
        assert_eq!(fetched.len(), 2);
        assert!(fetched[1].iter().all(|it| it.bits() == 12));
        assert!(!fetched[1].contains(&Prefix::of(&own, 12)));
    });
}

/// A service that makes a terminal ask again and again around one card, today and at the next sign-in, with prefixes that grow:
/// what all those requests have in common is what each of them had.
#[test]
fn requests_around_one_card_have_four_buckets_in_common() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        let own = scene.fake.inner().put[0];
        let mut common: Option<BTreeSet<Prefix>> = None;
        let mut requests = 0;
        for _ in 0..3 {
            let device = &mut scene.enrolled.device;
            let session = sign_in(&scene.fake, device, &password(), &mut rng).await;
            let session = session.unwrap();
            let mut kept = grown(&scene, &session).await;
            scene.fake.inner().forge = Some(Box::new(move |asked| {
                let bits = asked[0].bits();
                let aimed = asked.contains(&Prefix::of(&own, bits));
                let there = |it: &Prefix| crowd(*it, if aimed { 0 } else { 256 });
                (bits + 1, asked.iter().map(there).collect())
            }));
            let context = scene.context(&local);
            scene.fake.inner().fetched.clear();
            let refused = present(&session, &cards[0], &context, &mut kept, &mut rng).await;
            assert!(matches!(refused, Err(Error::Answer)));
            for asked in scene.fake.inner().fetched.clone() {
                if !asked.contains(&Prefix::of(&own, asked[0].bits())) {
                    continue;
                }
                let short = |it: &Prefix| Prefix::of(&it.range().0, 8);
                let short: BTreeSet<Prefix> = asked.iter().map(short).collect();
                common = Some(common.map_or(short.clone(), |kept| &kept & &short));
                requests += 1;
            }
            scene.session = session;
        }
        assert_eq!((requests, common.unwrap().len()), (9, 4));
    });
}

/// A terminal that was handed more than it keeps.
async fn by_prefix(scene: &Scene) -> Envelopes {
    grown(scene, &scene.session).await
}

async fn grown(scene: &Scene, session: &Session<Arc<Fake>>) -> Envelopes {
    let mut kept = Envelopes::default();
    let each = u32::try_from(MOST_KEPT / 256 + 1).unwrap();
    scene.fake.inner().forge = Some(Box::new(move |asked| {
        (8, asked.iter().map(|it| crowd(*it, each)).collect())
    }));
    scene.fake.inner().digests = Some(vec![1; 256 * 16]);
    kept.sync(session, 0).await.unwrap();
    assert!(kept.is_empty());
    kept
}

/// The same calls in the same order, whichever of many cards is shown.
#[test]
fn what_is_asked_is_the_same_for_every_card() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(12).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let texts: Vec<&str> = cards.iter().map(String::as_str).collect();
        activate_many(&scene.session, &texts, &context, &mut rng)
            .await
            .unwrap();
        let mut all = Vec::new();
        for card in &cards {
            let mut kept = Envelopes::default();
            asked(&scene);
            scene.fake.inner().fetched.clear();
            present(&scene.session, card, &context, &mut kept, &mut rng)
                .await
                .unwrap();
            let fetched = scene.fake.inner().fetched.clone();
            all.push((asked(&scene), fetched));
        }
        assert!(all.iter().all(|one| *one == all[0]));
    });
}

//! Buckets that are kept: a change costs no reading of the database, and nobody is ever shown an old one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crypto::b64::{B64, Fixed};
use crypto::envelope::{SEALED_BYTES, delete_token_hash};
use crypto::id::EnvelopeId;
use crypto::rng::{self, Random};
use wire::{Bucket, Prefix, PutEnvelope, Role};

use super::harness::{House, houses_with};
use crate::access::session::Session;
use crate::cards::{buckets, envelopes};
use crate::{App, Limits};

/// Deletes every envelope of these tests.
const TOKEN: Fixed<32> = Fixed([5; 32]);

/// A few envelopes already make several buckets.
const SMALL: u32 = 4;

async fn small_houses() -> Vec<House> {
    houses_with(Limits {
        activations_per_day: 10_000,
        envelope_min_bucket: SMALL,
        ..Limits::default()
    })
    .await
}

async fn somebody(house: &House) -> Session {
    let provider = house.provider("A").await;
    let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
    house.app.sessions.find(&seat.id, 0).unwrap().session
}

/// An id that begins with this byte.
fn id(first: u8, rng: &mut Random) -> EnvelopeId {
    let mut bytes: [u8; 16] = rng::bytes(rng);
    bytes[0] = first;
    EnvelopeId::from_bytes(bytes)
}

async fn put(app: &App, who: &Session, id: EnvelopeId) {
    let request = PutEnvelope {
        sealed: B64(vec![7; SEALED_BYTES]),
        delete_hash: Fixed(delete_token_hash(&TOKEN.0)),
    };
    envelopes::put(app, who, id, &request).await.unwrap();
}

async fn delete(app: &App, who: &Session, id: EnvelopeId) {
    envelopes::delete(app, who, id, &TOKEN).await.unwrap();
}

async fn shown(app: &Arc<App>, prefix: Prefix) -> BTreeSet<EnvelopeId> {
    let json = buckets::answer(app, prefix).await.unwrap();
    let bucket: Bucket = serde_json::from_slice(&json).unwrap();
    bucket.envelopes.iter().map(|it| it.id).collect()
}

/// The bucket that this service allows for an id now.
async fn bucket_of(app: &Arc<App>, id: EnvelopeId) -> (Prefix, BTreeSet<EnvelopeId>) {
    let prefix = Prefix::of(&id, envelopes::bits_now(app).await.unwrap());
    (prefix, shown(app, prefix).await)
}

#[tokio::test]
async fn a_change_leaves_every_bucket_kept_and_true() {
    for mut house in small_houses().await {
        let who = somebody(&house).await;
        let eighths: Vec<EnvelopeId> = (0..32).map(|n| id(n * 8, &mut house.rng)).collect();
        for id in &eighths {
            put(&house.app, &who, *id).await;
        }
        let prefixes: Vec<Prefix> = (0..8).map(|n| Prefix::of(&eighths[n * 4], 3)).collect();
        let kept = |n: usize| house.app.buckets.get(prefixes[n], 3).is_some();
        for prefix in &prefixes {
            assert_eq!(shown(&house.app, *prefix).await.len(), 4);
        }
        assert!((0..8).all(kept));
        let new = id(0, &mut house.app.rng());
        put(&house.app, &who, new).await;
        shown(&house.app, prefixes[7]).await;
        assert!((0..8).all(kept), "one came");
        assert!(shown(&house.app, prefixes[0]).await.contains(&new));
        delete(&house.app, &who, new).await;
        shown(&house.app, prefixes[7]).await;
        assert!((0..8).all(kept), "one went");
        assert!(!shown(&house.app, prefixes[0]).await.contains(&new));
    }
}

#[tokio::test]
async fn an_envelope_that_was_refused_costs_nobody_a_bucket() {
    for house in houses_with(Limits {
        activations_per_day: 1,
        ..Limits::default()
    })
    .await
    {
        let who = somebody(&house).await;
        let (first, second) = (id(1, &mut house.app.rng()), id(2, &mut house.app.rng()));
        put(&house.app, &who, first).await;
        let (all, inside) = bucket_of(&house.app, first).await;
        assert_eq!(inside, BTreeSet::from([first]));
        let request = PutEnvelope {
            sealed: B64(vec![7; SEALED_BYTES]),
            delete_hash: TOKEN,
        };
        let refused = envelopes::put(&house.app, &who, second, &request).await;
        assert!(matches!(refused, Err(crate::Refusal::Limit { .. })));
        let wrong = envelopes::delete(&house.app, &who, first, &Fixed([6; 32])).await;
        assert_eq!(wrong, Err(crate::Refusal::NotFound));
        assert_eq!(bucket_of(&house.app, first).await.1, inside);
        assert!(house.app.buckets.get(all, 0).is_some());
    }
}

/// Random changes by either of two services on one database; after each, both show exactly what there is.
#[tokio::test]
async fn two_services_on_one_database_never_show_an_old_bucket() {
    for mut house in small_houses().await {
        let who = somebody(&house).await;
        let services = [Arc::clone(&house.app), Arc::new(house.another_service())];
        let seed: [u8; 32] = rng::bytes(&mut house.rng);
        println!("seed {seed:?}");
        let mut rng = Random::seeded(seed);
        let mut there: BTreeSet<EnvelopeId> = BTreeSet::new();
        for _ in 0..120 {
            let [by, grow, which]: [u8; 3] = rng::bytes(&mut rng);
            let by = &services[usize::from(by % 2)];
            let oldest = there.iter().nth(usize::from(which) % there.len().max(1));
            let changed = match oldest.copied() {
                Some(id) if grow < 90 => {
                    delete(by, &who, id).await;
                    there.remove(&id);
                    id
                }
                _ => {
                    let id = id(which, &mut rng);
                    put(by, &who, id).await;
                    there.insert(id);
                    id
                }
            };
            let elsewhere = id(which.wrapping_add(128), &mut rng);
            for service in &services {
                for id in [changed, elsewhere] {
                    let (prefix, found) = bucket_of(service, id).await;
                    let inside = |it: &&EnvelopeId| Prefix::of(it, prefix.bits()) == prefix;
                    let expected = there.iter().filter(inside).copied().collect();
                    assert_eq!(found, expected, "{prefix}");
                }
            }
        }
    }
}

/// Eight terminals at two services put, look, delete and look again, all at the same time and in the same bucket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_is_seen_at_once_by_everybody() {
    for house in houses_with(Limits {
        activations_per_day: 10_000,
        ..Limits::default()
    })
    .await
    {
        let who = somebody(&house).await;
        let services = [Arc::clone(&house.app), Arc::new(house.another_service())];
        let terminals = (0..8_u8).map(|n| {
            let (who, services, mut rng) = (who.clone(), services.clone(), house.app.rng());
            tokio::spawn(async move {
                for _ in 0..6 {
                    let id = id(n, &mut rng);
                    put(&services[usize::from(n % 2)], &who, id).await;
                    for service in &services {
                        assert!(bucket_of(service, id).await.1.contains(&id));
                    }
                    delete(&services[usize::from(n / 2 % 2)], &who, id).await;
                    for service in &services {
                        assert!(!bucket_of(service, id).await.1.contains(&id));
                    }
                }
            })
        });
        for terminal in terminals.collect::<Vec<_>>() {
            terminal.await.unwrap();
        }
    }
}

//! Buckets and digests that are kept: a change costs no reading of the database, and nobody is ever shown an old one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crypto::b64::{B64, Fixed};
use crypto::envelope::{DIGEST_BYTES, SEALED_BYTES, delete_token_hash};
use crypto::id::EnvelopeId;
use crypto::json::Hidden;
use crypto::rng::{self, Random};
use wire::{FetchBuckets, Fetched, Prefix, PutEnvelope, ReplaceEnvelope, Role};

use super::harness::{House, houses_with};
use crate::access::session::Session;
use crate::cards::{buckets, envelopes};
use crate::memory::changes::Done;
use crate::{App, Caps, Limits, Refusal};

/// Deletes every envelope of these tests.
const TOKEN: [u8; 32] = [5; 32];

async fn busy_houses() -> Vec<House> {
    houses_with(Limits {
        activations: Caps {
            terminal: 10_000,
            ..Caps::NONE
        },
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
        delete_hash: Fixed(delete_token_hash(&TOKEN)),
    };
    envelopes::put(app, who, id, &request).await.unwrap();
}

/// A request that replaces one by another, whose content are these bytes.
fn replacement(old: EnvelopeId, new: EnvelopeId, content: u8) -> ReplaceEnvelope {
    ReplaceEnvelope {
        old,
        delete_token: Hidden::of(&TOKEN),
        new,
        put: PutEnvelope {
            sealed: B64(vec![content; SEALED_BYTES]),
            delete_hash: Fixed(delete_token_hash(&TOKEN)),
        },
    }
}

async fn delete(app: &App, who: &Session, id: EnvelopeId) {
    envelopes::delete(app, who, id, &Hidden::of(&TOKEN))
        .await
        .unwrap();
}

/// What a terminal is shown of a bucket, whose digest must be true.
async fn shown(app: &Arc<App>, prefix: Prefix) -> BTreeSet<EnvelopeId> {
    let prefixes = vec![prefix];
    let digests = buckets::digests(app).await.unwrap().digests;
    let asked = FetchBuckets { prefixes };
    let bytes = buckets::fetch(app, &asked).await.unwrap();
    let fetched = Fetched::read(&asked.prefixes, &bytes).unwrap();
    let number = prefix.range().0.as_bytes()[0];
    let own = digests.chunks(DIGEST_BYTES).nth(usize::from(number));
    assert_eq!(own, Some(&fetched.buckets[0].digest(number)[..]));
    fetched.buckets[0].ids().collect()
}

/// The bucket in which an id lies.
async fn bucket_of(app: &Arc<App>, id: EnvelopeId) -> (Prefix, BTreeSet<EnvelopeId>) {
    let prefix = Prefix::of(&id, Prefix::SYNC_BITS);
    (prefix, shown(app, prefix).await)
}

#[tokio::test]
async fn a_change_leaves_every_bucket_kept_and_true() {
    for mut house in busy_houses().await {
        let who = somebody(&house).await;
        for n in 0..32 {
            put(&house.app, &who, id(n, &mut house.rng)).await;
        }
        let kept = || {
            let all = (0..8).filter(|n| house.app.buckets.get(Prefix::sync(*n)).is_some());
            (all.count(), house.app.buckets.digests().len())
        };
        for n in 0..8 {
            assert_eq!(shown(&house.app, Prefix::sync(n)).await.len(), 1);
        }
        assert_eq!(kept(), (8, 256));
        let new = id(0, &mut house.app.rng());
        put(&house.app, &who, new).await;
        crate::cards::revision::now(&house.app).await.unwrap();
        assert_eq!(kept(), (8, 255), "one came");
        assert!(shown(&house.app, Prefix::sync(0)).await.contains(&new));
        delete(&house.app, &who, new).await;
        crate::cards::revision::now(&house.app).await.unwrap();
        assert_eq!(kept(), (8, 255), "one went");
        assert!(!shown(&house.app, Prefix::sync(0)).await.contains(&new));
        assert_eq!(kept(), (8, 256));
    }
}

#[tokio::test]
async fn an_envelope_that_was_refused_costs_nobody_a_bucket() {
    for house in houses_with(Limits {
        activations: Caps {
            terminal: 1,
            ..Caps::NONE
        },
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
            delete_hash: Fixed(TOKEN),
        };
        let refused = envelopes::put(&house.app, &who, second, &request).await;
        assert!(matches!(refused, Err(Refusal::Limit { .. })));
        let wrong = envelopes::delete(&house.app, &who, first, &Hidden::of(&[6; 32])).await;
        assert_eq!(wrong, Err(Refusal::NotFound));
        assert_eq!(bucket_of(&house.app, first).await.1, inside);
        assert!(house.app.buckets.get(all).is_some());
    }
}

/// Random changes by either of two services on one database; after each, both show exactly what there is.
#[tokio::test]
async fn two_services_on_one_database_never_show_an_old_bucket() {
    for mut house in busy_houses().await {
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
                    let inside = |it: &&EnvelopeId| Prefix::of(it, 8) == prefix;
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
        activations: Caps {
            terminal: 10_000,
            ..Caps::NONE
        },
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

#[tokio::test]
async fn a_replacement_deletes_and_puts_or_does_nothing() {
    for house in busy_houses().await {
        let (app, who) = (&house.app, somebody(&house).await);
        let [old, new, third, fourth] = [1, 2, 3, 4].map(|n| id(n, &mut app.rng()));
        put(app, &who, old).await;
        put(app, &who, third).await;
        let try_it = async |request: &ReplaceEnvelope| {
            let done = envelopes::replace(app, &who, request).await;
            done.map(|done| done == Done::Created)
        };
        let good = replacement(old, new, 8);
        let stranger = ReplaceEnvelope {
            delete_token: Hidden::of(&[6; 32]),
            ..good.clone()
        };
        let unknown = replacement(id(9, &mut app.rng()), new, 8);
        for wrong in [&stranger, &unknown] {
            assert_eq!(try_it(wrong).await, Err(Refusal::NotFound));
        }
        let taken = replacement(old, third, 8);
        assert_eq!(try_it(&taken).await, Err(Refusal::Conflict));
        let itself = replacement(old, old, 7);
        assert_eq!(try_it(&itself).await, Err(Refusal::Conflict));
        assert_eq!(bucket_of(app, old).await.1, BTreeSet::from([old]));
        assert_eq!(try_it(&good).await, Ok(true));
        assert!(bucket_of(app, old).await.1.is_empty());
        assert_eq!(bucket_of(app, new).await.1, BTreeSet::from([new]));
        // Asked once more, it is done; any other is told that it came too late.
        assert_eq!(try_it(&good).await, Ok(false));
        for late in [replacement(old, new, 9), replacement(old, fourth, 8)] {
            assert_eq!(try_it(&late).await, Err(Refusal::Conflict));
        }
        // Nobody raises what was replaced, neither by a put nor as the new one of another.
        let back = replacement(new, old, 7);
        assert_eq!(try_it(&back).await, Err(Refusal::Conflict));
        assert_eq!(bucket_of(app, new).await.1, BTreeSet::from([new]));
    }
}

/// Two services, one old card, many counters at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_replacements_at_once_exactly_one_is_done() {
    for house in busy_houses().await {
        let who = somebody(&house).await;
        let services = [Arc::clone(&house.app), Arc::new(house.another_service())];
        let old = id(1, &mut house.app.rng());
        put(&house.app, &who, old).await;
        let counters = (0..8_u8).map(|n| {
            let (who, service) = (who.clone(), Arc::clone(&services[usize::from(n % 2)]));
            let request = replacement(old, id(n + 2, &mut house.app.rng()), n);
            tokio::spawn(async move { envelopes::replace(&service, &who, &request).await })
        });
        let mut done = 0;
        for counter in counters.collect::<Vec<_>>() {
            match counter.await.unwrap() {
                Ok(Done::Created) => done += 1,
                other => assert_eq!(other, Err(Refusal::Conflict)),
            }
        }
        assert_eq!(done, 1, "{}", house.database.name);
        for service in &services {
            let mut all = BTreeSet::new();
            for n in 1..10 {
                all.extend(shown(service, Prefix::sync(n)).await);
            }
            assert_eq!(all.len(), 1);
            assert!(!all.contains(&old));
        }
    }
}

/// What a replacement does counts as an activation, and one that is refused for that leaves the old envelope.
#[tokio::test]
async fn a_replacement_beyond_the_limit_kills_nobody() {
    for house in houses_with(Limits {
        activations: Caps {
            terminal: 1,
            ..Caps::NONE
        },
        ..Limits::default()
    })
    .await
    {
        let who = somebody(&house).await;
        let [old, new] = [1, 2].map(|n| id(n, &mut house.app.rng()));
        put(&house.app, &who, old).await;
        let refused = envelopes::replace(&house.app, &who, &replacement(old, new, 8)).await;
        assert!(matches!(refused, Err(Refusal::Limit { .. })));
        assert_eq!(bucket_of(&house.app, old).await.1, BTreeSet::from([old]));
        assert!(bucket_of(&house.app, new).await.1.is_empty());
    }
}

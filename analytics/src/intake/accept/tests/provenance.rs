//! Whose a report is, once and in which epoch: what a hostile identity role can try, on every available database.

use crypto::b64::{B64, Fixed};
use crypto::domain::DomainKey;
use crypto::id::{ProviderId, ReportId};
use crypto::rng::Random;
use crypto::sign::ReportKey;
use crypto::statistics::{self, ElGamal, StatisticsSecret};
use store::{execute, fetch_all};

use super::super::*;
use crate::testing::closing::{EVENTS, Role, at, number, roles};
use crate::testing::reports::{
    PROVIDER, Whole, accept, header, in_time, item, report, report_key, site_of, take, told,
};
use indicators::testing::day;

const PEOPLE: &str = "SELECT COUNT(*) FROM person";
const TAGS: &str = "SELECT COUNT(*) FROM report";
const OTHER: ProviderId = ProviderId::from_bytes([0xbb; 16]);

fn deliver(items: Vec<DeliverItem>) -> Whole {
    let told = header(&["medan/a"]);
    Whole {
        epoch: told.epoch,
        providers: told.providers,
        registry: told.registry,
        items,
    }
}

fn contact(id: u8, site: &str) -> Report {
    report(id, site, "nsp", "contact", day("2026-01-10"), None)
}

/// The report of a person, sealed and encrypted.
fn sealed(role: &Role, person: u8, report: &Report) -> DeliverItem {
    let rng = &mut Random::seeded([person; 32]);
    item(&role.app.keys, person, report, rng)
}

/// One body with the pair of another person.
fn copied(role: &Role, body: &DeliverItem, person: u8) -> DeliverItem {
    let pair = sealed(role, person, &contact(0, "medan/a"));
    DeliverItem {
        elgamal: pair.elgamal,
        ..body.clone()
    }
}

async fn refused(role: &Role) -> Vec<(String, i64)> {
    let mut tx = role.app.store.read().await.unwrap();
    let sql = "SELECT reason, count FROM refusal ORDER BY reason";
    fetch_all!(&mut tx, (String, i64), sql).unwrap()
}

#[tokio::test]
async fn one_body_counts_once_under_however_many_people() {
    for role in roles().await {
        let name = role.database.name;
        let body = sealed(&role, 1, &contact(1, "medan/a"));
        let copies: Vec<_> = (1..=40).map(|one| copied(&role, &body, one)).collect();
        // In one delivery, in a later one, and after another process began.
        for _ in 0..2 {
            let acks = accept(&role.app, deliver(copies.clone())).await.unwrap();
            assert_eq!(
                acks, [true; 40],
                "{name}: a copy is answered like a repetition"
            );
        }
        let again = at(&role.app, role.app.today().plus(1));
        for one in &copies[20..] {
            accept(&again, deliver(vec![one.clone()])).await.unwrap();
        }
        for sql in [EVENTS, PEOPLE, TAGS] {
            assert_eq!(number(&role.app.store, sql).await, 1, "{name}: {sql}");
        }
        assert!(refused(&role).await.is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_copies_that_race_exactly_one_counts() {
    for role in roles().await {
        for round in 0..6_u8 {
            let body = sealed(&role, 1, &contact(round, "medan/a"));
            let tasks: Vec<_> = (0..6)
                .map(|writer| {
                    // Each with the body under a person of its own, and a report that nobody else brings.
                    let person = 10 * (round + 1) + writer;
                    let own = sealed(&role, person, &contact(100 + person, "medan/a"));
                    let items = vec![own, copied(&role, &body, person)];
                    let app = role.app.clone();
                    tokio::spawn(async move { accept(&app, deliver(items)).await })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap(), [true; 2]);
            }
            let expected = i64::from(round + 1) * 7;
            let name = role.database.name;
            assert_eq!(number(&role.app.store, EVENTS).await, expected, "{name}");
            assert_eq!(number(&role.app.store, TAGS).await, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_tag_tells_no_id_no_person_and_no_order() {
    for role in roles().await {
        let ids: Vec<u8> = (1..=60).collect();
        for id in &ids {
            let one = sealed(&role, *id % 7 + 1, &contact(*id, "medan/a"));
            accept(&role.app, deliver(vec![one])).await.unwrap();
        }
        let mut tx = role.app.store.read().await.unwrap();
        let rows = fetch_all!(&mut tx, (i64,), "SELECT tag FROM report ORDER BY tag").unwrap();
        let tags: Vec<i64> = rows.into_iter().map(|(tag,)| tag).collect();
        assert_eq!(tags.len(), 60);
        // Without the key nothing of an id leads to its tag: neither its bytes nor a hash of them.
        for id in &ids {
            let id = [*id; 16];
            let hash = crypto::digest::hash(&id);
            for bytes in [&id[..], &hash[..]] {
                for part in bytes.windows(8) {
                    let part = part.try_into().unwrap();
                    assert!(!tags.contains(&i64::from_le_bytes(part)));
                    assert!(!tags.contains(&i64::from_be_bytes(part)));
                }
            }
        }
        // The place among the tags says nothing about the place among the arrivals.
        let place = |id: &u8| {
            let key = role.app.keys.reports.expose();
            let kept = tags::id(key, &PROVIDER, &ReportId::from_bytes([*id; 16]));
            let hash = crypto::digest::keyed(key, &kept);
            let tag = i64::from_le_bytes(hash[..8].try_into().unwrap());
            tags.binary_search(&tag).unwrap()
        };
        let places: Vec<usize> = ids.iter().map(place).collect();
        let rising = places.windows(2).filter(|pair| pair[0] < pair[1]).count();
        // The key is fixed, so this is no matter of chance.
        assert!((15..45).contains(&rising), "{rising}");
    }
}

#[tokio::test]
async fn a_delivery_of_another_epoch_is_refused_as_a_whole() {
    for role in roles().await {
        let name = role.database.name;
        let items = vec![sealed(&role, 1, &contact(1, "medan/a"))];
        for epoch in [0, 2, u32::MAX] {
            let wrong = Whole {
                epoch,
                ..deliver(items.clone())
            };
            let answer = accept(&role.app, wrong).await;
            assert!(matches!(answer, Err(Error::Epoch)), "{name}");
        }
        // Made before a rotation and taken after it: also when the store moved on after the delivery was opened.
        let keys = report_keys(&role.app, 1).await.unwrap();
        let opened = open_all(&role.app.keys, keys, items.clone()).await.unwrap();
        let mut tx = role.app.store.write().await.unwrap();
        execute!(&mut tx, "UPDATE meta SET value = '2' WHERE key = 'epoch'").unwrap();
        let late = take(&mut tx, &role.app, &header(&[]), &opened).await;
        assert!(matches!(late, Err(Error::Epoch)), "{name}");
        tx.commit().await.unwrap();
        let answer = accept(&role.app, deliver(items.clone())).await;
        assert!(matches!(answer, Err(Error::Epoch)), "{name}");
        for sql in [EVENTS, PEOPLE, TAGS] {
            assert_eq!(number(&role.app.store, sql).await, 0, "{name}: {sql}");
        }
        assert!(refused(&role).await.is_empty(), "{name}");
        // Made anew in the epoch of the store, the same reports count.
        let right = Whole {
            epoch: 2,
            ..deliver(items)
        };
        assert_eq!(accept(&role.app, right).await.unwrap(), [true], "{name}");
        assert_eq!(number(&role.app.store, EVENTS).await, 1, "{name}");
    }
}

/// Sealed with a key of the caller's choice.
fn forged(role: &Role, key: &ReportKey, outside: ProviderId, inside: &Report) -> DeliverItem {
    let mut rng = Random::seeded([77; 32]);
    let (_, hpke) = role.app.keys.public();
    DeliverItem {
        provider: outside,
        body: B64(inside.seal(key, &hpke, &mut rng).unwrap()),
        ..sealed(role, 1, inside)
    }
}

#[tokio::test]
async fn a_report_is_moved_to_no_other_provider_and_invented_for_none() {
    for role in roles().await {
        let name = role.database.name;
        let named = |id, provider, site: &str| Report {
            provider,
            ..contact(id, site)
        };
        let (own, other) = (report_key(PROVIDER), report_key(OTHER));
        let items = vec![
            // Moved: delivered as the other's.
            forged(&role, &own, OTHER, &named(1, PROVIDER, "medan/a")),
            // Signed by one and naming the other, delivered as either.
            forged(&role, &own, OTHER, &named(2, OTHER, "medan/b")),
            forged(&role, &own, PROVIDER, &named(3, OTHER, "medan/a")),
            // Invented without the data key.
            forged(&role, &other, PROVIDER, &named(4, PROVIDER, "medan/a")),
            // A site of the other.
            forged(&role, &other, OTHER, &named(5, OTHER, "medan/a")),
            // A provider that nobody told of.
            forged(
                &role,
                &report_key(ProviderId::from_bytes([0xcc; 16])),
                ProviderId::from_bytes([0xcc; 16]),
                &named(6, ProviderId::from_bytes([0xcc; 16]), "medan/a"),
            ),
            // Honest ones of both.
            forged(&role, &own, PROVIDER, &named(7, PROVIDER, "medan/a")),
            forged(&role, &other, OTHER, &named(8, OTHER, "medan/b")),
        ];
        let delivery = Whole {
            providers: vec![told(PROVIDER), told(OTHER)],
            registry: vec![site_of(PROVIDER, "medan/a"), site_of(OTHER, "medan/b")],
            ..deliver(items)
        };
        let acks = accept(&role.app, delivery).await.unwrap();
        let expected = [false, false, false, false, false, false, true, true];
        assert_eq!(acks, expected, "{name}");
        assert_eq!(number(&role.app.store, EVENTS).await, 2, "{name}");
        let words = refused(&role).await;
        assert_eq!(words, [("provider".to_owned(), 6)], "{name}");
    }
}

#[tokio::test]
async fn the_first_key_of_a_provider_and_the_first_owner_of_a_site_stay() {
    for role in roles().await {
        let name = role.database.name;
        let mut changed = told(PROVIDER);
        changed.report_key = Fixed(report_key(OTHER).public());
        let mut twice = told(OTHER);
        twice.report_key = Fixed(report_key(PROVIDER).public());
        let honest = sealed(&role, 1, &contact(1, "medan/a"));
        for (providers, registry) in [
            (vec![changed], Vec::new()),
            (vec![told(OTHER), twice], Vec::new()),
            (vec![told(OTHER)], vec![site_of(OTHER, "medan/a")]),
        ] {
            let wrong = Whole {
                providers,
                registry,
                ..deliver(vec![honest.clone()])
            };
            let answer = accept(&role.app, wrong).await;
            assert!(matches!(answer, Err(Error::Provider)), "{name}");
        }
        let sql = "SELECT COUNT(*) FROM provider";
        assert_eq!(number(&role.app.store, sql).await, 1, "{name}");
        assert_eq!(number(&role.app.store, EVENTS).await, 0, "{name}");
        // What was pinned goes on, told again or not.
        for providers in [vec![told(PROVIDER)], Vec::new()] {
            let right = Whole {
                providers,
                ..deliver(vec![honest.clone()])
            };
            assert_eq!(accept(&role.app, right).await.unwrap(), [true], "{name}");
        }
        assert_eq!(number(&role.app.store, EVENTS).await, 1, "{name}");
    }
}

#[tokio::test]
async fn nobody_reports_for_a_city_without_a_site_there() {
    for role in roles().await {
        let name = role.database.name;
        let named = |id, site: &str| Report {
            provider: OTHER,
            ..contact(id, site)
        };
        // At home in Medan: an unknown site counts there, one in Bandung under "other".
        let items = ["medan/van", "bandung/van", "medan/b"];
        let items = (1..).zip(items);
        let items = items.map(|(id, site)| sealed(&role, id, &named(id, site)));
        let delivery = Whole {
            providers: vec![told(OTHER)],
            registry: vec![site_of(OTHER, "medan/b")],
            ..deliver(items.collect())
        };
        let acks = accept(&role.app, delivery).await.unwrap();
        assert_eq!(acks, [true; 3], "{name}");
        let mut tx = role.app.store.read().await.unwrap();
        let ground = Ground::read(&mut tx).await.unwrap();
        let all = query::histories(&mut tx, i64::MIN, i64::MAX, &ground.indicators);
        let mut places: Vec<(u16, u32)> = all
            .await
            .unwrap()
            .iter()
            .flat_map(|(_, history)| history.events())
            .map(|event| (event.city.number(), event.site))
            .collect();
        places.sort_unstable();
        let own = ground.registry.site("medan/b").unwrap();
        assert_eq!(places, [(0, 0), (1, 0), (1, own)], "{name}");
    }
}

/// Pairs that are malformed, of the identity, or related to each other: what this role makes of them after the reshuffle.
#[tokio::test]
async fn pairs_at_the_edge_open_as_they_must() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crypto/vectors/edge/elgamal.json"
    );
    let file = std::fs::read_to_string(path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    let bytes = |value: &serde_json::Value| {
        let text = value.as_str().unwrap();
        let digits = (0..text.len()).step_by(2);
        digits
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect::<Vec<u8>>()
    };
    let mut rng = Random::seeded([4; 32]);
    let (mut keys, _) = AnalyticsKeys::generate(&mut rng).unwrap();
    let secret: [u8; 32] = bytes(&file["y"]).try_into().unwrap();
    keys.elgamal = StatisticsSecret::from_bytes(&secret).unwrap();
    let key: [u8; 32] = bytes(&file["k_a"]).try_into().unwrap();
    let key = DomainKey::from_bytes(&key).unwrap();
    let (public, hpke) = keys.public();
    let signer = report_key(PROVIDER);
    let providers = Arc::new(ReportKeys::from([(PROVIDER, signer.public())]));
    let keys = Arc::new(keys);
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases {
        let pair: [u8; 64] = bytes(&case["pair"]).try_into().unwrap();
        let pair = ElGamal::from_bytes(pair);
        // What cannot be reshuffled comes as it is, from a role that does not look.
        let moved = statistics::reshuffle(&pair, &key, &public, &mut rng).unwrap_or(pair);
        let body = contact(1, "medan/a")
            .seal(&signer, &hpke, &mut rng)
            .unwrap();
        let items = vec![DeliverItem {
            provider: PROVIDER,
            elgamal: Fixed(*moved.as_bytes()),
            body: B64(body),
            received: in_time(),
        }];
        let opened = open_all(&keys, Arc::clone(&providers), items)
            .await
            .unwrap();
        let what = &case["what"];
        match case["decrypt"].as_str().unwrap() {
            // What everybody can see is refused; what only this role sees is nobody's, and nobody is told.
            "refused" if case["check"] == "refused" => {
                assert!(matches!(opened[0], Err(Refusal::Element)), "{what}");
            }
            "refused" => assert_eq!(opened[0].as_ref().unwrap().element, [0; 32], "{what}"),
            _ => {
                let element = opened[0].as_ref().unwrap().element;
                assert_eq!(element.to_vec(), bytes(&case["decrypt"]), "{what}");
            }
        }
    }
}

/// The identity role carries every pair, with provider and session. The difference of two pairs of one person is a pair of the
/// identity: no answer may tell it from another.
#[tokio::test]
async fn no_answer_tells_whether_two_pairs_are_of_one_person() {
    /// RFC 9496, A.1: the generator.
    const G: &str = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
    let byte = |at: usize| u8::from_str_radix(&G[2 * at..2 * at + 2], 16).unwrap();
    let generator: [u8; 32] = std::array::from_fn(byte);
    for role in roles().await {
        let (rng, keys) = (&mut Random::os(), &role.app.keys);
        let first = item(keys, 1, &contact(1, "medan/a"), rng);
        let answers = accept(&role.app, deliver(vec![first.clone()]))
            .await
            .unwrap();
        assert_eq!(answers, [true]);
        let count = async || {
            let events = number(&role.app.store, EVENTS).await;
            (events, number(&role.app.store, PEOPLE).await)
        };
        let before = count().await;
        let mut pair = [0; 64];
        pair[..32].copy_from_slice(&generator);
        pair[32..].copy_from_slice(keys.public().0.as_bytes());
        // With a body that was counted, and with one that was not.
        let fresh = item(keys, 2, &contact(2, "medan/a"), rng);
        let of_nobody = [first, fresh].map(|mut one| {
            one.elgamal = Fixed(pair);
            one
        });
        let answers = accept(&role.app, deliver(of_nobody.into())).await.unwrap();
        assert_eq!(answers, [true, true]);
        assert_eq!(count().await, before);
        assert!(refused(&role).await.is_empty());
    }
}

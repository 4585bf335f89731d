//! Blanks, evaluation, envelopes, status, limits.

use std::collections::BTreeSet;

use crypto::b64::{B64, Fixed};
use crypto::card::{Card, CardSecret, SignedBlank};
use crypto::domain::Domain;
use crypto::envelope::{self, EnvelopeKeys, IdentitySecret};
use crypto::id::EnvelopeId;
use crypto::json::Hidden;
use crypto::rng::{self, Random};
use crypto::secret::Secret;
use crypto::voprf::{Blinded, Evaluation, finalize};
use store::clock::Clock as _;
use wire::{
    BlanksSigned, Bucket, DeleteEnvelope, EnvelopeDigests, Evaluate, EvaluateItem, Evaluated,
    FetchBuckets, Fetched, MOST_BUCKETS, Prefix, PutEnvelope, Role, SignBlanks,
};

use store::{fetch_all, fetch_one};

use super::harness::{House, Reply, Seat, houses, houses_with};
use crate::guard::counts::CountTags;
use crate::{Caps, Limits};

async fn evaluate(house: &House, seat: &Seat, items: Vec<(Domain, Vec<[u8; 32]>)>) -> Reply {
    let items = items
        .into_iter()
        .map(|(domain, elements)| EvaluateItem {
            domain,
            elements: elements.into_iter().map(Fixed).collect(),
        })
        .collect();
    seat.post(house, "/v1/evaluate", &Evaluate { items }).await
}

fn element(rng: &mut Random) -> [u8; 32] {
    Blinded::blind(&rng::bytes::<16>(rng), rng)
        .unwrap()
        .element()
}

/// Runs the whole function for one input.
async fn output(house: &House, seat: &Seat, domain: Domain, input: &[u8]) -> Secret<64> {
    let blinded = Blinded::blind(input, &mut house.app.rng()).unwrap();
    let reply = evaluate(house, seat, vec![(domain, vec![blinded.element()])]).await;
    let mut answer: Evaluated = reply.good();
    let item = answer.items.remove(0);
    let evaluation = Evaluation {
        elements: item.elements.iter().map(|it| it.0).collect(),
        proof: item.proof.0,
    };
    let bundle = house.bundle().await;
    finalize(vec![blinded], &evaluation, bundle.domain(&domain).unwrap())
        .unwrap()
        .remove(0)
}

#[tokio::test]
async fn evaluations_carry_proofs_that_fit_the_bundle_and_survive_a_restart() {
    for mut house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let own = Domain::Provider(provider);
        shows_cards(&house, &seat, 15).await;
        let first = output(&house, &seat, own, b"person").await;
        assert_ne!(first, output(&house, &seat, Domain::Mail, b"person").await);
        assert_ne!(first, output(&house, &seat, own, b"other").await);
        // A large batch takes the other path.
        let many: Vec<_> = (0..40).map(|_| element(&mut house.rng)).collect();
        let answer: Evaluated = evaluate(&house, &seat, vec![(own, many)]).await.good();
        assert_eq!(answer.items[0].elements.len(), 40);
        house.restart();
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        shows_cards(&house, &seat, 1).await;
        assert_eq!(first, output(&house, &seat, own, b"person").await);
    }
}

/// Each card gives three evaluations under the other domains.
async fn shows_cards(house: &House, seat: &Seat, count: usize) {
    let one = element(&mut house.app.rng());
    let reply = evaluate(house, seat, vec![(Domain::Card, vec![one; count])]).await;
    assert!(reply.status.is_success(), "{}", reply.status);
}

#[tokio::test]
async fn no_domain_but_the_own_ones_is_evaluated() {
    for mut house in houses().await {
        let (own, foreign) = (house.provider("A").await, house.provider("B").await);
        let seat = house.seat(Role::Clinician, Some(own)).await;
        let fine = (Domain::Card, vec![element(&mut house.rng)]);
        for domain in [
            Domain::Provider(foreign),
            Domain::Statistics,
            Domain::Handle,
            Domain::Recover,
            Domain::Short,
        ] {
            let items = vec![fine.clone(), (domain, vec![element(&mut house.rng)])];
            let reply = evaluate(&house, &seat, items).await;
            assert_eq!(reply.refused(), (403, "forbidden".to_owned()), "{domain}");
        }
    }
}

#[tokio::test]
async fn the_identity_and_crooked_elements_are_refused() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let mut odd = element(&mut house.app.rng());
        odd[0] |= 1;
        shows_cards(&house, &seat, 1).await;
        for bad in [[0; 32], [0xff; 32], odd] {
            let reply = evaluate(&house, &seat, vec![(Domain::Mail, vec![bad])]).await;
            assert_eq!(reply.refused(), (422, "bad-value".to_owned()));
        }
        for items in [
            vec![],
            vec![(Domain::Mail, vec![])],
            vec![(Domain::Mail, vec![[1; 32]; 257])],
        ] {
            assert_eq!(evaluate(&house, &seat, items).await.refused().0, 400);
        }
    }
}

#[tokio::test]
async fn presentations_have_a_minute_and_a_day_and_a_restart_resets_neither_day() {
    let limits = Limits {
        presentations_per_minute: 30,
        presentations_per_day: 50,
        ..Limits::default()
    };
    for mut house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let other = house.seat(Role::Clinician, Some(provider)).await;
        let one = element(&mut house.rng);
        let take = |count: usize| vec![(Domain::Card, vec![one; count])];
        assert!(evaluate(&house, &seat, take(30)).await.status.is_success());
        let reply = evaluate(&house, &seat, take(1)).await;
        assert_eq!(
            (
                reply.refused().0,
                reply.headers["retry-after"].to_str().unwrap()
            ),
            (429, "60")
        );
        let mail = evaluate(&house, &seat, vec![(Domain::Mail, vec![one])]).await;
        assert!(mail.status.is_success(), "it came with the cards");
        assert!(
            evaluate(&house, &other, take(1)).await.status.is_success(),
            "each terminal has its own"
        );
        house.clock.advance(60);
        assert!(evaluate(&house, &seat, take(20)).await.status.is_success());
        house.clock.advance(60);
        assert_eq!(
            evaluate(&house, &seat, take(1)).await.refused().0,
            429,
            "the day is used up"
        );
        let live = house.app.sessions.find(&seat.id, 0).unwrap();
        house.restart();
        house.app.sessions.begin(live, 0);
        assert_eq!(
            evaluate(&house, &seat, take(1)).await.refused().0,
            429,
            "also after a restart"
        );
        let mut tx = house.app.store.read().await.unwrap();
        const TAKEN: &str =
            "SELECT taken FROM allowance WHERE day = $1 AND whose = $2 AND what = 'presentation'";
        let day = i64::from(house.clock.today().number());
        let whose = CountTags::new(&house.app.keys).of(seat.terminal.as_bytes());
        let (taken,) = fetch_one!(&mut tx, (i64,), TAKEN, day, &whose[..]).unwrap();
        assert_eq!(taken, 50);
        drop(tx);
        house.clock.advance(11 * 3_600);
        let seat = House::seat(&house, Role::Clinician, Some(provider)).await;
        assert!(evaluate(&house, &seat, take(1)).await.status.is_success());
    }
}

pub(super) async fn blanks(house: &House, seat: &Seat, count: usize) -> Vec<Card> {
    let secrets: Vec<_> = (0..count)
        .map(|_| CardSecret::random(&mut house.app.rng()))
        .collect();
    let commitments = secrets
        .iter()
        .map(|it| Fixed(*it.commitment().as_bytes()))
        .collect();
    let request = SignBlanks {
        commitments,
        expiry: "2028-03".parse().unwrap(),
    };
    let answer: BlanksSigned = seat.post(house, "/v1/blanks", &request).await.good();
    let wrap = house.bundle().await.wraps()[0].clone();
    let blanks = answer
        .blanks
        .iter()
        .map(|it| SignedBlank::parse(&it.signed.0).unwrap());
    secrets
        .iter()
        .zip(blanks)
        .map(|(secret, blank)| Card::assemble(secret, &blank, &wrap))
        .collect()
}

#[tokio::test]
async fn blanks_become_cards_with_indices_that_never_repeat() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let keys = house.bundle().await.card_keys();
        let mut indices = BTreeSet::new();
        for _ in 0..3 {
            for card in blanks(&house, &seat, 200).await {
                let opened = card.open(&keys).unwrap();
                assert!(indices.insert(opened.index), "an index came twice");
            }
        }
        for (commitments, expiry, status) in [
            (vec![], "2027-01", 400),
            (vec![Fixed([1; 16])], "2026-02", 422),
            (vec![Fixed([1; 16])], "2032-01", 422),
        ] {
            let request = SignBlanks {
                commitments,
                expiry: expiry.parse().unwrap(),
            };
            assert_eq!(
                seat.post(&house, "/v1/blanks", &request).await.refused().0,
                status
            );
        }
        const SIGNED: &str = "SELECT subject FROM audit WHERE act = 'blanks-signed'";
        let mut tx = house.app.store.read().await.unwrap();
        let signed = fetch_all!(&mut tx, (String,), SIGNED).unwrap();
        assert!(!signed.is_empty() && signed.iter().all(|(subject,)| subject == "200"));
    }
}

#[tokio::test]
async fn concurrent_batches_share_no_index() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let keys = house.bundle().await.card_keys();
        let batches = (0..6).map(|_| blanks(&house, &seat, 40));
        let mut indices = BTreeSet::new();
        for cards in join_all(batches).await {
            indices.extend(cards.iter().map(|card| card.open(&keys).unwrap().index));
        }
        assert_eq!(indices.len(), 240, "{}", house.database.name);
    }
}

/// Runs futures of one test side by side.
pub(super) async fn join_all<T>(all: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = all.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, slot) in running.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *slot = Some(value);
            }
        }
        match done.iter().all(Option::is_some) {
            true => std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect()),
            false => std::task::Poll::Pending,
        }
    })
    .await
}

/// Every bucket, as a terminal fetches them, each checked against its digest.
async fn everything(house: &House, seat: &Seat) -> Vec<Bucket> {
    let digests: EnvelopeDigests = seat.get(house, "/v1/envelopes/digests").await.good();
    let all: Vec<Prefix> = (0..=u8::MAX).map(Prefix::sync).collect();
    let mut buckets = Vec::new();
    for part in all.chunks(MOST_BUCKETS) {
        let fetched = fetch(house, seat, part.to_vec()).await;
        assert_eq!(fetched.bits, 8);
        buckets.extend(fetched.buckets);
    }
    let own = (0..=u8::MAX).zip(&buckets);
    let own: Vec<u8> = own.flat_map(|(number, it)| it.digest(number)).collect();
    assert_eq!(digests.digests.0, own);
    buckets
}

async fn fetch(house: &House, seat: &Seat, prefixes: Vec<Prefix>) -> Fetched {
    let body = FetchBuckets {
        prefixes: prefixes.clone(),
    };
    let reply = seat.post(house, "/v1/envelopes/buckets", &body).await;
    assert!(reply.status.is_success(), "{}", reply.status);
    Fetched::read(&prefixes, &reply.body).unwrap()
}

fn envelope_of(house: &House, output: &Secret<64>) -> (EnvelopeKeys, IdentitySecret, PutEnvelope) {
    let rng = &mut house.app.rng();
    let (keys, secret) = (EnvelopeKeys::derive(output), IdentitySecret::random(rng));
    let sealed = envelope::seal(&keys, &secret, None, rng).unwrap();
    let request = PutEnvelope {
        sealed: B64(sealed),
        delete_hash: Fixed(keys.delete_token_hash()),
    };
    (keys, secret, request)
}

#[tokio::test]
async fn an_envelope_is_put_found_and_deleted_for_ever() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let card = output(&house, &seat, Domain::Card, b"card secret").await;
        let (keys, secret, request) = envelope_of(&house, &card);
        let path = format!("/v1/envelopes/{}", keys.id);
        assert_eq!(seat.put(&house, &path, &request).await.status, 201);
        assert_eq!(seat.put(&house, &path, &request).await.status, 200);
        let other = envelope_of(&house, &card).2;
        assert_eq!(
            seat.put(&house, &path, &other).await.refused(),
            (409, "conflict".to_owned())
        );
        let short = PutEnvelope {
            sealed: B64(vec![1; 104]),
            ..request
        };
        assert_eq!(seat.put(&house, &path, &short).await.refused().0, 422);

        let buckets = everything(&house, &seat).await;
        let found = buckets.iter().find_map(|it| it.get(&keys.id)).unwrap();
        assert_eq!(envelope::open(&keys, found).unwrap().current, secret);

        let wrong = DeleteEnvelope {
            delete_token: Hidden::of(&[0; 32]),
        };
        let right = DeleteEnvelope {
            delete_token: Hidden::of(keys.delete_token.expose()),
        };
        let stranger = format!("/v1/envelopes/{}", EnvelopeId::from_bytes([1; 16]));
        let first = seat.delete(&house, &path, &wrong).await;
        let second = seat.delete(&house, &stranger, &right).await;
        assert_eq!((first.status.as_u16(), &first.body), (404, &second.body));
        assert_eq!(seat.delete(&house, &path, &right).await.status, 204);
        assert_eq!(seat.delete(&house, &path, &right).await.status, 404);
        let buckets = everything(&house, &seat).await;
        assert!(buckets.iter().all(Bucket::is_empty));
    }
}

/// Every bucket hands the sealed envelopes out, and a request can be sent again: neither may raise a killed card.
#[tokio::test]
async fn what_was_deleted_cannot_be_put_back() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let card = output(&house, &seat, Domain::Card, b"card secret").await;
        let (keys, _, request) = envelope_of(&house, &card);
        let path = format!("/v1/envelopes/{}", keys.id);
        assert_eq!(seat.put(&house, &path, &request).await.status, 201);
        let right = DeleteEnvelope {
            delete_token: Hidden::of(keys.delete_token.expose()),
        };
        assert_eq!(seat.delete(&house, &path, &right).await.status, 204);
        let other = envelope_of(&house, &card).2;
        for again in [&request, &other] {
            let refused = seat.put(&house, &path, again).await.refused();
            assert_eq!(refused, (409, "conflict".to_owned()));
        }
        let buckets = everything(&house, &seat).await;
        assert!(buckets.iter().all(Bucket::is_empty));
        // What stays does not name the card, nor can it be deleted or put as an envelope.
        let mut tx = house.app.store.read().await.unwrap();
        const ALL: &str = "SELECT envelope, sealed FROM envelope";
        let left = fetch_all!(&mut tx, (Vec<u8>, Vec<u8>), ALL).unwrap();
        assert_eq!(left.len(), 1);
        assert!(left[0].0 != keys.id.as_bytes() && left[0].1.is_empty());
    }
}

#[tokio::test]
async fn activations_have_a_limit_and_repetitions_do_not_count() {
    let limits = Limits {
        activations: Caps {
            terminal: 2,
            ..Caps::NONE
        },
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let put = async |n: u8| {
            let (keys, _, request) = envelope_of(&house, &Secret::new([n; 64]));
            let path = format!("/v1/envelopes/{}", keys.id);
            let statuses = [
                seat.put(&house, &path, &request).await,
                seat.put(&house, &path, &request).await,
            ];
            statuses.map(|reply| reply.status.as_u16())
        };
        assert_eq!(
            [put(1).await, put(2).await, put(3).await],
            [[201, 200], [201, 200], [429, 429]]
        );
        house.clock.set("2026-03-11".parse().unwrap());
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let (keys, _, request) = envelope_of(&house, &Secret::new([4; 64]));
        assert_eq!(
            seat.put(&house, &format!("/v1/envelopes/{}", keys.id), &request)
                .await
                .status,
            201
        );
        let buckets = everything(&house, &seat).await;
        assert_eq!(buckets.iter().map(Bucket::len).sum::<usize>(), 3);
    }
}

#[tokio::test]
async fn a_prefix_longer_than_allowed_is_answered_with_nothing() {
    for house in houses_with(Limits {
        envelope_min_bucket: 1,
        ..Limits::default()
    })
    .await
    {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let ids: Vec<EnvelopeId> = (0..512).map(envelope_in).collect();
        let mut tx = house.app.store.write().await.unwrap();
        const PUT: &str =
            "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $3)";
        for id in &ids {
            let (sealed, hash) = (&[1; 105][..], &[2; 32][..]);
            store::execute!(&mut tx, PUT, &id.as_bytes()[..], sealed, hash).unwrap();
        }
        tx.commit().await.unwrap();
        for bits in 0..=12_u8 {
            let prefix = Prefix::of(&ids[77], bits);
            let fetched = fetch(&house, &seat, vec![prefix]).await;
            assert_eq!(fetched.bits, 9);
            let inside = ids.iter().filter(|id| Prefix::of(id, bits) == prefix);
            let got: Vec<EnvelopeId> = fetched.buckets[0].ids().collect();
            let expected: Vec<EnvelopeId> = match bits {
                8 | 9 => inside.copied().collect(),
                _ => Vec::new(),
            };
            assert_eq!(got, expected, "{bits} bits");
        }
        for wrong in [vec![], vec!["8-00"; 33], vec!["13-0000"], vec!["8-0"]] {
            let body = serde_json::json!({ "prefixes": wrong });
            let reply = seat.post(&house, "/v1/envelopes/buckets", &body).await;
            assert_eq!(reply.refused().0, 400);
        }
    }
}

/// An id whose first nine bits are this number.
fn envelope_in(number: u32) -> EnvelopeId {
    let mut bytes = [9; 16];
    bytes[..4].copy_from_slice(&(number << 23).to_be_bytes());
    EnvelopeId::from_bytes(bytes)
}

/// The evaluations of a provider's and of the mail domain come with cards, three with each, and with nothing else.
#[tokio::test]
async fn evaluations_of_every_domain_are_counted() {
    for mut house in houses().await {
        let provider = house.provider("A").await;
        let own = Domain::Provider(provider);
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let other = house.seat(Role::Clinician, Some(provider)).await;
        let one = element(&mut house.rng);
        let ask = async |seat: &Seat, cards: usize, owns: usize, mails: usize| {
            let items = [(Domain::Card, cards), (own, owns), (Domain::Mail, mails)];
            let items = items.into_iter().filter(|(_, count)| *count > 0);
            let items = items.map(|(domain, count)| (domain, vec![one; count]));
            let reply = evaluate(&house, seat, items.collect()).await;
            reply.status.as_u16()
        };
        assert_eq!(ask(&seat, 0, 1, 0).await, 429);
        assert_eq!(ask(&seat, 0, 0, 1).await, 429);
        assert_eq!(ask(&seat, 0, 256, 256).await, 429);
        assert_eq!(ask(&seat, 2, 0, 0).await, 200);
        assert_eq!(ask(&other, 0, 1, 0).await, 429, "they were the other's");
        assert_eq!(ask(&seat, 0, 4, 3).await, 429, "and nothing of it is taken");
        assert_eq!(ask(&seat, 0, 4, 2).await, 200);
        assert_eq!(ask(&seat, 0, 0, 1).await, 429);
        // In one request, and for a card that came to life.
        assert_eq!(ask(&seat, 1, 2, 1).await, 200);
        let (keys, _, request) = envelope_of(&house, &Secret::new([7; 64]));
        let path = format!("/v1/envelopes/{}", keys.id);
        for status in [201, 200] {
            assert_eq!(seat.put(&house, &path, &request).await.status, status);
        }
        assert_eq!(ask(&seat, 0, 2, 1).await, 200);
        assert_eq!(ask(&seat, 0, 1, 0).await, 429);
    }
}

/// A call that asks for more than its cards bring is refused, and costs neither a minute's nor a day's presentation.
#[tokio::test]
async fn a_call_that_is_refused_counts_no_presentation() {
    let limits = Limits {
        presentations_per_minute: 2,
        presentations_per_day: 4,
        ..Limits::default()
    };
    for mut house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let one = element(&mut house.rng);
        let ask = async |cards: usize, owns: usize| {
            let items = [(Domain::Card, cards), (Domain::Provider(provider), owns)];
            let items = items.into_iter().filter(|(_, count)| *count > 0);
            let items = items.map(|(domain, count)| (domain, vec![one; count]));
            let reply = evaluate(&house, &seat, items.collect()).await;
            reply.status.as_u16()
        };
        for _ in 0..5 {
            assert_eq!(ask(2, 7).await, 429, "{}", house.database.name);
        }
        assert_eq!(ask(2, 6).await, 200, "the minute is whole");
        house.clock.advance(60);
        // Refused by the day, a call costs nothing of the minute, and what was put aside for it is there again.
        assert_eq!(ask(1, 0).await, 200);
        house.clock.advance(60);
        assert_eq!(ask(2, 3).await, 429);
        assert_eq!(ask(1, 3).await, 200);
        assert_eq!(ask(0, 3).await, 200);
        assert_eq!(ask(0, 1).await, 429);
        assert_eq!(ask(1, 0).await, 429, "four a day");
    }
}

//! Requests prove their session, once each; answers prove theirs.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use crypto::b64::Fixed;
use crypto::request::SIZE;
use futures_util::stream;
use serde_json::json;
use store::clock::Clock as _;
use store::fetch_one;
use tower::ServiceExt as _;
use wire::proof::mac_text;
use wire::{ANSWER_HEADER, Empty, Invite, REQUEST_HEADER, RequestProof, Role};

use super::harness::{House, Reply, Seat, houses};
use crate::access::session::LIFETIME;
use crate::http::Proved;

const BUNDLE: &str = "/v1/bundle";

/// What a request says of itself.
fn proof_of(request: &Request<Body>) -> RequestProof {
    let text = request.headers()[REQUEST_HEADER].to_str().unwrap();
    text.parse().unwrap()
}

fn with_proof(mut request: Request<Body>, text: &str) -> Request<Body> {
    let text = text.parse().unwrap();
    request.headers_mut().insert(REQUEST_HEADER, text);
    request
}

/// Asks for the bundle under a number.
async fn ask(house: &House, seat: &Seat, number: u64) -> Reply {
    let request = seat.numbered(number, &Method::GET, BUNDLE, Vec::new());
    house.send(request).await
}

fn unauthorised() -> (u16, String) {
    (401, "unauthorised".to_owned())
}

fn repeated() -> (u16, String) {
    (409, "repeated".to_owned())
}

async fn invitations(house: &House) -> i64 {
    const COUNT: &str = "SELECT COUNT(*) FROM invitation";
    let mut tx = house.app.store.read().await.unwrap();
    let (count,): (i64,) = fetch_one!(&mut tx, (i64,), COUNT).unwrap();
    count
}

#[tokio::test]
async fn a_request_counts_only_as_its_session_proved_it() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let other = house.seat(Role::Operator, None).await;
        let good = || {
            let body = br#"{"name":"A"}"#.to_vec();
            seat.numbered(1, &Method::POST, "/v1/providers", body)
        };
        let proof = proof_of(&good());
        let proved = |proof: RequestProof| with_proof(good(), &proof.to_string());
        let mut wrong = Vec::new();
        let mut request = good();
        *request.body_mut() = r#"{"name":"B"}"#.into();
        wrong.push(request);
        let mut request = good();
        *request.body_mut() = Body::empty();
        wrong.push(request);
        for target in ["/v1/providers?x=1", "/v1/providers?", "/v1/invitations"] {
            let mut request = good();
            *request.uri_mut() = target.parse().unwrap();
            wrong.push(request);
        }
        let mut request = good();
        *request.method_mut() = Method::PUT;
        wrong.push(request);
        wrong.push(proved(RequestProof { number: 2, ..proof }));
        wrong.push(proved(RequestProof {
            session: other.id,
            ..proof
        }));
        let mac = proof_of(&other.numbered(1, &Method::GET, BUNDLE, Vec::new())).mac;
        wrong.push(proved(RequestProof { mac, ..proof }));
        let text = proof.to_string();
        for text in [
            "",
            "x",
            &text[..text.len() - 1],
            &text.replace(".1.", ".0."),
            &text.replace(".1.", ".01."),
            &format!("Bearer {text}"),
        ] {
            wrong.push(with_proof(good(), text));
        }
        let mut request = good();
        request.headers_mut().remove(REQUEST_HEADER);
        wrong.push(request);
        let mut request = good();
        let twice = text.parse().unwrap();
        request.headers_mut().append(REQUEST_HEADER, twice);
        wrong.push(request);
        for (at, request) in wrong.into_iter().enumerate() {
            let reply = house.send(request).await;
            assert_eq!(reply.refused(), unauthorised(), "{at}");
            assert!(!reply.headers.contains_key(ANSWER_HEADER), "{at}");
        }
        // None of them used the number up.
        let reply = house.send(good()).await;
        assert!(reply.status.is_success() && seat.proves(1, &reply));
    }
}

#[tokio::test]
async fn a_request_sent_twice_is_done_once() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let body = |byte| {
            let invite = Invite {
                role: Role::Operator,
                provider: None,
                hash: Fixed([byte; 32]),
                day: house.clock.today(),
            };
            serde_json::to_vec(&invite).unwrap()
        };
        let request = || seat.numbered(1, &Method::POST, "/v1/invitations", body(1));
        house.send(request()).await.good::<Empty>();
        for _ in 0..3 {
            let reply = house.send(request()).await;
            assert_eq!(reply.refused(), repeated());
            // A second answer with a MAC could be given in place of the first.
            assert!(!reply.headers.contains_key(ANSWER_HEADER));
        }
        assert_eq!(invitations(&house).await, 1, "{}", house.database.name);
        let again = seat.numbered(2, &Method::POST, "/v1/invitations", body(2));
        house.send(again).await.good::<Empty>();
        assert_eq!(invitations(&house).await, 2);
    }
}

fn orders(left: &[u64]) -> Vec<Vec<u64>> {
    if left.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in left.iter().enumerate() {
        let mut rest = left.to_vec();
        rest.remove(at);
        for mut order in orders(&rest) {
            order.insert(0, *first);
            all.push(order);
        }
    }
    all
}

#[tokio::test]
async fn requests_overtake_each_other_in_every_order() {
    for house in houses().await {
        for order in orders(&[1, 2, 64, 65, SIZE]) {
            let seat = house.seat(Role::Funder, None).await;
            for number in &order {
                let reply = ask(&house, &seat, *number).await;
                assert!(reply.status.is_success(), "{order:?} at {number}");
                assert!(seat.proves(*number, &reply));
            }
            for number in &order {
                let reply = ask(&house, &seat, *number).await;
                assert_eq!(reply.refused(), repeated(), "{order:?} at {number}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundreds_at_once_pass_and_none_passes_twice() {
    for house in houses().await {
        let house = Arc::new(house);
        let seat = Arc::new(house.seat(Role::Funder, None).await);
        for round in 0..3 {
            // As many numbers as the window holds, three copies of each, all under way together.
            let tasks: Vec<_> = (0..3 * SIZE)
                .map(|at| {
                    let (house, seat) = (Arc::clone(&house), Arc::clone(&seat));
                    let number = round * SIZE + at % SIZE + 1;
                    tokio::spawn(async move { (number, ask(&house, &seat, number).await) })
                })
                .collect();
            let (mut good, mut refused) = (0, 0);
            for task in tasks {
                let (number, reply) = task.await.unwrap();
                if reply.status == StatusCode::OK {
                    assert!(seat.proves(number, &reply));
                    good += 1;
                } else {
                    assert_eq!(reply.refused(), repeated());
                    refused += 1;
                }
            }
            assert_eq!((good, refused), (SIZE, 2 * SIZE), "{}", house.database.name);
        }
    }
}

#[tokio::test]
async fn what_lies_behind_the_window_is_refused() {
    for house in houses().await {
        let seat = house.seat(Role::Funder, None).await;
        assert!(ask(&house, &seat, 1_000).await.status.is_success());
        let last = 1_000 - SIZE + 1;
        assert!(ask(&house, &seat, last).await.status.is_success());
        for number in [last, last - 1, 1] {
            assert_eq!(ask(&house, &seat, number).await.refused(), repeated());
        }
    }
}

/// Otherwise one forged request with a large number would shut a terminal out.
#[tokio::test]
async fn a_stranger_does_not_move_the_window() {
    for house in houses().await {
        let seat = house.seat(Role::Funder, None).await;
        for number in [1, 300, u64::MAX] {
            let request = seat.numbered(number, &Method::GET, BUNDLE, Vec::new());
            let mac = crypto::request::Mac::from_bytes([7; 32]);
            let forged = RequestProof {
                mac,
                ..proof_of(&request)
            };
            let reply = house.send(with_proof(request, &forged.to_string())).await;
            assert_eq!(reply.refused(), unauthorised());
        }
        for number in 1..4 {
            assert!(ask(&house, &seat, number).await.status.is_success());
        }
    }
}

#[tokio::test]
async fn one_session_is_worth_nothing_in_another() {
    for house in houses().await {
        let (one, two) = (
            house.seat(Role::Operator, None).await,
            house.seat(Role::Operator, None).await,
        );
        // The same person at the same terminal, from another log-in.
        let log_in = crypto::opaque::SessionKey(crypto::secret::Secret::new([1; 64]));
        let again = Seat::new(one.id, &log_in, one.staff, one.terminal);
        assert_eq!(ask(&house, &again, 1).await.refused(), unauthorised());
        for (from, to) in [(&one, &two), (&two, &one)] {
            let request = from.numbered(1, &Method::GET, BUNDLE, Vec::new());
            let claimed = RequestProof {
                session: to.id,
                ..proof_of(&request)
            };
            let reply = house.send(with_proof(request, &claimed.to_string())).await;
            assert_eq!(reply.refused(), unauthorised());
        }
        // Numbers are counted for each.
        for seat in [&one, &two] {
            let reply = ask(&house, seat, 1).await;
            assert!(reply.status.is_success() && seat.proves(1, &reply));
        }
        let (mine, theirs) = (ask(&house, &one, 2).await, ask(&house, &two, 2).await);
        assert_eq!(mine.body, theirs.body);
        assert!(!one.proves(2, &theirs) && !two.proves(2, &mine));
    }
}

/// Whoever ends TLS in between can exchange, alter and strip.
#[tokio::test]
async fn an_answer_belongs_to_its_request() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let numbers = [seat.next(), seat.next()];
        let mut first = ask(&house, &seat, numbers[0]).await;
        let second = ask(&house, &seat, numbers[1]).await;
        assert_eq!(first.body, second.body, "nothing else tells them apart");
        assert!(seat.proves(1, &first) && seat.proves(2, &second));
        assert!(!seat.proves(1, &second) && !seat.proves(2, &first));
        first.status = StatusCode::CREATED;
        assert!(!seat.proves(1, &first));
        first.status = StatusCode::OK;
        first.body.push(b' ');
        assert!(!seat.proves(1, &first));
        first.body.pop();
        assert!(seat.proves(1, &first));
        first.headers.remove(ANSWER_HEADER);
        assert!(!seat.proves(1, &first));
        // A refusal is no success of the same number, and what the terminal itself could make is no answer.
        let refused = seat
            .post(&house, "/v1/roster", &json!({ "entries": [] }))
            .await;
        assert_eq!(refused.refused().0, 403);
        let request = seat.numbered(9, &Method::GET, BUNDLE, Vec::new());
        first.headers.insert(
            ANSWER_HEADER,
            mac_text(&proof_of(&request).mac).parse().unwrap(),
        );
        assert!(!seat.proves(9, &first));
    }
}

/// The harness checks each of these; here are the kinds.
#[tokio::test]
async fn every_answer_is_proved_refusals_empty_and_large_ones_too() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let mut seen = Vec::new();
        let mut note = |reply: Reply| seen.push(reply.status.as_u16());
        note(seat.get(&house, BUNDLE).await);
        note(seat.get(&house, "/v1/status-list").await);
        let entries: Vec<_> = (0..200_u8)
            .map(|at| {
                json!({
                    "id": crypto::id::EntryId::from_bytes([at; 16]),
                    "sealed": crypto::b64::encode(&vec![at; 1_064]),
                })
            })
            .collect();
        note(
            seat.post(&house, "/v1/roster", &json!({ "entries": entries }))
                .await,
        );
        let page = seat.get(&house, "/v1/roster?after=0&limit=200").await;
        assert!(page.body.len() > 200_000, "{}", page.body.len());
        note(page);
        note(
            seat.post(&house, "/v1/roster", &json!({ "entries": 7 }))
                .await,
        );
        note(
            seat.post(
                &house,
                "/v1/sites",
                &json!({ "provider": provider, "site": "medan/one" }),
            )
            .await,
        );
        let none = json!({ "prefixes": [] });
        note(seat.post(&house, "/v1/envelopes/buckets", &none).await);
        note(seat.delete(&house, BUNDLE, &Empty {}).await);
        let envelope = |byte: u8| json!({ "sealed": crypto::b64::encode(&[byte; 105]), "delete_hash": crypto::b64::encode(&[1; 32]) });
        let path = "/v1/envelopes/00000000000000000000000000000001";
        note(seat.put(&house, path, &envelope(1)).await);
        note(seat.put(&house, path, &envelope(2)).await);
        note(seat.post(&house, "/v1/logout", &Empty {}).await);
        assert_eq!(
            seen,
            [200, 200, 200, 200, 400, 403, 400, 405, 201, 409, 200]
        );
    }
}

#[tokio::test]
async fn what_was_captured_before_logout_is_worth_nothing_afterwards() {
    for house in houses().await {
        let seat = house.seat(Role::Funder, None).await;
        let sent = || seat.numbered(1, &Method::GET, BUNDLE, Vec::new());
        let held_back = seat.numbered(2, &Method::GET, BUNDLE, Vec::new());
        assert!(house.send(sent()).await.status.is_success());
        let logout = || seat.numbered(3, &Method::POST, "/v1/logout", b"{}".to_vec());
        let reply = house.send(logout()).await;
        assert!(reply.status.is_success() && seat.proves(3, &reply));
        for request in [sent(), held_back, logout()] {
            assert_eq!(house.send(request).await.refused(), unauthorised());
        }
    }
}

#[tokio::test]
async fn a_number_is_used_up_even_when_its_request_failed() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let provider = |number, body: &[u8]| {
            seat.numbered(number, &Method::POST, "/v1/providers", body.to_vec())
        };
        let failed = house.send(provider(1, b"{}")).await;
        assert_eq!(failed.refused().0, 400);
        assert!(seat.proves(1, &failed));
        for body in [&b"{}"[..], br#"{"name":"A"}"#] {
            let reply = house.send(provider(1, body)).await;
            assert_eq!(reply.refused(), repeated());
        }
        let reply = house.send(provider(2, br#"{"name":"A"}"#)).await;
        assert!(reply.status.is_success());
    }
}

#[tokio::test]
async fn number_zero_is_no_number() {
    for house in houses().await {
        let seat = house.seat(Role::Funder, None).await;
        assert_eq!(ask(&house, &seat, 0).await.refused(), unauthorised());
    }
}

/// The session is looked up first: the body of a stranger is not even measured.
#[tokio::test]
async fn what_nobody_proved_is_answered_without_a_mac() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let large = vec![b' '; crate::http::MOST_BYTES + 1];
        let request = seat.numbered(1, &Method::POST, "/v1/providers", large);
        let id = crypto::id::SessionId::from_bytes([9; 16]);
        let stranger = RequestProof {
            session: id,
            ..proof_of(&request)
        };
        let reply = house.send(with_proof(request, &stranger.to_string())).await;
        assert_eq!(reply.refused(), unauthorised());
        assert!(!reply.headers.contains_key(ANSWER_HEADER));
        let large = vec![b' '; crate::http::MOST_BYTES + 1];
        let reply = house
            .send(seat.numbered(1, &Method::POST, "/v1/providers", large))
            .await;
        assert_eq!(reply.refused().0, 413);
        assert!(!reply.headers.contains_key(ANSWER_HEADER));
        let small = seat.numbered(
            1,
            &Method::POST,
            "/v1/providers",
            br#"{"name":"A"}"#.to_vec(),
        );
        assert!(
            house.send(small).await.status.is_success(),
            "the number was not taken"
        );
    }
}

#[tokio::test]
async fn a_route_outside_the_proof_refuses_everything() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let handler = axum::routing::get(|_: Proved<Empty>| async { "done" });
        let routes = || Router::new().route("/x", handler.clone());
        let request = || seat.sign(&Method::GET, "/x", Vec::new());
        let bare = routes().with_state(Arc::clone(&house.app));
        let answer = bare.oneshot(request()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let wrapped = crate::http::proved(Arc::clone(&house.app), routes().into());
        let wrapped: Router = wrapped.with_state(Arc::clone(&house.app)).into();
        let answer = wrapped.oneshot(request()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.headers().contains_key(ANSWER_HEADER));
    }
}

/// A head whose body is held back until something has happened.
#[tokio::test]
async fn a_body_that_was_held_back_finds_its_session_ended() {
    type End = fn(&House, &Seat);
    let ends: [End; 4] = [
        |house, seat| house.app.sessions.end(&seat.id),
        |house, seat| house.app.sessions.end_staff(seat.staff),
        |house, seat| house.app.sessions.end_terminal(seat.terminal),
        |house, _| house.clock.advance(LIFETIME),
    ];
    for house in houses().await {
        for end in ends {
            let seat = house.seat(Role::Operator, None).await;
            let hash = crypto::b64::encode(&[1; 32]);
            let body = format!(
                r#"{{"role":"operator","provider":null,"hash":"{hash}","day":"2026-03-10"}}"#
            );
            let body = body.into_bytes();
            let request = seat.numbered(1, &Method::POST, "/v1/invitations", body.clone());
            let (arrived, head) = tokio::sync::oneshot::channel();
            let (go, rest) = tokio::sync::oneshot::channel::<()>();
            let last = stream::once(async move {
                arrived.send(()).unwrap();
                rest.await.unwrap();
                Ok::<_, std::convert::Infallible>(body)
            });
            let request = request.map(|_| Body::from_stream(last));
            let between = async {
                head.await.unwrap();
                end(&house, &seat);
                go.send(()).unwrap();
            };
            let (reply, ()) = tokio::join!(house.send(request), between);
            assert_eq!(reply.refused(), unauthorised());
            assert_eq!(invitations(&house).await, 0, "{}", house.database.name);
        }
    }
}

#[tokio::test]
async fn a_revocation_ends_the_session_though_nobody_waits_for_the_answer() {
    for house in houses().await {
        let operator = house.seat(Role::Operator, None).await;
        let other = house.seat(Role::Operator, None).await;
        let path = format!("/v1/staff/{}/revoke", other.staff);
        let mut sending =
            Box::pin(house.send(operator.numbered(1, &Method::POST, &path, Vec::new())));
        tokio::select! {
            biased;
            _ = &mut sending => panic!("answered at once: nothing was cut off"),
            () = std::future::ready(()) => drop(sending),
        }
        let mut waits = 0;
        while ask(&house, &other, 1 + waits).await.status.is_success() {
            waits += 1;
            assert!(waits < 250, "the session lives on: {}", house.database.name);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_forgotten() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        house.app.forget_the_ended();
        assert!(house.app.sessions.find(&seat.id, 0).is_some());
        house.clock.advance(LIFETIME);
        house.app.forget_the_ended();
        assert!(house.app.sessions.find(&seat.id, 0).is_none());
    }
}

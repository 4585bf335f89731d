//! What holds everywhere: no echo, counted refusals, keys at rest, what a seized file shows.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request};
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::domain::Domain;
use crypto::id::{EnvelopeId, TerminalId};
use crypto::label;
use crypto::secret::SecretBytes;
use wire::{LoginStart, PutEnvelope, Role};

use super::harness::{House, houses};
use crate::access::handle::Handle;
use crate::access::invitation;
use crate::{Actor, IdentityKeys};

const NEEDLE: &str = "needle-4711";

#[tokio::test]
async fn no_refusal_echoes_what_was_sent() {
    let targets = [
        ("POST", "/v1/register/start"),
        ("POST", "/v1/register/finish"),
        ("POST", "/v1/login/start"),
        ("POST", "/v1/login/finish"),
        ("POST", "/v1/evaluate"),
        ("PUT", "/v1/envelopes/needle-4711"),
        ("POST", "/v1/envelopes/buckets"),
        ("POST", "/v1/envelopes/replace"),
        ("GET", "/v1/roster?needle-4711=1"),
        ("POST", "/v1/staff/needle-4711/revoke"),
        ("PATCH", "/v1/roster"),
    ];
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house
            .seat(Role::ProviderAdministrator, Some(provider))
            .await;
        for (method, target) in targets {
            let method: Method = method.parse().unwrap();
            for body in [
                format!("{{\"{NEEDLE}\":1}}"),
                NEEDLE.to_owned(),
                String::new(),
            ] {
                let reply = house
                    .send(seat.sign(&method, target, body.into_bytes()))
                    .await;
                reply.refused();
                assert!(
                    !String::from_utf8_lossy(&reply.body).contains(NEEDLE),
                    "{method} {target}"
                );
            }
        }
        for (target, most) in [
            ("/v1/login/start", 2 * 1024),
            ("/v1/login/finish", 2 * 1024),
            ("/v1/register/start", 16 * 1024),
            ("/v1/register/finish", 16 * 1024),
        ] {
            let large = vec![b' '; most + 1];
            let request = Request::post(target).body(Body::from(large)).unwrap();
            let refused = house.send(request).await.refused();
            assert_eq!(refused, (413, "too-large".to_owned()), "{target}");
        }
        for (target, most) in [("/v1/evaluate", 64 * 1024), ("/v1/roster", 2 << 20)] {
            let large = vec![b' '; most + 1];
            let refused = house.send(seat.sign(&Method::POST, target, large)).await;
            assert_eq!(refused.refused().0, 413, "{target}");
        }
    }
}

#[tokio::test]
async fn refusals_are_counted_by_day_and_reason_and_nothing_else() {
    for house in houses().await {
        let seat = house.seat(Role::Funder, None).await;
        for _ in 0..40 {
            assert_eq!(seat.get(&house, "/v1/registry").await.refused().0, 403);
        }
        house.clock.set("2026-03-11".parse().unwrap());
        assert_eq!(
            seat.get(&house, "/v1/registry").await.refused().0,
            401,
            "the session is over"
        );
        house.app.flush_refusals().await.unwrap();
        const COUNTED: &str = "SELECT reason, count FROM refusal WHERE day = $1";
        let mut tx = house.app.store.read().await.unwrap();
        for (text, reason, count) in [
            ("2026-03-10", "forbidden", 40),
            ("2026-03-11", "unauthorised", 1),
        ] {
            let day: Day = text.parse().unwrap();
            let counted =
                store::fetch_all!(&mut tx, (String, i64), COUNTED, i64::from(day.number()))
                    .unwrap();
            assert_eq!(counted, [(reason.to_owned(), count)]);
        }
    }
}

#[tokio::test]
async fn keys_survive_their_file_and_nothing_else_is_taken_for_one() {
    for house in houses().await {
        let keys = &house.app.keys;
        let bytes = keys.to_bytes().unwrap();
        let read = IdentityKeys::from_bytes(&bytes).unwrap();
        assert_eq!(
            (keys.list.public(), keys.opaque.public_key()),
            (read.list.public(), read.opaque.public_key())
        );
        assert_eq!(bytes, read.to_bytes().unwrap());
        assert_eq!(format!("{keys:?}"), "IdentityKeys(..)");
        let mut longer = bytes.expose().to_vec();
        longer.extend_from_slice(b"{}");
        for bad in [Vec::new(), b"{}".to_vec(), longer] {
            assert!(IdentityKeys::from_bytes(&SecretBytes::new(bad)).is_err());
        }
    }
}

/// Fills the database with one of everything that must not be readable in it.
async fn live_a_little(house: &House) -> BTreeMap<&'static str, Vec<u8>> {
    let provider = house.provider("A").await;
    let seat = house
        .seat(Role::ProviderAdministrator, Some(provider))
        .await;
    let token = invitation::invite(
        &house.app,
        Actor::CommandLine,
        Role::Clinician,
        Some(provider),
    )
    .await
    .unwrap();
    let handle = Handle::parse("ibu.sri.handayani").unwrap();
    const NAME: &str = "UPDATE staff SET handle_tag = $1, handle_sealed = $2 WHERE staff = $3";
    let mut tx = house.app.store.write().await.unwrap();
    let sealed = handle.seal(&house.app, &seat.staff).unwrap();
    let id = &seat.staff.as_bytes()[..];
    store::execute!(&mut tx, NAME, &handle.tag(&house.app)[..], &sealed[..], id).unwrap();
    tx.commit().await.unwrap();
    let envelope = PutEnvelope {
        sealed: B64(vec![0xe5; 105]),
        delete_hash: Fixed([1; 32]),
    };
    let path = format!("/v1/envelopes/{}", EnvelopeId::from_bytes([0xe6; 16]));
    assert_eq!(seat.put(house, &path, &envelope).await.status, 201);
    assert_eq!(seat.get(house, "/v1/bundle").await.status, 200);
    BTreeMap::from([
        ("log-in name", b"ibu.sri.handayani".to_vec()),
        ("session id", seat.id.as_bytes().to_vec()),
        ("session id as text", seat.id.to_string().into_bytes()),
        ("request key", seat.key(label::REQUEST_KEY).to_vec()),
        ("answer key", seat.key(label::ANSWER_KEY).to_vec()),
        ("invitation", token.text().as_bytes()[..24].to_vec()),
        (
            "master key",
            house.app.keys.identification.to_bytes().expose().to_vec(),
        ),
        (
            "factor of the provider's domain",
            crate::domains::identification(&house.app, Domain::Provider(provider))
                .await
                .unwrap()
                .to_bytes()
                .expose()
                .to_vec(),
        ),
        ("sealing key", house.app.keys.sealing.expose().to_vec()),
        ("agent", b"PrivateBrowser".to_vec()),
        ("address", b"203.0.113.9".to_vec()),
    ])
}

#[tokio::test]
async fn a_seized_file_shows_no_name_no_key_no_token_and_no_caller() {
    let Some(house) = houses()
        .await
        .into_iter()
        .find(|house| house.database.name == "sqlite")
    else {
        return;
    };
    let secrets = live_a_little(&house).await;
    let start = LoginStart {
        handle: "ibu.sri.handayani".to_owned(),
        terminal: TerminalId::from_bytes([1; 16]),
        ke1: Fixed([0; 96]),
        knock: Fixed([0; 32]),
    };
    let request = Request::builder()
        .method("POST")
        .uri("/v1/login/start")
        .header("user-agent", "PrivateBrowser")
        .header("x-forwarded-for", "203.0.113.9")
        .body(Body::from(serde_json::to_vec(&start).unwrap()));
    house.send(request.unwrap()).await;
    house.app.flush_refusals().await.unwrap();
    let store::Location::SqliteFile(path) = &house.database.location else {
        panic!("not SQLite")
    };
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for (name, secret) in &secrets {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret),
                "{name} is in the files"
            );
        }
    }
}

#[tokio::test]
async fn a_stranger_is_given_no_bundle() {
    for house in houses().await {
        let stranger = Request::builder()
            .uri("/v1/bundle")
            .body(Body::empty())
            .unwrap();
        assert_eq!(house.send(stranger).await.refused().0, 401);
    }
}

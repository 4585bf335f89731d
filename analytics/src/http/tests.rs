//! Deliveries over HTTP: the token, the limits, the answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use crypto::rng::Random;
use crypto::token::Token;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use wire::{Deliver, Delivered, Problem, TellRegistry};

use super::*;
use crate::testing::closing::{EVENTS, number, sqlite};
use crate::testing::reports::{PROVIDER, item, report, told};
use indicators::testing::day;

async fn post(app: &Arc<App>, token: Option<&str>, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
    post_to(app, "/v1/statistics/deliver", token, body).await
}

async fn post_to(
    app: &Arc<App>,
    path: &str,
    token: Option<&str>,
    body: Vec<u8>,
) -> (StatusCode, Vec<u8>) {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let response = axum::Router::from(router(Arc::clone(app)))
        .oneshot(request.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    let status = response.status();
    (
        status,
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
}

/// A role whose token's text is known.
async fn role() -> (crate::testing::closing::Role, Arc<App>, Token) {
    let role = sqlite().await;
    let (keys, token) = crate::keys::AnalyticsKeys::generate(&mut Random::seeded([6; 32])).unwrap();
    let app = Arc::new(App {
        keys: Arc::new(keys),
        ..(*role.app).clone()
    });
    (role, app, token)
}

fn delivery(items: Vec<wire::DeliverItem>) -> Deliver {
    Deliver {
        epoch: 1,
        complete: None,
        items,
    }
}

#[tokio::test]
async fn only_the_role_token_delivers() {
    let (_role, app, token) = role().await;
    let body = serde_json::to_vec(&delivery(Vec::new())).unwrap();
    let (other, _) = Token::role(&mut Random::seeded([1; 32]));
    for wrong in [None, Some(""), Some("pyr_"), Some(other.text())] {
        let (status, answer) = post(&app, wrong, body.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let problem: Problem = serde_json::from_slice(&answer).unwrap();
        assert_eq!((problem.slug(), problem.status), ("unauthorised", 401));
    }
    assert_eq!(post(&app, Some(token.text()), body).await.0, StatusCode::OK);
}

#[tokio::test]
async fn only_the_role_token_tells_of_the_registry() {
    let (_role, app, token) = role().await;
    let site = crate::testing::reports::site_of(PROVIDER, "denpasar/a");
    let told = TellRegistry {
        providers: vec![told(PROVIDER)],
        sites: vec![site],
    };
    let body = serde_json::to_vec(&told).unwrap();
    let (other, _) = Token::role(&mut Random::seeded([1; 32]));
    let path = "/v1/statistics/registry";
    let known = "SELECT COUNT(*) FROM site WHERE site = 'denpasar/a'";
    for wrong in [None, Some(other.text())] {
        let (status, _) = post_to(&app, path, wrong, body.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(number(&app.store, known).await, 0);
    for _ in 0..2 {
        let (status, _) = post_to(&app, path, Some(token.text()), body.clone()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(number(&app.store, known).await, 1);
    }
    let (status, _) = post_to(&app, path, Some(token.text()), b"{\"sites\":1}".to_vec()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_delivery_is_answered_item_by_item() {
    let (_role, app, token) = role().await;
    let mut rng = Random::seeded([2; 32]);
    let good = report(1, "medan/a", "nsp", "enrolled", day("2026-01-10"), None);
    let future = report(2, "medan/a", "nsp", "contact", day("2027-01-10"), None);
    let items = vec![
        item(&app.keys, 1, &good, &mut rng),
        item(&app.keys, 1, &future, &mut rng),
    ];
    let body = serde_json::to_vec(&delivery(items)).unwrap();
    for _ in 0..2 {
        let (status, answer) = post(&app, Some(token.text()), body.clone()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            serde_json::from_slice::<Delivered>(&answer).unwrap().acks,
            [true, false]
        );
    }
    assert_eq!(number(&app.store, EVENTS).await, 1);
}

#[tokio::test]
async fn what_is_malformed_or_too_large_is_told_apart_and_not_echoed() {
    let (_role, app, token) = role().await;
    for body in [
        &b"secret words"[..],
        b"{}",
        b"{\"epoch\":1,\"items\":[],\"secret\":1}",
    ] {
        let (status, answer) = post(&app, Some(token.text()), body.to_vec()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(!String::from_utf8(answer).unwrap().contains("secret"));
    }
    let (status, _) = post(&app, Some(token.text()), vec![b' '; DELIVERY_BYTES + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::close::close;
use crate::testing::closing::{contribute, pilot, quarter, roles, sqlite};
use crate::testing::reading::get;
use axum::http::StatusCode;

#[tokio::test]
async fn the_ledger_is_public_cached_and_the_same_for_everybody() {
    for role in roles().await {
        let mut tags = Vec::new();
        for closed in [false, true] {
            if closed {
                close(&role.app, quarter("2026Q1")).await.unwrap();
            }
            for path in ["/v1/ledger", "/v1/ledger?format=html"] {
                let (status, headers, body) = get(&role.app, path, None).await;
                assert_eq!(status, StatusCode::OK);
                let tag = headers["etag"].to_str().unwrap().to_owned();
                let (status, _, none) = get(&role.app, path, Some(&tag)).await;
                assert_eq!((status, none.len()), (StatusCode::NOT_MODIFIED, 0));
                assert_eq!(get(&role.app, path, None).await.2, body);
                assert!(!tags.contains(&tag), "another text has another tag");
                tags.push(tag);
            }
        }
        let (_, _, body) = get(&role.app, "/v1/ledger", None).await;
        let view: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(view["budget"], "default");
        assert_eq!(view["years"][0]["year"], 2026);
        assert!(view["lifetime_bound"].as_u64().unwrap() > 0);
    }
}

/// Two programmes, one of them full of people: the same words, the same numbers.
#[tokio::test]
async fn the_ledger_does_not_depend_on_anybody() {
    let (empty, full) = (sqlite().await, sqlite().await);
    contribute(&full.app.store, &pilot(quarter("2026Q1"))).await;
    for role in [&empty, &full] {
        close(&role.app, quarter("2026Q1")).await.unwrap();
    }
    for path in ["/v1/ledger", "/v1/ledger?format=html"] {
        let (one, two) = (
            get(&empty.app, path, None).await,
            get(&full.app, path, None).await,
        );
        assert_eq!(one.2, two.2, "{path}");
    }
}

#[tokio::test]
async fn a_page_has_its_policy_and_strange_questions_are_refused() {
    let role = sqlite().await;
    let (_, headers, page) = get(&role.app, "/v1/ledger?format=html", None).await;
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    let policy = exports::html::POLICY.replace('\'', "&#39;");
    assert!(String::from_utf8(page).unwrap().contains(&policy));
    for path in [
        "/v1/ledger?format=csv",
        "/v1/ledger?format=HTML",
        "/v1/ledger?year=2026",
        "/v1/ledger?format=json&format=html",
    ] {
        let (status, ..) = get(&role.app, path, None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
    }
}

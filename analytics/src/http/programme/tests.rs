#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::close::close;
use crate::testing::closing::{quarter, roles};
use crate::testing::reading::get;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::execute;

async fn said(app: &std::sync::Arc<crate::App>) -> Value {
    let (status, _, body) = get(app, "/v1/programme", None).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn the_first_quarter_is_public_before_it_closes() {
    for role in roles().await {
        let expected = json!({ "start": "2026-01-01", "first": "2026Q1" });
        assert_eq!(said(&role.app).await, expected, "{}", role.database.name);
        let (_, headers, _) = get(&role.app, "/v1/programme", None).await;
        let tag = headers["etag"].to_str().unwrap();
        let (status, ..) = get(&role.app, "/v1/programme", Some(tag)).await;
        assert_eq!(status, StatusCode::NOT_MODIFIED);
        let (status, ..) = get(&role.app, "/v1/programme?x=1", None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}

/// Without a first day the first closing begins the series.
#[tokio::test]
async fn a_programme_without_a_first_day_says_so() {
    for role in roles().await {
        const NONE: &str = "UPDATE meta SET value = 'none' WHERE key = 'start'";
        let mut tx = role.app.store.write().await.unwrap();
        execute!(&mut tx, NONE).unwrap();
        tx.commit().await.unwrap();
        let nobody = json!({ "start": null, "first": null });
        assert_eq!(said(&role.app).await, nobody, "{}", role.database.name);
        close(&role.app, quarter("2026Q1")).await.unwrap();
        assert_eq!(said(&role.app).await["first"], "2026Q1");
    }
}

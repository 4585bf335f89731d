#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use crate::close::close;
use crate::log::FILE;
use crate::testing::closing::{at, closing_day, quarter, sqlite};
use crate::testing::reading::get;
use axum::http::StatusCode;
use crypto::hex;
use release::log::head::SignedHead;
use release::log::mirror::Mirror;

#[tokio::test]
async fn the_log_is_served_as_it_is_with_a_head_that_fits() {
    let role = sqlite().await;
    let key = role.app.keys.release.public();
    let (status, headers, empty) = get(&role.app, "/v1/releases/log", None).await;
    assert_eq!((status, empty.len()), (StatusCode::OK, 0));
    assert_eq!(headers["content-type"], "application/x-ndjson");
    let mut older = empty;
    for period in ["2026Q1", "2026Q2"].map(quarter) {
        let app = at(&role.app, closing_day(period));
        let closed = close(&app, period).await.unwrap();
        let (_, headers, bytes) = get(&role.app, "/v1/releases/log", None).await;
        let file = std::fs::read(role.folder.path().join(FILE)).unwrap();
        assert_eq!(bytes, file);
        let tag = headers["etag"].to_str().unwrap();
        let (status, _, none) = get(&role.app, "/v1/releases/log", Some(tag)).await;
        assert_eq!((status, none.len()), (StatusCode::NOT_MODIFIED, 0));
        let (_, _, head) = get(&role.app, "/v1/releases/log/head", None).await;
        let signed = SignedHead::from_bytes(&head).unwrap();
        let log = Mirror::read(&bytes).unwrap();
        assert_eq!(log.signed(&signed, &key), Ok(log.head()));
        log.lists(closed.subject, &hex::encode(&closed.hash))
            .unwrap();
        assert_eq!(log.continues(&Mirror::read(&older).unwrap()), Ok(2));
        older = bytes;
    }
    // A line that is being written is not shown.
    let path = role.folder.path().join(FILE);
    std::fs::write(&path, [&older[..], b"{\"previous\":\"AA"].concat()).unwrap();
    assert_eq!(get(&role.app, "/v1/releases/log", None).await.2, older);
}

#[tokio::test]
async fn a_broken_log_is_not_shown_and_questions_take_no_parameters() {
    let role = sqlite().await;
    close(&role.app, quarter("2026Q1")).await.unwrap();
    for path in ["/v1/releases/log", "/v1/releases/log/head"] {
        let (status, _, body) = get(&role.app, &format!("{path}?secret=1"), None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(!String::from_utf8(body).unwrap().contains("secret"));
    }
    let path = role.folder.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    for path in ["/v1/releases/log", "/v1/releases/log/head"] {
        let (status, ..) = get(&role.app, path, None).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}

/// An emptied log, or one from before the last closing: whoever fetched it would believe that nothing was published since.
#[tokio::test]
async fn a_log_that_lost_releases_is_not_shown_and_no_head_is_signed_for_it() {
    let role = sqlite().await;
    for period in ["2026Q1", "2026Q2"].map(quarter) {
        let app = at(&role.app, closing_day(period));
        close(&app, period).await.unwrap();
    }
    let path = role.folder.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    let lines = whole.split_inclusive(|byte| *byte == b'\n').take(2);
    let older: Vec<u8> = lines.flatten().copied().collect();
    let shown = [
        "/v1/releases/log",
        "/v1/releases/log/head",
        "/v1/releases",
        "/v1/releases/2026Q1",
    ];
    for (log, expected) in [
        (&[][..], StatusCode::SERVICE_UNAVAILABLE),
        (&older, StatusCode::SERVICE_UNAVAILABLE),
        (&whole, StatusCode::OK),
    ] {
        std::fs::write(&path, log).unwrap();
        for path in shown {
            let (status, ..) = get(&role.app, path, None).await;
            assert_eq!(status, expected, "{path}");
        }
    }
}

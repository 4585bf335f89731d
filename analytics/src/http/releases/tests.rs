#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use super::*;
use crate::close::close;
use crate::testing::closing::{quarter, roles};
use crate::testing::reading::get;
use axum::http::StatusCode;

#[tokio::test]
async fn releases_are_listed_read_and_cached() {
    for role in roles().await {
        assert_eq!(get(&role.app, "/v1/releases", None).await.2, b"[]");
        assert_eq!(
            get(&role.app, "/v1/releases/2026Q1", None).await.0,
            StatusCode::NOT_FOUND
        );
        let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
        let (status, _, list) = get(&role.app, "/v1/releases", None).await;
        let expected = format!(
            r#"[{{"period":"2026Q1","version":1,"hash":"{}"}}]"#,
            hex::encode(&closed.hash)
        );
        assert_eq!(
            (status, String::from_utf8(list).unwrap()),
            (StatusCode::OK, expected)
        );
        for path in [
            "/v1/releases/2026Q1",
            "/v1/releases/2026Q1?format=json",
            "/v1/releases/2026Q1?format=csv",
        ] {
            let (status, headers, body) = get(&role.app, path, None).await;
            assert_eq!(status, StatusCode::OK);
            release::verify::verify(&body, &role.app.keys.release.public()).unwrap();
            let tag = headers["etag"].to_str().unwrap().to_owned();
            let form = if path.ends_with("csv") { "csv" } else { "json" };
            assert_eq!(tag, format!("\"{}-{form}\"", hex::encode(&closed.hash)));
            for given in [
                tag.clone(),
                format!("W/{tag}"),
                format!("\"x\", {tag}"),
                "*".to_owned(),
            ] {
                let (status, headers, body) = get(&role.app, path, Some(&given)).await;
                assert_eq!(
                    (status, body.len()),
                    (StatusCode::NOT_MODIFIED, 0),
                    "{given}"
                );
                assert_eq!(headers["etag"], tag.as_str());
            }
            assert_eq!(
                get(&role.app, path, Some("\"other\"")).await.0,
                StatusCode::OK
            );
        }
    }
}

#[tokio::test]
async fn a_page_is_served_with_its_own_policy_and_tag() {
    let role = crate::testing::closing::sqlite().await;
    let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
    let path = "/v1/releases/2026Q1?format=html";
    let (status, headers, page) = get(&role.app, path, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    // The header is the origin's one policy; what the page allows itself stands inside it.
    assert!(!headers.contains_key("content-security-policy"));
    let policy = exports::html::POLICY.replace('\'', "&#39;");
    assert!(String::from_utf8(page.clone()).unwrap().contains(&policy));
    let tag = headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}-html-2-en\"", hex::encode(&closed.hash)));
    let (status, _, none) = get(&role.app, path, Some(&tag)).await;
    assert_eq!((status, none.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(page, get(&role.app, path, None).await.2);
    for format in ["dhis2", "adx", "fhir", "HTML"] {
        let path = format!("/v1/releases/2026Q1?format={format}");
        let (status, ..) = get(&role.app, &path, None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{format} needs a mapping");
    }
}

#[tokio::test]
async fn pages_and_papers_are_served_in_four_languages() {
    let role = crate::testing::closing::sqlite().await;
    let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
    let (_, _, json) = get(&role.app, "/v1/releases/2026Q1", None).await;
    let mut tags = std::collections::BTreeSet::new();
    for language in Language::ALL {
        let code = language.code();
        for (format, kind, form) in [
            ("html", "text/html; charset=utf-8", Form::Html(language)),
            ("pdf", "application/pdf", Form::Pdf(language)),
        ] {
            let path = format!("/v1/releases/2026Q1?format={format}&language={code}");
            let (status, headers, file) = get(&role.app, &path, None).await;
            assert_eq!(
                (status, headers["content-type"].to_str().unwrap()),
                (StatusCode::OK, kind)
            );
            let tag = headers["etag"].to_str().unwrap().to_owned();
            let name = form.name().replace('/', "-");
            assert_eq!(tag, format!("\"{}-{name}\"", hex::encode(&closed.hash)));
            assert_eq!(
                get(&role.app, &path, Some(&tag)).await.0,
                StatusCode::NOT_MODIFIED
            );
            assert!(tags.insert(tag), "no two languages share a tag");
            assert!(exports::render::is_rendering(form, &json, None, &file).unwrap());
        }
        let path = format!("/v1/releases/2026Q1?format=html&language={code}");
        let page = String::from_utf8(get(&role.app, &path, None).await.2).unwrap();
        assert_eq!(
            page.matches("<a href=\"?format=html&amp;language=").count(),
            3
        );
    }
    for wanted in [
        "html&language=de",
        "html&language=EN",
        "pdf&language=",
        "json&language=en",
        "csv&language=ru",
    ] {
        let path = format!("/v1/releases/2026Q1?format={wanted}");
        assert_eq!(
            get(&role.app, &path, None).await.0,
            StatusCode::BAD_REQUEST,
            "{wanted}"
        );
    }
}

#[tokio::test]
async fn a_version_can_be_asked_for() {
    for role in roles().await {
        close(&role.app, quarter("2026Q1")).await.unwrap();
        let newest = get(&role.app, "/v1/releases/2026Q1", None).await.2;
        let (status, _, first) = get(&role.app, "/v1/releases/2026Q1?version=1", None).await;
        assert_eq!((status, first), (StatusCode::OK, newest));
        let (status, ..) = get(&role.app, "/v1/releases/2026Q1?version=2", None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, ..) = get(&role.app, "/v1/releases/2026Q1?version=x", None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn bad_questions_get_one_answer_without_an_echo() {
    let role = crate::testing::closing::sqlite().await;
    for path in [
        "/v1/releases/secret",
        "/v1/releases/2026Q1?format=xml",
        "/v1/releases/2026Q1?extra=1",
        "/v1/releases/2026Q5",
    ] {
        let (status, headers, body) = get(&role.app, path, None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(headers["content-type"], "application/problem+json");
        let text = String::from_utf8(body).unwrap();
        assert!(!text.contains("secret") && !text.contains("xml") && !text.contains("Q5"));
    }
}

//! Public reading of releases over HTTP: a list, and each release as JSON, CSV or a page with its hash as entity tag.
//!
//! Answers are stored bytes or a deterministic rendering of them: constant size, no query parameter but the format, nothing
//! measured and nothing drawn. Anybody may read; nothing is written down about who does.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use crypto::day::Quarter;
use crypto::hex;
use serde::{Deserialize, Serialize};
use store::DbError;

use super::cached::{self, Kind};
use super::problem::Failure;
use crate::App;
use crate::stored::{self, ReadError};
use exports::form::Form;
use exports::language::Language;
use exports::render::{render, served_page};
use release::seal::as_csv;

/// `GET /v1/releases` and `GET /v1/releases/{period}?format=json|csv|html|pdf&language=en|id|ru|ky&version=1` (the language for
/// html and pdf only; without a version the newest).
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/releases", get(list))
        .route("/v1/releases/{period}", get(read))
}

#[derive(Serialize)]
struct Entry {
    period: Quarter,
    version: u32,
    hash: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
    Html,
    Pdf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    format: Format,
    language: Option<String>,
    version: Option<u32>,
}

/// What is answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Json,
    Csv,
    Page(Language),
    Paper(Language),
}

impl Wanted {
    /// `None` for a language that there is not, or beside a format that has none.
    fn answer(&self) -> Option<Answer> {
        let language = match &self.language {
            None => Language::default(),
            Some(code) => Language::named(code)?,
        };
        match (self.format, &self.language) {
            (Format::Json, None) => Some(Answer::Json),
            (Format::Csv, None) => Some(Answer::Csv),
            (Format::Html, _) => Some(Answer::Page(language)),
            (Format::Pdf, _) => Some(Answer::Paper(language)),
            (Format::Json | Format::Csv, Some(_)) => None,
        }
    }
}

impl Answer {
    const fn kind(self) -> Kind {
        match self {
            Self::Json => Kind::Json,
            Self::Csv => Kind::Csv,
            Self::Page(_) => Kind::Page,
            Self::Paper(_) => Kind::Pdf,
        }
    }

    /// One release has one tag for each form and language (RFC 9110, section 8.8.3), with the version of the rendering, so that
    /// no cache keeps an older one.
    fn tag(self, hash: &[u8; 32]) -> String {
        let form = match self {
            Self::Json => "json".to_owned(),
            Self::Csv => "csv".to_owned(),
            Self::Page(language) => Form::Html(language).name().replace('/', "-"),
            Self::Paper(language) => Form::Pdf(language).name().replace('/', "-"),
        };
        format!("{}-{form}", hex::encode(hash))
    }

    fn rendered(self, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let changed = || failed(&ReadError::Changed);
        match self {
            Self::Json => Ok(body.to_vec()),
            Self::Csv => as_csv(body).map_err(|_| changed()),
            Self::Page(language) => served_page(body, language).map_err(|_| changed()),
            Self::Paper(language) => render(Form::Pdf(language), body, None).map_err(|_| changed()),
        }
    }
}

async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<Entry>>, Failure> {
    let entry = |release: stored::ReleaseHash| Entry {
        period: release.subject.period,
        version: release.subject.version,
        hash: hex::encode(&release.hash),
    };
    let all = stored::list(&app.store, &app.log_dir)
        .await
        .map_err(|error| failed(&error))?;
    Ok(Json(all.into_iter().map(entry).collect()))
}

async fn read(
    State(app): State<Arc<App>>,
    period: Result<Path<String>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Path(period) = period.map_err(|_| Failure::Malformed)?;
    let period = period.parse().map_err(|_| Failure::Malformed)?;
    let Query(wanted) = wanted.map_err(|_| Failure::Malformed)?;
    let answer = wanted.answer().ok_or(Failure::Malformed)?;
    let found = find(&app, period, wanted.version).await?;
    let (release, body) = found.ok_or(Failure::NotFound)?;
    let tag = answer.tag(&release.hash);
    cached::tagged(answer.kind(), &headers, &tag, || answer.rendered(&body))
}

/// A public release and its file: the version asked for, or the newest.
async fn find(
    app: &App,
    period: Quarter,
    version: Option<u32>,
) -> Result<Option<(stored::ReleaseHash, Vec<u8>)>, Failure> {
    let found = match version {
        None => stored::newest(&app.store, &app.log_dir, period).await,
        Some(version) => stored::version(&app.store, &app.log_dir, period, version).await,
    };
    found.map_err(|error| failed(&error))
}

fn failed(error: &ReadError) -> Failure {
    tracing::error!(%error, "a release cannot be read");
    match error {
        ReadError::Database(DbError::Retry { .. } | DbError::Unavailable)
        | ReadError::Stopping(_) => Failure::Unavailable,
        _ => Failure::Internal,
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::too_many_lines
    )]
    use super::*;
    use crate::close::close;
    use crate::testing::closing::{Role, quarter, roles};
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use exports::html::{POLICY, SERVED_POLICY};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn get(role: &Role, path: &str, tag: Option<&str>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::get(path);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        let router = routes().with_state(role.app.clone());
        let answer = router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = answer.into_parts();
        (
            parts.status,
            parts.headers,
            body.collect().await.unwrap().to_bytes().to_vec(),
        )
    }

    #[tokio::test]
    async fn releases_are_listed_read_and_cached() {
        for role in roles().await {
            assert_eq!(get(&role, "/v1/releases", None).await.2, b"[]");
            assert_eq!(
                get(&role, "/v1/releases/2026Q1", None).await.0,
                StatusCode::NOT_FOUND
            );
            let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
            let (status, _, list) = get(&role, "/v1/releases", None).await;
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
                let (status, headers, body) = get(&role, path, None).await;
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
                    let (status, headers, body) = get(&role, path, Some(&given)).await;
                    assert_eq!(
                        (status, body.len()),
                        (StatusCode::NOT_MODIFIED, 0),
                        "{given}"
                    );
                    assert_eq!(headers["etag"], tag.as_str());
                }
                assert_eq!(get(&role, path, Some("\"other\"")).await.0, StatusCode::OK);
            }
        }
    }

    #[tokio::test]
    async fn a_page_is_served_with_its_own_policy_and_tag() {
        let role = crate::testing::closing::sqlite().await;
        let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
        let path = "/v1/releases/2026Q1?format=html";
        let (status, headers, page) = get(&role, path, None).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["content-security-policy"], SERVED_POLICY);
        assert!(SERVED_POLICY.starts_with(POLICY));
        let tag = headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(tag, format!("\"{}-html-2-en\"", hex::encode(&closed.hash)));
        let (status, _, none) = get(&role, path, Some(&tag)).await;
        assert_eq!((status, none.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(page, get(&role, path, None).await.2);
        for format in ["dhis2", "adx", "fhir", "HTML"] {
            let path = format!("/v1/releases/2026Q1?format={format}");
            let (status, ..) = get(&role, &path, None).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{format} needs a mapping");
        }
    }

    #[tokio::test]
    async fn pages_and_papers_are_served_in_four_languages() {
        let role = crate::testing::closing::sqlite().await;
        let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
        let (_, _, json) = get(&role, "/v1/releases/2026Q1", None).await;
        let mut tags = std::collections::BTreeSet::new();
        for language in Language::ALL {
            let code = language.code();
            for (format, kind, form) in [
                ("html", "text/html; charset=utf-8", Form::Html(language)),
                ("pdf", "application/pdf", Form::Pdf(language)),
            ] {
                let path = format!("/v1/releases/2026Q1?format={format}&language={code}");
                let (status, headers, file) = get(&role, &path, None).await;
                assert_eq!(
                    (status, headers["content-type"].to_str().unwrap()),
                    (StatusCode::OK, kind)
                );
                let tag = headers["etag"].to_str().unwrap().to_owned();
                let name = form.name().replace('/', "-");
                assert_eq!(tag, format!("\"{}-{name}\"", hex::encode(&closed.hash)));
                assert_eq!(
                    get(&role, &path, Some(&tag)).await.0,
                    StatusCode::NOT_MODIFIED
                );
                assert!(tags.insert(tag), "no two languages share a tag");
                assert!(exports::render::is_rendering(form, &json, None, &file).unwrap());
            }
            let path = format!("/v1/releases/2026Q1?format=html&language={code}");
            let page = String::from_utf8(get(&role, &path, None).await.2).unwrap();
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
                get(&role, &path, None).await.0,
                StatusCode::BAD_REQUEST,
                "{wanted}"
            );
        }
    }

    #[tokio::test]
    async fn a_version_can_be_asked_for() {
        for role in roles().await {
            close(&role.app, quarter("2026Q1")).await.unwrap();
            let newest = get(&role, "/v1/releases/2026Q1", None).await.2;
            let (status, _, first) = get(&role, "/v1/releases/2026Q1?version=1", None).await;
            assert_eq!((status, first), (StatusCode::OK, newest));
            let (status, ..) = get(&role, "/v1/releases/2026Q1?version=2", None).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
            let (status, ..) = get(&role, "/v1/releases/2026Q1?version=x", None).await;
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
            let (status, headers, body) = get(&role, path, None).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(headers["content-type"], "application/problem+json");
            let text = String::from_utf8(body).unwrap();
            assert!(!text.contains("secret") && !text.contains("xml") && !text.contains("Q5"));
        }
    }
}

//! Public reading of releases over HTTP: a list, and each release as JSON, CSV or a page with its hash as entity tag.
//!
//! Answers are stored bytes or a deterministic rendering of them: constant size, no query parameter but the format, nothing
//! measured and nothing drawn. Anybody may read; nothing is written down about who does.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use crypto::day::Quarter;
use crypto::hex;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::form::{self, published};

use super::cached::{self, Kind};
use super::described::{cached, open};
use super::problem::Failure;
use crate::App;
use crate::stored::{self, ReadError};
use exports::form::Form;
use exports::language::Language;
use exports::render::{render, served_page};
use release::seal::as_csv;

/// `GET /v1/releases` and `GET /v1/releases/{period}?format=json|csv|html|pdf&language=en|id|ru|ky&version=1` (the language for
/// html and pdf only; without a version the newest).
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    let unread = [Failure::Malformed, Failure::NotFound];
    OpenApiRouter::default()
        .routes(open(routes!(list), &[]))
        .routes(cached(routes!(read), &unread))
}

#[derive(Serialize)]
struct Entry {
    period: Quarter,
    version: u32,
    hash: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
    Html,
    Pdf,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The form; JSON when absent.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// The language of a page or paper, English when absent; the other forms have none and refuse it.
    #[param(pattern = "^(en|id|ru|ky)$")]
    language: Option<String>,
    /// Which of the quarter's versions; the newest when absent.
    #[param(minimum = 1)]
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
        let changed = || Failure::from(ReadError::Changed);
        match self {
            Self::Json => Ok(body.to_vec()),
            Self::Csv => as_csv(body).map_err(|_| changed()),
            Self::Page(language) => served_page(body, language).map_err(|_| changed()),
            Self::Paper(language) => render(Form::Pdf(language), body, None).map_err(|_| changed()),
        }
    }
}

/// Every release.
#[utoipa::path(
    get,
    path = "/v1/releases",
    tag = "releases",
    operation_id = "list_releases",
    responses((status = 200, description = "Every public release, in order.", body = Vec<published::ListedRelease>)),
)]
async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<Entry>>, Failure> {
    let entry = |release: stored::ReleaseHash| Entry {
        period: release.subject.period,
        version: release.subject.version,
        hash: hex::encode(&release.hash),
    };
    let all = stored::list(&app.store, &app.log_dir).await?;
    Ok(Json(all.into_iter().map(entry).collect()))
}

/// One release, in one of its forms.
#[utoipa::path(
    get,
    path = "/v1/releases/{period}",
    tag = "releases",
    operation_id = "release",
    params(("period" = form::Quarter, Path, description = "The quarter."), Wanted),
    responses((status = 200, description = "The signed file, or a rendering of it.", content(
        (published::SignedRelease = "application/json"),
        (form::Raw = "text/csv"),
        (form::Raw = "text/html"),
        (form::Raw = "application/pdf"),
    ))),
)]
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
    Ok(found?)
}

#[cfg(test)]
mod tests;

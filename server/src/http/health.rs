//! Whether the process lives (`/healthz`) and whether each role of it can serve (`/readyz`), for whoever watches.
//!
//! **Model.** Living is answered from nothing. Being ready is looked at: the keys are open, or the process would not run; a
//! write transaction begins and is committed; the status list can be signed, and of which day it is; the release log is whole, and
//! where it ends. One look serves everybody who asks within [`GOOD_FOR`], so that asking costs the databases nothing.
//!
//! **Limits.** The write transaction writes nothing: a disk that is full is seen by the next real write. Whoever asks while the
//! database is away is answered within [`PATIENCE`], and a little.
//!
//! **Privacy.** Days, a hash and a number of closed lines that are public; no count of people, nothing about who asked.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use crypto::day::Day;
use crypto::hex;
use crypto::rng::Random;
use serde::Serialize;
use store::{DbError, Store, retrying};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::form;

/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what was seen is told again.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// A process that answers.
#[derive(Serialize, ToSchema)]
struct Alive {
    /// Always `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
}

/// What one look found.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Readiness)]
struct Seen {
    /// Whether each role of the process can serve.
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentitySeen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<StatisticsSeen>,
}

/// Of the identity role.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ReadinessOfIdentity)]
struct IdentitySeen {
    /// Always `open`.
    #[schema(pattern = "^open$")]
    keys: &'static str,
    /// `writable` or `away`.
    #[schema(pattern = "^(writable|away)$")]
    database: &'static str,
    /// The day of the status list that terminals get now; none when it cannot be signed.
    #[schema(value_type = Option<form::Day>)]
    status_list: Option<Day>,
}

/// Of the statistics role.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ReadinessOfStatistics)]
struct StatisticsSeen {
    /// Always `open`.
    #[schema(pattern = "^open$")]
    keys: &'static str,
    /// `writable` or `away`.
    #[schema(pattern = "^(writable|away)$")]
    database: &'static str,
    /// Where the release log ends; none when it cannot be read or is broken.
    release_log: Option<LogEnd>,
}

/// As `GET /v1/releases/log/head` says it, without the signature.
#[derive(Clone, Serialize, ToSchema)]
struct LogEnd {
    /// Lines.
    lines: u64,
    /// The last hash.
    #[schema(value_type = form::Hex32)]
    hash: String,
}

/// What is looked at, and what was seen last.
pub(crate) struct Health {
    identity: Option<Arc<identity::App>>,
    statistics: Option<Arc<analytics::App>>,
    last: Mutex<Option<(Instant, Seen)>>,
}

impl Health {
    /// Of the roles that this process has.
    pub(crate) fn new(
        identity: Option<Arc<identity::App>>,
        statistics: Option<Arc<analytics::App>>,
    ) -> Self {
        Self {
            identity,
            statistics,
            last: Mutex::default(),
        }
    }

    /// What was seen just now; others who ask meanwhile wait for the same look.
    async fn seen(&self) -> Seen {
        let mut last = self.last.lock().await;
        if let Some((at, seen)) = &*last
            && at.elapsed() < GOOD_FOR
        {
            return seen.clone();
        }
        let (identity, statistics) = tokio::join!(self.identity(), self.statistics());
        let well = |database: &str, rest: bool| database == "writable" && rest;
        let one = identity
            .as_ref()
            .is_none_or(|it| well(it.database, it.status_list.is_some()));
        let other = statistics
            .as_ref()
            .is_none_or(|it| well(it.database, it.release_log.is_some()));
        let seen = Seen {
            ready: one && other,
            identity,
            statistics,
        };
        *last = Some((Instant::now(), seen.clone()));
        seen
    }

    async fn identity(&self) -> Option<IdentitySeen> {
        let app = self.identity.as_ref()?;
        let list = async {
            let signed = identity::cards::status::token(app).await;
            signed.ok().map(|_| app.clock.today())
        };
        let (database, list) = tokio::join!(database(&app.store), timeout(PATIENCE, list));
        Some(IdentitySeen {
            keys: "open",
            database,
            status_list: list.ok().flatten(),
        })
    }

    async fn statistics(&self) -> Option<StatisticsSeen> {
        let app = self.statistics.as_ref()?;
        let log = analytics::stored::head(&app.store, &app.log_dir);
        let (database, log) = tokio::join!(database(&app.store), timeout(PATIENCE, log));
        Some(StatisticsSeen {
            keys: "open",
            database,
            release_log: log.ok().and_then(Result::ok).map(|head| LogEnd {
                lines: head.lines,
                hash: hex::encode(&head.hash),
            }),
        })
    }
}

/// A word about a database: a write transaction begins and is committed in time, or it is away.
async fn database(store: &Store) -> &'static str {
    let try_it = async {
        let done: Result<(), DbError> =
            retrying!(*store, "try to write", &mut Random::os(), |_tx| Ok(()));
        done
    };
    match timeout(PATIENCE, try_it).await {
        Ok(Ok(())) => "writable",
        _ => "away",
    }
}

/// Both addresses.
pub(crate) fn router(health: Health) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .with_state(Arc::new(health))
}

/// Whether the process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "health",
    responses((status = 200, description = "It does.", body = Alive)),
)]
async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Whether each role of the process can serve.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses(
        (status = 200, description = "Each can.", body = Seen),
        (status = 503, description = "One cannot.", body = Seen),
    ),
)]
async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, Json<Seen>) {
    let seen = health.seen().await;
    let status = match seen.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(seen))
}
